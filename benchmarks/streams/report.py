"""What was measured of streams, as tables for people and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.streams.latency import Lateness, percentile
from benchmarks.streams.measured import Streams

CATCH_TARGET = 0.3
"""Of the bare server's events a second."""
FAN_TARGET = 0.5
"""Of the bare server's messages for the same processor time."""
LATE_TARGETS = {False: (5.0, None), True: (15.0, 50.0)}
"""Milliseconds, p50 and p99, in one process and across two."""


def tables(found: Streams, names: Mapping[str, str]) -> list[str]:
    """The tables for which there are figures."""
    return [table for table in (_catches(found, names), _fans(found, names), _late(found, names)) if table]


def as_json(found: Streams) -> dict[str, Any]:
    """Every value of every round."""
    return {
        "catches": {kind: [asdict(one) | {"ratio": one.ratio} for one in all_] for kind, all_ in found.catches.items()},
        "fans": {kind: [asdict(one) | {"ratio": one.ratio} for one in all_] for kind, all_ in found.fans.items()},
        "lateness": [
            {"kind": kind, "two_servers": two, "rounds": [asdict(one) for one in rounds]}
            for (kind, two), rounds in found.lateness.items()
        ],
    }


def _catches(found: Streams, names: Mapping[str, str]) -> str:
    rows = []
    for kind, all_ in found.catches.items():
        rows.append([
            names[kind],
            f"{all_[0].product.events:,}",
            f"{_median(one.product.event_rate for one in all_):,.0f}",
            f"{_median(one.bare.event_rate for one in all_):,.0f}",
            f"{CATCH_TARGET:.2f}",
            f"{_median(one.ratio for one in all_):.2f}",
            f"{_median(one.product.events / one.product.messages for one in all_):.0f}",
            f"{_median(one.grown_bytes for one in all_) / 2**20:.0f}",
        ])  # fmt: skip
    head = ["catching up", "events", "events/s", "bare server", "wanted", "reached", "events a message", "MiB more"]
    return _table(head, rows)


def _fans(found: Streams, names: Mapping[str, str]) -> str:
    rows = []
    for kind, all_ in found.fans.items():
        rows.append([
            names[kind],
            f"{_median(one.product.event_rate for one in all_):,.0f}",
            f"{_median(one.product.events / one.product.messages for one in all_):.1f}",
            f"{_median(one.product.cpu_a_message for one in all_) * 1e6:.0f}",
            f"{_median(one.bare.cpu_a_message for one in all_) * 1e6:.0f}",
            f"{FAN_TARGET:.2f}",
            f"{_median(one.ratio for one in all_):.2f}",
        ])  # fmt: skip
    head = ["fan-out", "events/s", "events a message", "CPU µs a message", "bare server", "wanted", "reached"]
    return _table(head, rows)


def _late(found: Streams, names: Mapping[str, str]) -> str:
    rows = []
    for (kind, two), rounds in found.lateness.items():
        p50, p99 = LATE_TARGETS[two]
        wanted = f"{p50:.0f}" + (f" / {p99:.0f}" if p99 else "")
        where = f"{names[kind]}, {'two servers' if two else 'one server'}"
        rows.append([where, wanted, _both(rounds, "decided"), _both(rounds, "answered")])
    return _table(["lateness in ms, p50 / p99", "wanted", "since it was decided", "since the answer"], rows)


def _both(rounds: Sequence[Lateness], which: str) -> str:
    p50, p99 = (_median(percentile(getattr(one, which), percent) for one in rounds) * 1e3 for percent in (50, 99))
    return f"{p50:.1f} / {p99:.1f}"


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    marks = [":---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, marks, *rows])
