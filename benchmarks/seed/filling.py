"""Fills empty databases with returns: rows made by all cores, inserted in key order, indexes built at the end."""

from __future__ import annotations

import csv
import gc
import io
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.seed.rows import Rows, head_row, seed_rows
from returns_server.storage import migrations

Put = Callable[[Rows], None]

_CHUNK = 4_000
_NULL = r"\N"


def fill(targets: Iterable[str | Path], returns: int) -> None:
    """New databases (SQLite files, URLs of empty PostgreSQL databases) with the same returns, at the product's schema.

    They are consistent only if nothing is raised.
    """
    with ExitStack() as stack:
        puts = [stack.enter_context(_opened(target)) for target in targets]
        for part in _parts(returns):
            for put in puts:
                put(part)


def _opened(target: str | Path) -> AbstractContextManager[Put]:
    migrations.upgrade(target)
    return _sqlite(target) if isinstance(target, Path) else _postgres(target)


@contextmanager
def _sqlite(file: Path) -> Iterator[Put]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # Nothing need be durable before it is whole: if this dies, the file is made anew.
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1048576", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        stated = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"
        indexes = connection.execute(stated).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("BEGIN")

        def put(part: Rows) -> None:
            for table, rows in part.rows.items():
                names, marks = ", ".join(part.columns[table]), ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

        yield put
        connection.execute("COMMIT")
        for _, statement in indexes:
            connection.execute(statement)


@contextmanager
def _postgres(url: str) -> Iterator[Put]:
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())

        touched = set()

        def put(part: Rows) -> None:
            for table, rows in part.rows.items():
                if table not in touched:
                    # Under wal_level=minimal, what is copied into a table that this transaction emptied needs no log.
                    connection.execute(f"TRUNCATE {table}".encode())
                    touched.add(table)
                text = io.StringIO()
                csv.writer(text).writerows([_plain(value) for value in row] for row in rows)
                names = ", ".join(part.columns[table])
                copy = f"COPY {table} ({names}) FROM STDIN (FORMAT csv, NULL '{_NULL}')"
                with connection.cursor() as cursor, cursor.copy(copy.encode()) as copying:
                    copying.write(text.getvalue())

        with connection.transaction():
            yield put
        for _, statement in indexes:
            connection.execute(statement.encode())
        # What autovacuum would do before long.
        connection.execute("VACUUM (ANALYZE)")


def _plain(value: Any) -> Any:
    if value is None:
        return _NULL
    return rf"\x{value.hex()}" if isinstance(value, bytes) else value


def _parts(returns: int) -> Iterator[Rows]:
    """All rows in order, made by as many processes as there are cores, a few parts ahead of whoever takes them."""
    cores = len(os.sched_getaffinity(0))
    waiting: deque[Future[Rows]] = deque()
    with ProcessPoolExecutor(cores, get_context("spawn"), initializer=gc.disable) as pool:
        for first in range(0, returns, _CHUNK):
            waiting.append(pool.submit(seed_rows, first, min(_CHUNK, returns - first)))
            if len(waiting) > 2 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    yield head_row(returns)
