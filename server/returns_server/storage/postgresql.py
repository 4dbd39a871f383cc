"""PostgreSQL: a writing connection a lane, a pool for reads, everything on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from returns_server.storage.dialects import Query
from returns_server.storage.dialects.postgresql import PostgresDialect
from returns_server.storage.failures import TooSlow, Unavailable, mapped
from returns_server.storage.searches import TIMEOUT_SECONDS, Searches, TimeLimit
from returns_server.storage.session import Row, Session, WriteSession

T = TypeVar("T")
Connection = psycopg.AsyncConnection[Row]

_CONNECT_TIMEOUT_SECONDS = 5
_POOL_TIMEOUT_SECONDS = 5.0
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


class PostgresSession:
    """A session over a connection in autocommit mode; BEGIN and COMMIT travel with the first and last statements."""

    def __init__(self, connection: Connection, dialect: PostgresDialect) -> None:
        """Takes the connection."""
        self.dialect = dialect
        self._connection = connection
        self._waiting: list[Query] = []

    async def fetch(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows that the statement answers."""
        return (await self.run([Query(statement, parameters)]))[0]

    async def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run the statement; how many rows it changed."""
        await self.run([])
        return (await self._connection.execute(statement.encode(), parameters)).rowcount

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        """The rows of each query, all sent together."""
        sent, self._waiting = [*self._waiting, *queries], []
        skipped = len(sent) - len(queries)
        if len(sent) == 1:
            cursors = [await self._execute(sent[0])]
            return [await _rows(cursor) for cursor in cursors[skipped:]]
        if not sent:
            return []
        async with self._connection.pipeline():
            cursors = [await self._execute(query) for query in sent]
        return [await _rows(cursor) for cursor in cursors[skipped:]]

    async def _execute(self, query: Query) -> psycopg.AsyncCursor[Row]:
        # Binary: as text a document would travel in hexadecimal digits.
        return await self._connection.execute(query.statement.encode(), query.parameters, binary=True)

    def later(self, query: Query) -> None:
        """Send a write along with the next `run`, or with the commit."""
        self._waiting.append(query)


class _SearchSession(PostgresSession):
    """A session within a transaction whose statements must end together in time."""

    def __init__(self, connection: Connection, dialect: PostgresDialect, limit: TimeLimit) -> None:
        super().__init__(connection, dialect)
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


async def _rows(cursor: psycopg.AsyncCursor[Row]) -> list[Row]:
    return await cursor.fetchall() if cursor.description is not None else []


class PostgresDatabase:
    """A PostgreSQL database of this and perhaps other processes."""

    lanes = 2
    shares_reads = True

    def __init__(self, url: str, *, pool_size: int = 4, search_seconds: float = TIMEOUT_SECONDS) -> None:
        """Takes a libpq URL; nothing is opened before `open`. The pool is larger than what searches may take of it."""
        self._searches = Searches(search_seconds)
        self.dialect = PostgresDialect()
        self._url = url
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=pool_size,
            timeout=_POOL_TIMEOUT_SECONDS,
            kwargs={"autocommit": True, "connect_timeout": _CONNECT_TIMEOUT_SECONDS, "prepare_threshold": 2},
            configure=_configure_reader,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )
        # One more than the writer has: the last is for what works beside it (webhooks).
        self._lanes = [_Lane(url, self.dialect, _WRITER_SETTINGS) for _ in range(self.lanes + 1)]
        self._light = _Lane(url, self.dialect, _LIGHT_SETTINGS)

    async def open(self) -> None:
        """Connect; raises Unavailable where that fails."""
        with mapped():
            await self._pool.open()
        await self._lanes[0].connect()

    async def read(self, query: Callable[[Session], Awaitable[T]], *, heavy: bool = False, search: bool = False) -> T:
        """A light query on a connection kept for such; others in a transaction with one snapshot for all statements."""
        if search:
            async with self._searches.turn() as limit:
                return await self._read(query, limit)
        return await (self._read(query) if heavy else self._light.read(query))

    async def _read(self, query: Callable[[Session], Awaitable[T]], limit: TimeLimit | None = None) -> T:
        with mapped():
            try:
                async with self._pool.connection() as connection:
                    session = PostgresSession(connection, self.dialect)
                    if limit is not None:
                        session = _SearchSession(connection, self.dialect, limit)
                    session.later(Query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                    try:
                        return await query(session)
                    finally:
                        await connection.execute("ROLLBACK")
            except PoolTimeout as error:
                raise Unavailable("no connection within the time limit") from error

    async def write(self, job: Callable[[WriteSession], Awaitable[T]], *, lane: int = 0) -> T:
        """The job in a transaction on the lane's own connection; one at a time in each lane."""
        return await self._lanes[lane].write(job)

    async def close(self) -> None:
        """Let go of all connections."""
        for lane in (*self._lanes, self._light):
            await lane.close()
        await self._pool.close()


class _Lane:
    """One connection that is kept and renewed after it broke; one at a time uses it."""

    def __init__(self, url: str, dialect: PostgresDialect, settings: Mapping[str, str]) -> None:
        self._url = url
        self._dialect = dialect
        self._settings = settings
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def connect(self) -> Connection:
        if self._connection is None or self._connection.closed:
            with mapped():
                self._connection = await psycopg.AsyncConnection[Row].connect(
                    self._url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_SECONDS, prepare_threshold=1
                )
                await _set(self._connection, self._settings)
                name, value, since = _TRANSACTION_TIMEOUT
                if self._connection.info.server_version >= since:
                    await _set(self._connection, {name: value})
        return self._connection

    async def read(self, query: Callable[[Session], Awaitable[T]]) -> T:
        """What the query answers; a connection that turns out to be broken is renewed, and asked once more."""
        async with self._turn:
            try:
                return await self._read(query)
            except Unavailable:
                return await self._read(query)

    async def _read(self, query: Callable[[Session], Awaitable[T]]) -> T:
        connection = await self.connect()
        try:
            with mapped():
                return await query(PostgresSession(connection, self._dialect))
        except BaseException:
            await self._abandon(connection)
            raise

    async def write(self, job: Callable[[WriteSession], Awaitable[T]]) -> T:
        async with self._turn:
            connection = await self.connect()
            session = PostgresSession(connection, self._dialect)
            session.later(Query("BEGIN"))
            try:
                with mapped():
                    result = await job(session)
                    await session.run([Query("COMMIT")])
            except BaseException:
                await self._abandon(connection)
                raise
            return result

    async def _abandon(self, connection: Connection) -> None:
        """Roll back, or drop a connection that can no longer do even that."""
        with suppress(psycopg.Error):
            if connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
                await connection.execute("ROLLBACK")
        if connection.info.transaction_status is not TransactionStatus.IDLE:
            self._connection = None
            with suppress(psycopg.Error):
                await connection.close()

    async def close(self) -> None:
        async with self._turn:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None


async def _configure_reader(connection: Connection) -> None:
    await _set(connection, _READER_SETTINGS)


async def _set(connection: Connection, settings: Mapping[str, str]) -> None:
    for name, value in settings.items():
        await connection.execute("SELECT set_config(%s, %s, false)", (name, value))
