"""The one writer of a process: what waits is committed together, in the order in which it came.

A second lane (on PostgreSQL) takes the commands whose rows another process holds, so that a hot or frozen order stops
nobody else.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable

import structlog

from returns_server.application.books import Fed, Happened
from returns_server.application.commands import Command
from returns_server.application.commands.orders import FeedOrder
from returns_server.application.commands.returns import CreateReturn
from returns_server.application.ports import Answer
from returns_server.domain.errors import Conflict, Draining, Overloaded, ReturnsError, StorageUnavailable
from returns_server.domain.ids import Micros, TenantId
from returns_server.storage.admission import Pace, has_room
from returns_server.storage.database import Database
from returns_server.storage.failures import Conflicting, Unavailable
from returns_server.storage.lanes import Bounds, Lane, Waiting
from returns_server.storage.metrics import WriterMetrics
from returns_server.storage.numbers import NumberBlocks
from returns_server.storage.transaction import Settled, Transaction
from returns_server.telemetry.spans import Attributes, Traces

_log = structlog.get_logger(__name__)

_CONFLICT_ATTEMPTS = 6
_CONFLICT_PAUSE_SECONDS = 0.01
_UNAVAILABLE_ATTEMPTS = 5
_UNAVAILABLE_PAUSE_SECONDS = 0.1
_FEED_ROWS_IN_FLIGHT = 8_000


class Writer:
    """Commits commands; see the port `Writes`."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], Micros],
        new_event_id: Callable[[], bytes],
        bounds: Bounds,
        on_commit: Callable[[frozenset[TenantId]], None],
        metrics: WriterMetrics | None = None,
        traces: Traces | None = None,
    ) -> None:
        """Takes the database and what else a change needs; `on_commit` hears whose logs grew."""
        self._database = database
        self._clock = clock
        self._new_event_id = new_event_id
        self._bounds = bounds
        self._on_commit = on_commit
        self._metrics = metrics
        self._traces = traces
        self._numbers = NumberBlocks(database)
        self._lanes = [Lane(number, bounds, gathers=database.embedded) for number in range(database.lanes)]
        self._tasks: list[asyncio.Task[None]] = []
        self._pace = Pace()
        self._latest = Micros(0)
        self._draining = False
        self._feed_rows = 0
        self._feed_room = asyncio.Condition()
        if metrics is not None:
            metrics.watch(lambda: sum(len(lane.calls) + len(lane.feed) for lane in self._lanes))

    def start(self) -> None:
        """Begin to commit."""
        self._tasks = [asyncio.create_task(self._serve(lane), name=f"writer-{lane.number}") for lane in self._lanes]

    async def drain(self) -> None:
        """Refuse what comes, commit what waits, stop."""
        self._draining = True
        for lane in self._lanes:
            await lane.idle.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def submit(self, command: Command) -> Answer:
        """Commit the command durably, perhaps together with others, and answer it."""
        if self._draining:
            raise Draining
        bounds, queues = self._bounds, [lane.calls for lane in self._lanes]
        waiting = sum(map(len, queues))
        if waiting >= min(bounds.max_batch, bounds.max_queue // 2):  # else there is room for all, and no wait
            wait = self._pace.wait_seconds(queues[0].ahead_of(command.tenant), bounds.max_batch)
            mine = sum(queue.of(command.tenant) for queue in queues)
            if wait > bounds.max_wait_seconds or not has_room(mine, waiting, bounds.max_queue):
                raise Overloaded
        return await self._put(command)

    async def feed(self, command: FeedOrder) -> Fed:
        """Commit one order of an import, waiting while much of imports is under way."""
        weight = command.needs.weight
        async with self._feed_room:
            await self._feed_room.wait_for(
                lambda: self._feed_rows == 0 or self._feed_rows + weight <= _FEED_ROWS_IN_FLIGHT
            )
            self._feed_rows += weight
        try:
            if self._draining:
                raise Draining
            fed = await self._put(command)
        finally:
            async with self._feed_room:
                self._feed_rows -= weight
                self._feed_room.notify_all()
        assert isinstance(fed, Fed)  # noqa: S101  (what FeedOrder decides)
        return fed

    async def _put(self, command: Command) -> Answer:
        waiting = Waiting(command, asyncio.get_running_loop().create_future(), time.monotonic())
        self._lanes[0].put(waiting)
        outcome = await waiting.answer
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def _serve(self, lane: Lane) -> None:
        while True:
            batch = await lane.batch()
            began = time.monotonic()
            await self._commit(batch, lane)
            took = time.monotonic() - began
            lane.took(took)
            if lane is self._lanes[0]:
                self._pace.took(took)
            if self._metrics is not None:
                self._metrics.took(len(batch), began - min(waiting.since for waiting in batch), took)
            if self._traces is not None:
                _trace_batch(self._traces, batch, took, began)

    async def _commit(self, batch: list[Waiting], lane: Lane) -> None:
        """Settle every command of a batch, whatever happens; one that breaks it is found by halving."""
        try:
            settled = await self._attempt([waiting.command for waiting in batch], lane)
        except ReturnsError as error:
            for waiting in batch:
                waiting.settle(error)
        except Exception as error:  # noqa: BLE001  (a bug in one command must not leave the others unanswered)
            await self._find_culprit(batch, lane, error)
        else:
            self._settle(batch, settled)

    async def _find_culprit(self, batch: list[Waiting], lane: Lane, error: Exception) -> None:
        if len(batch) == 1:
            batch[0].settle(error)
            return
        middle = len(batch) // 2
        await self._commit(batch[:middle], lane)
        await self._commit(batch[middle:], lane)

    def _settle(self, batch: Iterable[Waiting], settled: Settled) -> None:
        for waiting, outcome in zip(batch, settled.outcomes, strict=True):
            if outcome is None:
                self._lanes[-1].put(waiting)
            else:
                waiting.settle(outcome)
        if settled.tenants:
            self._on_commit(settled.tenants)
        if self._traces is not None:
            for tenant, happened in settled.happened:
                _trace_event(self._traces, tenant, happened)

    async def _attempt(self, commands: list[Command], lane: Lane) -> Settled:
        """Run the batch as one transaction, again after a conflict or a lost connection: same commands, same ids."""
        transaction = self._transaction(commands, lane)
        conflicts = outages = 0
        while True:
            try:
                transaction.numbers = await self._numbers.take(_numbers_wanted(commands))
                return await self._database.write(transaction, lane=lane.number)
            except Conflicting as error:
                conflicts += 1
                if self._metrics is not None:
                    self._metrics.conflicted()
                if conflicts >= _CONFLICT_ATTEMPTS:
                    raise Conflict from error
                pause = _CONFLICT_PAUSE_SECONDS * conflicts
            except Unavailable as error:
                outages += 1
                if self._metrics is not None:
                    self._metrics.cut_off()
                _log.warning("database unavailable", attempt=outages, cause=str(error))
                if outages >= _UNAVAILABLE_ATTEMPTS:
                    raise StorageUnavailable from error
                pause = _UNAVAILABLE_PAUSE_SECONDS * 2**outages
            transaction.again = True
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  (jitter)

    def _transaction(self, commands: list[Command], lane: Lane) -> Transaction:
        self._latest = max(self._latest, self._clock())
        expire = Micros(self._latest + self._bounds.answers_kept)
        transaction = Transaction(commands, self._latest, self._new_event_id, expire)
        transaction.skip_held = lane.number + 1 < len(self._lanes)
        transaction.tell = self._traces is not None
        return transaction


def _trace_batch(traces: Traces, batch: Iterable[Waiting], took: float, began: float) -> None:
    """A span for each change of a batch that is traced: the whole batch, for all of it had to be committed."""
    batch = list(batch)
    for waiting in batch:
        request = waiting.command.request
        if request is not None and request.trace_parent:
            found: Attributes = {
                "returns.batch.commands": len(batch),
                "returns.batch.wait_seconds": began - waiting.since,
            }
            traces.record("database batch", "internal", request.trace_parent, (took, 0.0), found)


def _trace_event(traces: Traces, tenant: TenantId, happened: Happened) -> None:
    event = happened.event
    found: Attributes = {
        "returns.tenant": tenant,
        "returns.event_type": event.type.type_name,
        "returns.return_id": event.snapshot.return_id,
        "returns.return_version": event.version,
    }
    traces.record(f"event {event.type.type_name}", "producer", happened.trace_parent, (0.0, 0.0), found)


def _numbers_wanted(commands: Iterable[Command]) -> dict[TenantId, int]:
    """How many numbers each tenant that may get events needs; one whose commands are only tried needs no log head."""
    wanted: dict[TenantId, int] = {}
    for command in commands:
        tried = command.request is not None and command.request.validate_only
        if not isinstance(command, FeedOrder) and not tried:
            wanted[command.tenant] = wanted.get(command.tenant, 0) + isinstance(command, CreateReturn)
    return wanted
