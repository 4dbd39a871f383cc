"""The databases' own limits, measured on copies of the seeds, round by round."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.counting import count, grown
from benchmarks.databases import POSTGRESQL, SQLITE, Databases
from benchmarks.limits.pgbench import pgbench
from benchmarks.limits.pgbench_script import script
from benchmarks.machine import Pinning, on_core, pin
from benchmarks.seed.shop import LINES, order_count
from returns_server.config import DATABASE_FILE

_GROUP = 32


class Way(NamedTuple):
    """How returns are put into a database without the service."""

    kind: str
    says: str
    callers: int
    batch: int
    gapless: bool


WAYS = (
    Way(SQLITE, "sqlite3, one transaction a return", 1, 1, True),
    Way(SQLITE, f"sqlite3, {_GROUP} returns a transaction", 1, _GROUP, True),
    Way(POSTGRESQL, "pgbench, one client", 1, 1, True),
    Way(POSTGRESQL, "pgbench, 32 clients", 32, 1, True),
    Way(POSTGRESQL, "pgbench, 32 clients, events not numbered without gaps", 32, 1, False),
)


class Limit(NamedTuple):
    """Returns a second, and the latency of a transaction in microseconds."""

    rate: float
    p50: float
    p99: float


class Limits:
    """Copies of the seeds of so many returns, and what was put into them so far."""

    def __init__(
        self, databases: Databases, kinds: Sequence[str], returns: int, scratch: Path, pinning: Pinning
    ) -> None:
        self._databases = databases
        self._returns = returns
        self._scratch = scratch
        self._pinning = pinning
        self._copies = {kind: databases.copy(kind, returns) for kind in kinds}
        self._added = dict.fromkeys(kinds, 0)

    def measure(self, way: Way, seconds: float) -> Limit:
        """One measurement; raises AssertionError unless the rows are there afterwards."""
        if way.kind == SQLITE and 2 * self._added[SQLITE] > order_count(self._returns):
            # Without the service each order is returned from once. Small seeds run out of them.
            self._copies[SQLITE], self._added[SQLITE] = self._databases.copy(SQLITE, self._returns), 0
        database = self._copies[way.kind]
        before = count(database)
        limit, done = self._sqlite(way, seconds) if isinstance(database, Path) else self._postgres(way, seconds)
        self._added[way.kind] += done
        after = count(database)
        if way.gapless:
            assert grown(before, after, done, LINES), f"{done} transactions; {before} became {after}"
        return limit

    def _sqlite(self, way: Way, seconds: float) -> tuple[Limit, int]:
        file = Path(self._copies[SQLITE]) / DATABASE_FILE
        arguments = (str(file), self._returns, self._added[SQLITE], seconds, way.batch)
        command = [sys.executable, "-m", "benchmarks.limits.raw_sqlite", *map(str, arguments)]
        with on_core(self._pinning.server):
            ended = subprocess.run(command, capture_output=True, text=True, check=True)
        report = json.loads(ended.stdout)
        return Limit(report["rate"], report["p50_micros"], report["p99_micros"]), report["returns"]

    def _postgres(self, way: Way, seconds: float) -> tuple[Limit, int]:
        server = self._databases.server
        assert server is not None
        assert server.pid is not None
        text = script(self._returns, gapless=way.gapless)
        program, url = self._databases.program("pgbench"), str(self._copies[POSTGRESQL])
        # Alone on the machine, it need not share a core with its clients.
        pin(server.pid, None)
        reached = pgbench(program, url, text, self._scratch, way.callers, seconds, self._added[POSTGRESQL])
        pin(server.pid, self._pinning.load)
        return Limit(reached.rate, reached.p50, reached.p99), reached.transactions
