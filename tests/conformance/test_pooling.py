"""A pooler that shares sessions between transactions is told at the start, before it can do harm."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest

from returns_server.storage import migrations
from returns_server.storage.failures import Unavailable, Unusable
from returns_server.storage.opening import open_database
from returns_server.storage.pooling import check_sessions
from tests.acceptance.test_commands import command
from tests.support.pooler import pooled


async def test_a_pool_in_transaction_mode_is_refused(postgres_url: str) -> None:
    migrations.upgrade(postgres_url)
    async with pooled(postgres_url, share=True) as url:
        with pytest.raises(Unusable, match="shares connections between transactions"):
            await open_database(url)


async def test_a_pool_in_session_mode_and_no_pool_at_all_are_used(postgres_url: str) -> None:
    migrations.upgrade(postgres_url)
    await check_sessions(postgres_url)
    async with pooled(postgres_url, share=False) as url:
        await check_sessions(url)
        database = await open_database(url)
        assert await database.read(lambda session: session.fetch("SELECT 1"), heavy=True) == [(1,)]
        await database.close()


async def test_the_harm_that_is_refused_is_real(postgres_url: str) -> None:
    """The control: on shared sessions what one reader sets, another writer has."""
    async with pooled(postgres_url, share=True) as url:
        reader = await psycopg.AsyncConnection.connect(url, autocommit=True)
        await reader.execute("SELECT set_config('default_transaction_read_only', 'on', false)")
        writer = await psycopg.AsyncConnection.connect(url, autocommit=True)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await writer.execute("CREATE TABLE mine (a int)")
        await reader.close()
        await writer.close()


async def test_the_server_says_it_in_a_sentence(postgres_url: str, tmp_path: Path) -> None:
    migrations.upgrade(postgres_url)
    async with pooled(postgres_url, share=True) as url:
        done = await asyncio.to_thread(
            command,
            "serve",
            "--dev",
            "--listen",
            "127.0.0.1:0",
            RETURNS_DATABASE_URL=url,
            RETURNS_DATA_DIR=str(tmp_path),
        )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "session mode" in done.stderr


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await check_sessions("postgresql://postgres@127.0.0.1:1/none")
