"""PostgreSQL: a few connections, each with its own work, everything on the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import psycopg

from returns_server.domain.ids import TenantId
from returns_server.storage.database import Point
from returns_server.storage.dialects import Query
from returns_server.storage.dialects.postgresql import PostgresDialect
from returns_server.storage.failures import TooSlow, Unavailable, mapped
from returns_server.storage.lines import line_to
from returns_server.storage.lookups import Lookups
from returns_server.storage.pipeline import Pipeline
from returns_server.storage.searches import TIMEOUT_SECONDS, Searches, TimeLimit
from returns_server.storage.session import Row, Session, WriteSession

T = TypeVar("T")

_TURN_TIMEOUT_SECONDS = 5.0
_SNAPSHOTS = 4
"""Connections for reads in transactions of their own: more than searches may take of them."""
# A batch names hundreds of keys: a custom plan for so many turns into a sequential scan. The time limits free rows
# whose holder stopped in the middle; transaction_timeout exists from PostgreSQL 17 on.
_WRITER_SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "synchronous_commit": "on",
    "lock_timeout": "1s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "10s",
}
_TRANSACTION_TIMEOUT = ("transaction_timeout", "30s", 170_000)
_READER_SETTINGS = {"default_transaction_read_only": "on", "statement_timeout": "10s"}
_LIGHT_SETTINGS = {**_READER_SETTINGS, "plan_cache_mode": "force_generic_plan"}
_SNAPSHOT = Query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
_PLANS_HOLD_SECONDS = 5.0
"""A plan that was made while a table was empty reads all of it, and is kept until the table is analysed: by itself a
minute later, or never. One that is made anew knows how large the table is now.
"""
_FORGET_PLANS = Query("DISCARD PLANS")
_BEGIN, _COMMIT, _ROLLBACK = Query("BEGIN"), Query("COMMIT"), Query("ROLLBACK")


class PostgresSession:
    """A session over a pipeline; BEGIN and COMMIT travel with the first and last statements."""

    def __init__(self, pipeline: Pipeline, dialect: PostgresDialect, *, one_snapshot: bool = True) -> None:
        """Takes the pipeline, and whether its statements are within a transaction of one snapshot."""
        self.dialect = dialect
        self.one_snapshot = one_snapshot
        self._pipeline = pipeline
        self._waiting: list[Query] = []

    async def fetch(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows that the statement answers."""
        return (await self.run([Query(statement, parameters)]))[0]

    async def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run the statement; how many rows it changed."""
        [(changed,)] = await self.fetch(statement, parameters)
        return int(changed)

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        """The rows of each query, all sent together."""
        sent, self._waiting = [*self._waiting, *queries], []
        if not sent:
            return []
        return (await self._pipeline.run(sent))[len(sent) - len(queries) :]

    def later(self, query: Query) -> None:
        """Send a write along with the next `run`, or with the commit."""
        self._waiting.append(query)


class _SearchSession(PostgresSession):
    """A session within a transaction whose statements must end together in time."""

    def __init__(self, pipeline: Pipeline, dialect: PostgresDialect, limit: TimeLimit) -> None:
        super().__init__(pipeline, dialect)
        self._limit = limit

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        """The rows of each query; each may take what is left."""
        self._limit.check()
        milliseconds = str(max(1, round(self._limit.seconds_left * 1_000)))
        self.later(Query("SELECT set_config('statement_timeout', %(left)s, true)", {"left": milliseconds}))
        try:
            return await super().run(queries)
        except psycopg.errors.QueryCanceled as error:
            raise TooSlow("statement_timeout") from error


class PostgresDatabase:
    """A PostgreSQL database of this and perhaps other processes."""

    lanes = 2
    embedded = False

    def __init__(self, url: str, *, search_seconds: float = TIMEOUT_SECONDS) -> None:
        """Takes a libpq URL; nothing is opened before `open`."""
        self.dialect = PostgresDialect()
        self._searches = Searches(search_seconds)
        # One more than the writer has: the last is for what works beside it (webhooks).
        self._writers = [_Link(url, _WRITER_SETTINGS) for _ in range(self.lanes + 1)]
        self._points = _Link(url, _LIGHT_SETTINGS)
        self._light = _Link(url, _LIGHT_SETTINGS)
        self._snapshots = [_Link(url, _READER_SETTINGS) for _ in range(_SNAPSHOTS)]
        self._free: asyncio.LifoQueue[_Link] = asyncio.LifoQueue()
        for link in self._snapshots:
            self._free.put_nowait(link)
        self._lookups: dict[Point, Lookups[Row, Row]] = {}

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return sum(link.is_open for link in (*self._writers, self._points, self._light, *self._snapshots))

    @property
    def pool_free(self) -> int:
        """How many more reads with a snapshot could begin at once."""
        return self._free.qsize()

    async def open(self) -> None:
        """Connect; raises Unavailable where that fails."""
        with mapped():
            await self._writers[0].connected()

    async def find(self, point: Point, key: Row) -> Row | None:
        """The row under a key; those who ask together share a query."""
        lookups = self._lookups.get(point)
        if lookups is None:
            lookups = self._lookups[point] = Lookups(partial(self._find_all, point))
        return await lookups.find(key)

    async def _find_all(self, point: Point, keys: Sequence[Row]) -> dict[Row, Row]:
        query = self.dialect.select(point.table, point.keys, (*point.keys, *point.columns))(keys)
        [rows] = await self._asked(self._points, lambda pipeline: pipeline.run([query]))
        width = len(point.keys)
        return {row[:width]: row[width:] for row in rows}

    async def read(
        self,
        query: Callable[[Session], Awaitable[T]],
        *,
        heavy: bool = False,
        search: TenantId | None = None,
        once: bool = False,
    ) -> T:
        """A light query on a connection that all such share; others in a transaction with one snapshot.

        One statement has a snapshot anyway.
        """
        if search is not None:
            async with self._searches.turn(search) as limit:
                return await self._read(query, limit)
        if heavy:
            return await self._read(query)
        if once:
            async with self._one_of_several() as link:
                return await self._asked(
                    link, lambda pipeline: query(PostgresSession(pipeline, self.dialect, one_snapshot=False))
                )
        return await self._asked(
            self._light, lambda pipeline: query(PostgresSession(pipeline, self.dialect, one_snapshot=False))
        )

    async def _asked(self, link: _Link, ask: Callable[[Pipeline], Awaitable[T]]) -> T:
        """What is answered; a connection that turns out to be broken is renewed, and asked once more."""
        try:
            with mapped():
                return await ask(await link.connected())
        except Unavailable:
            with mapped():
                return await ask(await link.connected())

    async def _read(self, query: Callable[[Session], Awaitable[T]], limit: TimeLimit | None = None) -> T:
        async with self._one_of_several() as link:
            return await self._asked(link, lambda pipeline: self._in_snapshot(pipeline, query, limit))

    @asynccontextmanager
    async def _one_of_several(self) -> AsyncIterator[_Link]:
        """A connection to have to oneself."""
        try:
            async with asyncio.timeout(_TURN_TIMEOUT_SECONDS):
                link = await self._free.get()
        except TimeoutError as error:
            raise Unavailable("no connection within the time limit") from error
        try:
            yield link
        finally:
            self._free.put_nowait(link)

    async def _in_snapshot(
        self, pipeline: Pipeline, query: Callable[[Session], Awaitable[T]], limit: TimeLimit | None
    ) -> T:
        session = PostgresSession(pipeline, self.dialect)
        if limit is not None:
            session = _SearchSession(pipeline, self.dialect, limit)
        session.later(_SNAPSHOT)
        async with _ended(pipeline):
            return await query(session)

    async def write(self, job: Callable[[WriteSession], Awaitable[T]], *, lane: int = 0) -> T:
        """The job in a transaction on the lane's own connection; one at a time in each lane."""
        link = self._writers[lane]
        async with link.turn:
            with mapped():
                pipeline = await link.connected()
                session = PostgresSession(pipeline, self.dialect)
                session.later(_BEGIN)
                async with _ended(pipeline):
                    result = await job(session)
                    await session.run([_COMMIT])
                    return result

    async def close(self) -> None:
        """Let go of all connections."""
        for link in (*self._writers, self._points, self._light, *self._snapshots):
            await link.close()


@asynccontextmanager
async def _ended(pipeline: Pipeline) -> AsyncIterator[None]:
    """Leave no transaction open, and no statement running that nobody waits for."""
    try:
        yield
    except asyncio.CancelledError:
        with suppress(psycopg.Error):
            await pipeline.interrupt()
        raise
    finally:
        if pipeline.usable and (pipeline.busy or pipeline.in_transaction):
            with suppress(psycopg.Error):
                await pipeline.run([_ROLLBACK])


class _Link:
    """A connection that is kept, and renewed after it broke."""

    def __init__(self, url: str, settings: Mapping[str, str]) -> None:
        self.turn = asyncio.Lock()
        """For those who must have the connection to themselves."""
        self._url = url
        self._settings = settings
        self._pipeline: Pipeline | None = None
        self._connecting = asyncio.Lock()
        self._plans_until = 0.0

    @property
    def is_open(self) -> bool:
        return self._pipeline is not None and self._pipeline.usable

    async def connected(self) -> Pipeline:
        pipeline = self._pipeline
        if pipeline is None or not pipeline.usable:
            pipeline = await self._renewed()
        if time.monotonic() >= self._plans_until:
            self._plans_until = time.monotonic() + _PLANS_HOLD_SECONDS
            await pipeline.run([_FORGET_PLANS])
        return pipeline

    async def _renewed(self) -> Pipeline:
        async with self._connecting:
            if self._pipeline is None or not self._pipeline.usable:
                await self._let_go()
                self._pipeline = await self._connect()
            return self._pipeline

    async def _connect(self) -> Pipeline:
        connection = await psycopg.AsyncConnection[Row].connect(line_to(self._url), autocommit=True)
        try:
            await _set(connection, self._settings)
            return Pipeline(connection)
        except BaseException:  # also where the caller goes away meanwhile
            await connection.close()
            raise

    async def close(self) -> None:
        async with self.turn, self._connecting:
            await self._let_go()

    async def _let_go(self) -> None:
        if self._pipeline is not None:
            await self._pipeline.close()
            self._pipeline = None


async def _set(connection: psycopg.AsyncConnection[Row], settings: Mapping[str, str]) -> None:
    name, value, since = _TRANSACTION_TIMEOUT
    known = {**settings, name: value} if connection.info.server_version >= since else settings
    for setting, to in known.items():
        await connection.execute("SELECT set_config(%s, %s, false)", (setting, to))
