"""Opens the database that the settings name, at the schema that this release needs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from returns_server.storage import migrations
from returns_server.storage.database import Database
from returns_server.storage.pooling import check_sessions
from returns_server.storage.postgresql import PostgresDatabase
from returns_server.storage.searches import TIMEOUT_SECONDS
from returns_server.storage.sqlite import SqliteDatabase


async def open_database(target: str | Path, *, search_seconds: float = TIMEOUT_SECONDS) -> Database:
    """The database behind a libpq URL, or in a SQLite file, which migrates itself.

    `search_seconds` is how long a list may take that no index answers.

    Raises WrongSchema where a PostgreSQL is not migrated or newer, Unusable behind a pooler that shares sessions,
    Unavailable where it cannot be reached or another process serves the file.
    """
    if isinstance(target, Path):
        database = SqliteDatabase(target, search_seconds=search_seconds)
        try:
            await asyncio.to_thread(migrations.upgrade, target)
        except BaseException:
            await database.close()
            raise
        return database
    await asyncio.to_thread(migrations.check, target)
    await check_sessions(target)
    postgres = PostgresDatabase(target, search_seconds=search_seconds)
    await postgres.open()
    return postgres


async def open_for_reading(target: str | Path) -> Database:
    """The same database for reads alone, also while a server has it open; raises WrongSchema, Unavailable."""
    await asyncio.to_thread(migrations.check, target)
    if isinstance(target, Path):
        return SqliteDatabase(target, reads_only=True)
    return await open_database(target)


async def open_beside(target: str | Path) -> Database:
    """The same database for a few small changes, also while servers have it open; raises WrongSchema, Unavailable."""
    await asyncio.to_thread(migrations.check, target)
    if isinstance(target, Path):
        return SqliteDatabase(target, alone=False)
    return await open_database(target)
