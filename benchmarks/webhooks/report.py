"""What was measured of webhooks, as tables for people and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.webhooks.measured import Hooks

DRAIN_TARGET = 0.4
"""Of what the same HTTP client posts with nothing behind it."""
SOON_TARGET = 50.0
"""Milliseconds from an event to its first attempt, p50."""


def tables(found: Hooks, names: Mapping[str, str]) -> list[str]:
    """The tables for which there are figures."""
    return [table for table in (_drains(found, names), _soon(found, names)) if table]


def as_json(found: Hooks) -> dict[str, Any]:
    """Every value of every round."""
    drains = {
        kind: [asdict(one) | {"ratio": one.ratio, "cpu_ratio": one.cpu_ratio} for one in all_]
        for kind, all_ in found.drains.items()
    }
    return {"drains": drains, "first_attempt_ms": found.first_attempts}


def _drains(found: Hooks, names: Mapping[str, str]) -> str:
    rows = []
    for kind, all_ in found.drains.items():
        rows.append([
            names[kind],
            f"{all_[0].deliveries:,}",
            f"{_median(one.rate for one in all_):,.0f}",
            f"{_median(one.slowest for one in all_):,.0f} to {_median(one.fastest for one in all_):,.0f}",
            f"{_median(one.bare_rate for one in all_):,.0f}",
            f"{DRAIN_TARGET:.2f}",
            f"{_median(one.ratio for one in all_):.2f}",
            f"{_median(one.cpu for one in all_) * 1e6:.0f}",
            f"{_median(one.bare_cpu for one in all_) * 1e6:.0f}",
            f"{_median(one.cpu_ratio for one in all_):.2f}",
            f"{_median(one.postgresql_cpu for one in all_) * 1e6:.0f}",
            f"{_median(one.grown_bytes for one in all_) / 2**20:.0f}",
        ])  # fmt: skip
    head = ["webhooks, a backlog", "deliveries", "a second", "tenths", "bare client", "wanted", "reached"]
    head += ["bridge CPU µs", "bare CPU µs", "by CPU", "PostgreSQL CPU µs", "MiB more"]
    return _table(head, rows)


def _soon(found: Hooks, names: Mapping[str, str]) -> str:
    rows = [[names[kind], f"{_median(all_):.1f}", f"{SOON_TARGET:.0f}"] for kind, all_ in found.first_attempts.items()]
    return _table(["webhooks, event to first attempt", "p50 ms", "wanted below"], rows)


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    marks = [":---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, marks, *rows])
