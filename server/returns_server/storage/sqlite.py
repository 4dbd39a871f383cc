"""The embedded database: one connection writes, in a thread of its own; readers are read-only.

Durable means durable: WAL with synchronous=FULL, so that an acknowledged commit survives a power cut.
"""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

from returns_server.domain.ids import TenantId
from returns_server.private_files import private_file, private_folder
from returns_server.storage.database import Point
from returns_server.storage.dialects import Query
from returns_server.storage.dialects.sqlite import SqliteDialect
from returns_server.storage.failures import Unavailable, mapped, translated
from returns_server.storage.searches import AT_ONCE, TIMEOUT_SECONDS, Searches, TimeLimit
from returns_server.storage.session import Row, Session, WriteSession, drive

T = TypeVar("T")

_BUSY_TIMEOUT_MS = 5_000
_READERS = 2
# KiB, said as SQLite wants it. Pages that are read once are copied to where others were: that stays in the processor's
# cache, and saves a third of reading.
_PASSING_CACHE = -512
WRITER_SETTINGS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    # Pages of 4 KiB, before they are copied into the database's file: one that changed again meanwhile, as those of an
    # index do, is copied once.
    "wal_autocheckpoint=8000",
    # What is deleted is overwritten: of an erased person nothing is left between the rows.
    "secure_delete=ON",
)
"""How the connection that writes is set up, as PRAGMA has it."""
# Of SQLite's virtual machine, a few milliseconds: each look at the clock waits for the interpreter.
_STEPS_BETWEEN_LOOKS = 50_000


class SqliteSession:
    """A session over a connection of this thread; nothing here really waits."""

    one_snapshot = True

    def __init__(self, connection: sqlite3.Connection, dialect: SqliteDialect) -> None:
        """Takes a connection in autocommit mode."""
        self.dialect = dialect
        self.connection = connection
        self._waiting: list[Query] = []

    async def fetch(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows that the statement answers."""
        return self.connection.execute(statement, parameters or {}).fetchall()

    async def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run the statement; how many rows it changed."""
        return self.connection.execute(statement, parameters or {}).rowcount

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        """The rows of each query, in turn."""
        self.flush()
        return [self._one(query) for query in queries]

    def later(self, query: Query) -> None:
        """Run a write before the next `run`, or before the commit."""
        self._waiting.append(query)

    def flush(self) -> None:
        """Run what waits."""
        for query in self._waiting:
            self._one(query)
        self._waiting.clear()

    def _one(self, query: Query) -> list[Row]:
        if query.many:
            self.connection.executemany(query.statement, query.parameters)
            return []
        return self.connection.execute(query.statement, query.parameters or ()).fetchall()


class SqliteDatabase:
    """One file, one serving process (a lock file keeps a second one out), any number of reads beside it.

    One that is not `alone` writes beside that process, in its turn. What a server reads at once (`find`, and light
    reads on the event loop) may not know of that before its own next write: it is for what only heavy reads look at.
    """

    lanes = 1
    embedded = True

    def __init__(
        self, path: Path, *, reads_only: bool = False, alone: bool = True, search_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        """Opens the database; raises Unavailable where another process writes to it and this one wants to."""
        self.dialect = SqliteDialect()
        self._path = path
        self._lock = locked(path) if alone and not reads_only else None
        if not reads_only:
            # It holds names and addresses. What SQLite puts beside it gets the same rights.
            private_file(path)
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._reading = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")
        self._passing = ThreadPoolExecutor(1, thread_name_prefix="sqlite-passing")
        self._searching = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sqlite-search")
        self._searches = Searches(search_seconds)
        self._writer = None if reads_only else self._open_writer()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        # Writes are numbered. The loop's own connection keeps a snapshot while none is under way: to begin and end one
        # for every row that is looked up takes longer than to look it up.
        self._begun = 0
        self._ended = 0
        self._snapshot_after = -1

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._readers) + (self._writer is not None)

    async def find(self, point: Point, key: Row) -> Row | None:
        """The row under a key: microseconds on the event loop."""
        try:
            row: Row | None = self._latest().connection.execute(_one_row(point), key).fetchone()
        except sqlite3.Error as error:
            raise translated(error) from error
        return row

    async def read(
        self,
        query: Callable[[Session], Awaitable[T]],
        *,
        heavy: bool = False,
        search: TenantId | None = None,
        once: bool = False,
    ) -> T:
        """A light query on the event loop itself (microseconds), others in threads: heavy ones apart from searches."""
        if search is not None:
            return await self._search(search, query)
        if once:
            return await asyncio.get_running_loop().run_in_executor(self._passing, self._pass, query)
        if heavy:
            return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, query)
        try:
            session = self._latest()
            if session.connection.in_transaction:
                return drive(query(session))
        except sqlite3.Error as error:
            raise translated(error) from error
        return self._read(query)

    async def write(self, job: Callable[[WriteSession], Awaitable[T]], *, lane: int = 0) -> T:  # noqa: ARG002  (one lane)
        """The job in the writer thread, in a transaction that nobody else's writes can interleave with."""
        self._begun += 1
        with mapped():
            self._latest()  # lets go of the snapshot, which would keep SQLite from starting its log anew
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._write, job, self._begun)

    async def close(self) -> None:
        """Finish the running transaction, checkpoint, close."""
        await asyncio.to_thread(self._writing.shutdown)
        await asyncio.to_thread(self._reading.shutdown)
        await asyncio.to_thread(self._passing.shutdown)
        await asyncio.to_thread(self._searching.shutdown)
        for connection in self._readers:
            connection.close()
        if self._writer is not None:
            self._writer.close()
        if self._lock is not None:
            self._lock.close()

    async def _search(self, tenant: TenantId, query: Callable[[Session], Awaitable[T]]) -> T:
        async with self._searches.turn(tenant) as limit:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._searching, self._read, query, limit)
            finally:
                limit.end()  # also where the caller went away and the thread still runs

    def _read(self, query: Callable[[Session], Awaitable[T]], limit: TimeLimit | None = None) -> T:
        with mapped():
            session = self._reader()
            connection = session.connection
            connection.execute("BEGIN")
            try:
                if limit is not None:
                    connection.set_progress_handler(limit.over, _STEPS_BETWEEN_LOOKS)
                return drive(query(session))
            finally:
                connection.set_progress_handler(None, 0)
                connection.execute("COMMIT")

    def _pass(self, query: Callable[[Session], Awaitable[T]]) -> T:
        if getattr(self._local, "session", None) is None:
            with mapped():
                self._open_reader().connection.execute(f"PRAGMA cache_size={_PASSING_CACHE}")
        return self._read(query)

    def _latest(self) -> SqliteSession:
        """The event loop's session: within a snapshot of the latest commit, or in autocommit while a write runs."""
        session = self._reader()
        if self._snapshot_after != self._begun:
            if session.connection.in_transaction:
                session.connection.execute("COMMIT")
            # Where another process writes, nobody says when a snapshot has had its time.
            if self._ended == self._begun and self._writer is not None:
                session.connection.execute("BEGIN")
                self._snapshot_after = self._begun
        return session

    def _write(self, job: Callable[[WriteSession], Awaitable[T]], number: int) -> T:
        try:
            return self._write_now(job)
        finally:
            self._ended = number

    def _write_now(self, job: Callable[[WriteSession], Awaitable[T]]) -> T:
        if self._writer is None:
            raise Unavailable("the database is open for reading only")
        session = SqliteSession(self._writer, self.dialect)
        with mapped():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                result = drive(job(session))
                session.flush()
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            return result

    def _open_writer(self) -> sqlite3.Connection:
        with mapped():
            connection = _connected(str(self._path))
            for setting in WRITER_SETTINGS:
                connection.execute(f"PRAGMA {setting}")
            return connection

    def _reader(self) -> SqliteSession:
        session: SqliteSession | None = getattr(self._local, "session", None)
        if session is not None and self._writer is None and self._local.file != _file(self._path):
            # A copy was put in its place while nobody served it: what this connection reads is no more.
            self._readers.remove(session.connection)
            session.connection.close()
            session = None
        return session or self._open_reader()

    def _open_reader(self) -> SqliteSession:
        self._local.file = _file(self._path)
        connection = _connected(f"file:{self._path}?mode=ro", uri=True)
        connection.execute("PRAGMA query_only=ON")
        session = self._local.session = SqliteSession(connection, self.dialect)
        self._readers.append(connection)
        return session


@cache
def _one_row(point: Point) -> str:
    match = " AND ".join(f"{key} = ?" for key in point.keys)
    return f"SELECT {', '.join(point.columns)} FROM {point.table.name} WHERE {match}"  # noqa: S608  (our own names)


def _file(path: Path) -> int:
    """Which file it is; raises Unavailable where there is none."""
    try:
        return path.stat().st_ino
    except OSError as error:
        raise Unavailable("the database's file is not there") from error


def _connected(target: str, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(target, uri=uri, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA cache_size=-65536")
    return connection


def locked(path: Path) -> IO[str]:
    """The lock file of a database, held until it is closed: the operating system does so however the process ends.

    Raises Unavailable where another process holds it.
    """
    private_folder(path.parent)
    lock = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Unavailable(f"another process serves {path}") from None
    return lock
