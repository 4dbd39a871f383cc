"""What a run measures, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.generator import Timing
from benchmarks.webhooks.measured import Backlog

ECHO, GET, LIST, CREATE, LIMITS, STARTS = "echo", "get", "list", "create", "limits", "starts"
STREAMS, WEBHOOKS, WORKERS = "streams", "webhooks", "workers"
PAGES = "pages"
"""Lists of which no page is asked for again while it is remembered; a part of `list`."""
PARTS = (GET, LIST, CREATE, LIMITS, STARTS, STREAMS, WEBHOOKS, WORKERS)
KINDS = (SQLITE, POSTGRESQL)
_MOST_CONNECTIONS = 4
# Each connection stays with the worker that the kernel chose for it: with few, one worker may get nearly all.
_MOST_CONNECTIONS_TO_WORKERS = 16
_TIMING = Timing(warm_seconds=2, measure_seconds=5)


class Case(NamedTuple):
    """A method under load: of the echo server (no database, 0 returns), or of the product over so many returns.

    `workers` is 0 but where numbers of workers are compared: those servers may use all cores.
    """

    method: str
    kind: str
    returns: int
    callers: int
    workers: int = 0

    @property
    def connections(self) -> int:
        """What the callers share: a caller alone has its own, many come from a few client processes."""
        return min(self.callers, _MOST_CONNECTIONS_TO_WORKERS if self.workers else _MOST_CONNECTIONS)


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: calls over `returns` that are stored from the start, and over `few_returns`, which fit any memory."""

    parts: Sequence[str] = PARTS
    kinds: Sequence[str] = KINDS
    callers: Sequence[int] = (1, 32)
    returns: int = 1_000_000
    few_returns: int = 10_000
    workers: Sequence[int] = (1, 2)
    rounds: int = 3
    timing: Timing = _TIMING
    subscribers: int = 100
    late_changes: int = 500
    deliveries: int = 100_000
    hooked_changes: int = 200

    @property
    def sizes(self) -> list[int]:
        """How large the databases are over which servers are up throughout."""
        compared = not {GET, LIST, CREATE}.isdisjoint(self.parts)
        return sorted({self.returns, self.few_returns} if compared else {self.returns})

    @property
    def seeds(self) -> list[int]:
        """How large the databases are that the run needs."""
        return sorted({*self.sizes, self.backlog.returns} if WEBHOOKS in self.parts else self.sizes)

    @property
    def backlog(self) -> Backlog:
        """What is measured of webhooks."""
        return Backlog(self.deliveries, self.hooked_changes)

    def cases(self) -> Iterator[Case]:
        """One round: for each number of callers first the echo, then all that is compared with it."""
        for callers in self.callers:
            yield Case(ECHO, "", 0, callers)
            for method in (GET, LIST, PAGES, CREATE):
                if (LIST if method == PAGES else method) not in self.parts:
                    continue
                for kind in self.kinds:
                    for size in self.sizes:
                        yield Case(method, kind, size, callers)

    def worker_cases(self) -> Iterator[Case]:
        """One round of the comparison of numbers of workers, at the most callers."""
        for method in (GET, CREATE):
            for workers in self.workers:
                yield Case(method, POSTGRESQL, self.returns, max(self.callers), workers)


QUICK = Plan(
    callers=(1, 8),
    returns=2_000,
    few_returns=500,
    rounds=1,
    timing=Timing(0.3, 0.7),
    subscribers=10,
    late_changes=40,
    deliveries=1_000,
    hooked_changes=10,
)
"""Shows in less than two minutes that all parts work; its figures mean nothing."""
