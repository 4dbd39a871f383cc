"""Rows looked up by key: each commit is seen by whoever asks after it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from returns_server.storage import tables
from returns_server.storage.database import Database, Point
from returns_server.storage.session import WriteSession
from tests.support.databases import opened, put

POLICY = Point(tables.return_policies, ("tenant",), ("document",))


async def say(database: Database, content: bytes) -> None:
    async def update(session: WriteSession) -> None:
        change = session.dialect.update(tables.return_policies, ("tenant",), ("document",))
        session.later(change([("acme", content)]))

    await database.write(update)


async def test_who_asks_after_a_commit_sees_it(database: Database) -> None:
    assert await database.find(POLICY, ("acme",)) is None
    await put(database, tables.return_policies, [{"tenant": "acme", "document": b"0"}])
    for number in range(100):
        await say(database, b"%d" % number)
        assert await database.find(POLICY, ("acme",)) == (b"%d" % number,)
        assert await database.find(POLICY, ("other",)) is None


async def test_what_is_read_only_moves_forward_while_commits_happen(database: Database) -> None:
    await put(database, tables.return_policies, [{"tenant": "acme", "document": b"0"}])

    async def write() -> None:
        for number in range(1, 300):
            await say(database, b"%d" % number)

    async def read() -> list[int]:
        seen = []
        while not writing.done():
            row = await database.find(POLICY, ("acme",))
            assert row is not None
            seen.append(int(row[0]))
            await asyncio.sleep(0)
        return seen

    writing = asyncio.create_task(write())
    for seen in await asyncio.gather(*(read() for _ in range(4))):
        assert seen == sorted(seen)
        assert len(set(seen)) > 3
    assert await database.find(POLICY, ("acme",)) == (b"299",)


async def test_a_commit_whose_caller_went_away_is_seen_too(database: Database) -> None:
    await put(database, tables.return_policies, [{"tenant": "acme", "document": b"0"}])
    for number in range(1, 30):
        before = await database.find(POLICY, ("acme",))
        writing = asyncio.create_task(say(database, b"%d" % number))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await say(database, b"%d" % -number)
        assert await database.find(POLICY, ("acme",)) == (b"%d" % -number,) != before


@pytest.mark.parametrize("reads_a_write", [1, 20])
async def test_the_log_of_sqlite_starts_anew_however_much_is_read(tmp_path: Path, reads_a_write: int) -> None:
    path = tmp_path / "returns.db"
    async with opened(path) as database:
        await put(database, tables.return_policies, [{"tenant": "acme", "document": b""}])
        largest = 0
        for number in range(600):
            writing = asyncio.create_task(say(database, bytes(40_000)))
            for _ in range(reads_a_write):
                await database.find(POLICY, ("acme",))
                await asyncio.sleep(0)
            await writing
            await database.find(POLICY, ("acme",))
            largest = max(largest, path.with_name("returns.db-wal").stat().st_size) if number % 20 == 0 else largest
    # 600 times 40 kB are 24 MB; SQLite folds its log into the database from 4 MB on.
    assert largest < 10_000_000
