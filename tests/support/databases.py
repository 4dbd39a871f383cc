"""Real databases of both kinds, migrated and open, and rows put into them without the product's writer."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from returns_server.config import DATABASE_FILE
from returns_server.storage import migrations
from returns_server.storage.database import Database
from returns_server.storage.dialects import Query
from returns_server.storage.opening import open_database
from returns_server.storage.session import WriteSession


@asynccontextmanager
async def opened(target: str | Path, **given: float) -> AsyncIterator[Database]:
    """The database at a path or libpq URL, migrated; what is given is as open_database takes it."""
    migrations.upgrade(target)
    database = await open_database(target, **given)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def frozen(data_dir: Path, database_url: str | None) -> AsyncIterator[None]:
    """Nobody else can change the database of a server while this is entered: changes wait, as for a slow disk."""
    if database_url is None:
        with closing(sqlite3.connect(data_dir / DATABASE_FILE, isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            yield
        return
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("LOCK TABLE event_heads IN EXCLUSIVE MODE")
        yield


async def put(database: Database, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; columns that a row leaves out are null or have their default."""

    async def insert(session: WriteSession) -> None:
        statements: dict[tuple[str, ...], str] = {}
        for names in {tuple(row) for row in rows}:
            values = {name: sa.bindparam(name, type_=table.columns[name].type) for name in names}
            statements[names] = session.dialect.prepare(sa.insert(table).values(values))
        await session.run([Query(statements[tuple(row)], row) for row in rows])

    await database.write(insert)
