"""What those who run the service see of storage: batches, what waits, connections, and how the logs grow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Never, Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from returns_server.application.ports import LogSizes
from returns_server.domain.errors import ReturnsError
from returns_server.storage.database import Database
from returns_server.storage.postgresql import PostgresDatabase

_log = structlog.get_logger(__name__)

MAX_TENANTS = 100
"""With more tenants than these the head of each log would be a label too many: the sum is told alone."""
_LOOK_SECONDS = 15.0
_COMMANDS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class WriterMetrics:
    """Counters of one writer: one observation a batch, whatever its size."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Takes where they are collected."""
        self._commands = Histogram(
            "returns_writer_batch_commands", "Changes that shared a transaction.", buckets=_COMMANDS, registry=registry
        )
        self._seconds = Histogram(
            "returns_writer_batch_seconds", "From taking a batch to its commit.", buckets=_SECONDS, registry=registry
        )
        self._wait = Histogram(
            "returns_writer_wait_seconds", "How long the change of a batch that waited longest had when it was taken.",
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._retries = Counter(
            "returns_writer_retries", "Transactions that were run again, by what was in the way.", ("cause",),
            registry=registry,
        )  # fmt: skip
        self._conflicts, self._outages = self._retries.labels("conflict"), self._retries.labels("unavailable")
        self._registry = registry

    def watch(self, waiting: Callable[[], int]) -> None:
        """Keep the number of changes that wait as a gauge."""
        Gauge("returns_writer_queue", "Changes that wait for the writer.", registry=self._registry).set_function(
            waiting
        )

    def took(self, commands: int, wait_seconds: float, batch_seconds: float) -> None:
        """A batch of so many commands was settled."""
        self._commands.observe(commands)
        self._wait.observe(wait_seconds)
        self._seconds.observe(batch_seconds)

    def conflicted(self) -> None:
        """A transaction met another one."""
        self._conflicts.inc()

    def cut_off(self) -> None:
        """The database could not be reached."""
        self._outages.inc()


def watch_database(registry: CollectorRegistry, database: Database, reads: Callable[[], int]) -> None:
    """Keep what a database has open, and what waits for it, as gauges."""

    def gauge(name: str, text: str, number: Callable[[], int]) -> None:
        Gauge(f"returns_database_{name}", text, registry=registry).set_function(number)

    gauge("connections", "Open connections to the database.", lambda: database.connections)
    gauge("reads", "Reads under way or waiting, without those of single rows.", reads)
    if isinstance(database, PostgresDatabase):
        gauge("pool_free", "Connections for larger reads that nobody uses.", lambda: database.pool_free)


class LogReader(Protocol):
    """Tells how large the logs are."""

    async def log_sizes(self, limit: int) -> LogSizes:
        """The sum over all tenants, and the heads of the first so many; raises what reads raise."""


class LogMetrics(Collector):
    """`returns_log_events`, `returns_log_tenants` and, while there are few tenants, `returns_log_head` of each."""

    def __init__(self, registry: CollectorRegistry, reads: LogReader) -> None:
        """Takes where they are collected, and where the heads are read."""
        self._reads = reads
        self._sizes: LogSizes | None = None
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """The heads as they were at most 15 s ago; without values before the first look."""
        events = GaugeMetricFamily("returns_log_events", "Events ever appended, over all tenants.")
        tenants = GaugeMetricFamily("returns_log_tenants", "Tenants that have a log.")
        heads = GaugeMetricFamily(
            "returns_log_head", f"The last sequence of a tenant's log, up to {MAX_TENANTS} tenants.", labels=("tenant",)
        )
        return _filled(events, tenants, heads, self._sizes)

    async def run(self) -> Never:
        """Look every 15 s, until cancelled."""
        while True:
            try:
                self._sizes = await self._reads.log_sizes(MAX_TENANTS + 1)
            except ReturnsError:
                _log.debug("the heads of the logs could not be read")
            except Exception:  # noqa: BLE001  (a bug here must not end what is looked at)
                _log.exception("the heads of the logs could not be read")
            await asyncio.sleep(_LOOK_SECONDS)


def _filled(
    events: GaugeMetricFamily, tenants: GaugeMetricFamily, heads: GaugeMetricFamily, sizes: LogSizes | None
) -> Iterator[Metric]:
    if sizes is not None:
        events.add_metric((), sizes.events)
        tenants.add_metric((), sizes.tenants)
        if sizes.tenants <= MAX_TENANTS:
            for tenant, head in sizes.heads:
                heads.add_metric((tenant,), head)
    yield from (events, tenants, heads)
