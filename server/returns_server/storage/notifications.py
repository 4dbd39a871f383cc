"""Word of grown logs between the servers that share a PostgreSQL: NOTIFY as a hint, with a look at the heads behind it.

Nothing here is part of a business transaction: NOTIFY takes a lock of the whole database until its commit is done.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psycopg
import structlog

from returns_server.domain.ids import TenantId
from returns_server.ending import ended
from returns_server.events.wakeup import WakeUp
from returns_server.storage.dialects import Query
from returns_server.storage.lines import line_to
from returns_server.storage.pipeline import Pipeline

_log = structlog.get_logger(__name__)

CHANNEL = "returns_log"
LOOK_SECONDS = 0.5
"""How late a follower learns at worst what no notification told."""
_PAUSE_SECONDS = 0.002
_MAX_PAYLOAD_BYTES = 7_000
_RECONNECT_SECONDS = (0.1, 5.0)
_NOTIFY = "SELECT pg_notify(%(channel)s, %(payload)s)"
_HEADS = "SELECT tenant, last_sequence FROM event_heads WHERE tenant = ANY(%(tenants)s)"

Tell = Callable[[frozenset[TenantId]], None]
"""Says, after a commit, whose logs grew; never waits."""


@asynccontextmanager
async def telling(target: str | Path, wake_up: WakeUp) -> AsyncIterator[Tell]:
    """What the writer calls after each commit: it wakes this process and, on a PostgreSQL, those that share it."""
    if isinstance(target, Path):
        # No other process writes to a SQLite file.
        yield wake_up.ring
        return
    notifications = Notifications(target, wake_up)
    running = asyncio.create_task(notifications.run(), name="notifications")
    try:
        yield notifications.tell
    finally:
        await ended(running)


class Notifications:
    """One connection that listens, and one that tells and looks; both are renewed when they break."""

    def __init__(self, url: str, wake_up: WakeUp) -> None:
        """Takes a libpq URL, and whom to wake."""
        self._url = url
        self._wake_up = wake_up
        self._self = secrets.token_hex(8)
        self._untold: set[TenantId] = set()
        self._something = asyncio.Event()
        self._seen: dict[str, int] = {}

    def tell(self, tenants: frozenset[TenantId]) -> None:
        """Wake who follows these logs here; the other servers hear of it a moment later."""
        self._wake_up.ring(tenants)
        self._untold |= tenants
        self._something.set()

    async def run(self) -> None:
        """Carry word both ways until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._connected(self._listen), name="notifications-listen")
            tasks.create_task(self._connected(self._speak), name="notifications-speak")

    async def _connected(self, work: Callable[[psycopg.AsyncConnection], Awaitable[None]]) -> None:
        """Do the work for ever, over a new connection whenever one breaks."""
        shortest, longest = _RECONNECT_SECONDS
        pause = shortest
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                connection = await psycopg.AsyncConnection.connect(line_to(self._url), autocommit=True)
                async with connection:
                    await work(connection)
            except Exception as error:  # noqa: BLE001  (hints must go on, whatever became of one connection)
                _log.warning("notifications interrupted", work=work.__name__, cause=type(error).__name__)
            if loop.time() - began > longest:
                pause = shortest
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  (jitter)
            pause = min(pause * 2, longest)

    async def _listen(self, connection: psycopg.AsyncConnection) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        # What was said while nobody listened here was not heard.
        self._wake_up.ring_all()
        async for notification in connection.notifies():
            speaker, *tenants = notification.payload.split()
            if speaker != self._self:
                self._wake_up.ring(TenantId(tenant) for tenant in tenants)

    async def _speak(self, connection: psycopg.AsyncConnection) -> None:
        # A notification need not survive a crash, so that its commit need not wait for the disk.
        await connection.execute("SET synchronous_commit = off")
        # Word follows every commit: through a cursor each would cost ten times as much.
        pipeline = Pipeline(connection)
        try:
            await self._tell_and_look(pipeline)
        finally:
            await pipeline.close()

    async def _tell_and_look(self, pipeline: Pipeline) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(look_at):
                    await self._something.wait()
            if self._something.is_set():
                self._something.clear()
                untold, self._untold = self._untold, set()
                await pipeline.run(
                    [
                        Query(_NOTIFY, {"channel": CHANNEL, "payload": payload})
                        for payload in _payloads(self._self, untold)
                    ]
                )
                # What grows meanwhile shares the next notification.
                await asyncio.sleep(_PAUSE_SECONDS)
            if loop.time() >= look_at:
                await self._look(pipeline)
                look_at = loop.time() + LOOK_SECONDS

    async def _look(self, pipeline: Pipeline) -> None:
        """Ring for the followed logs that grew, whoever did or did not say so."""
        followed = self._wake_up.listened
        if not followed:
            self._seen.clear()
            return
        [rows] = await pipeline.run([Query(_HEADS, {"tenants": sorted(followed)})])
        heads: dict[str, int] = dict(rows)
        self._wake_up.ring(TenantId(name) for name, head in heads.items() if self._seen.get(name) != head)
        self._seen = heads


def _payloads(speaker: str, tenants: Iterable[TenantId]) -> Iterator[str]:
    """The names of all tenants, in as many texts as it takes."""
    payload = speaker
    for tenant in sorted(tenants):
        if len(payload) + 1 + len(tenant) > _MAX_PAYLOAD_BYTES:
            yield payload
            payload = speaker
        payload += f" {tenant}"
    yield payload
