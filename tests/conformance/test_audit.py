"""`verify-log` finds every kind of corruption that it says it looks for, and tells where."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from returns_server.storage import audit as audits
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from tests.acceptance.test_commands import command
from tests.support.messages import create, feed, line, order
from tests.support.postgres import drop_database, new_database
from tests.support.scenes import approve
from tests.support.service import ALL, serving

PLANTED: dict[str, str] = {
    "events of a tenant are numbered without a gap from where the log begins to its head": (
        "DELETE FROM events WHERE sequence = 2"
    ),
    "every event belongs to a log": "DELETE FROM event_heads",
    "the events of a return carry the versions 1, 2, 3 ... in log order": (
        "UPDATE events SET return_version = 7 WHERE sequence = 1"
    ),
    "a return is at the version of its last event": "UPDATE returns SET version = version + 1",
    "an event id comes once": (
        "UPDATE events SET event_id = (SELECT event_id FROM events WHERE sequence = 1) WHERE sequence = 2"
    ),
    "a line's claims are the sum of the items that claim it": (
        "UPDATE return_items SET claimed_units = claimed_units - 1, claimed_gross = claimed_gross - 1"
    ),
    "every item is of a line that was sold": "DELETE FROM order_lines",
    "no line is claimed beyond what was bought and paid, and in full for exactly what was paid": (
        "UPDATE order_lines SET claimed_units = quantity + 1, claimed_gross = gross + 1"
    ),
    "a return number comes once": (
        "INSERT INTO deleted_returns SELECT tenant, 'another', number, create_time FROM returns LIMIT 1"
    ),
}


@pytest.fixture
async def filled(target: str | Path, tmp_path: Path) -> str | Path:
    """A database with a few returns, served and left."""
    url = None if isinstance(target, Path) else target
    data = target.parent if isinstance(target, Path) else tmp_path / "data"
    async with serving(data, url, webhooks={"bridge": False}) as service:
        client = service.client(*ALL)
        await feed(client, order("o1", line("1", 9, 900)))
        for _ in range(2):
            await approve(client, await client.returns.CreateReturn(create(("o1", "1", 2))))
    return target


def test_every_promise_has_a_corruption_that_breaks_it() -> None:
    assert set(PLANTED) == set(audits._PROMISES)


async def broken(target: str | Path) -> set[str]:
    database = await open_for_reading(target)
    try:
        return {finding.promise for finding in (await database.read(audit, heavy=True)).findings}
    finally:
        await database.close()


def plant(target: str | Path, corruption: str) -> None:
    if isinstance(target, Path):
        with closing(sqlite3.connect(target)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(corruption)
            connection.commit()
        return
    with psycopg.connect(target, autocommit=True) as postgres:
        for (name,) in postgres.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'order_lines'::regclass AND contype = 'c'"
        ).fetchall():
            postgres.execute(f"ALTER TABLE order_lines DROP CONSTRAINT {name}")
        postgres.execute(corruption)


@contextmanager
def copy_of(filled: str | Path, request: pytest.FixtureRequest) -> Iterator[str | Path]:
    if isinstance(filled, Path):
        yield Path(shutil.copyfile(filled, filled.with_name("copy.db")))
        return
    shared = request.getfixturevalue("postgres_shared_url")
    copy = new_database(shared, filled.rpartition("/")[2])
    yield copy
    drop_database(shared, copy)


async def test_every_planted_corruption_is_found(request: pytest.FixtureRequest, filled: str | Path) -> None:
    assert await broken(filled) == set()
    for promise, corruption in PLANTED.items():
        with copy_of(filled, request) as copy:
            plant(copy, corruption)
            assert promise in await broken(copy), promise


async def test_the_command_tells_what_is_broken_and_where(filled: str | Path) -> None:
    if isinstance(filled, Path):
        environment = {"RETURNS_DATA_DIR": str(filled.parent)}
        with closing(sqlite3.connect(filled)) as connection:
            connection.execute("DELETE FROM events WHERE sequence = 2")
            connection.commit()
    else:
        environment = {"RETURNS_DATABASE_URL": filled}
        with psycopg.connect(filled, autocommit=True) as postgres:
            postgres.execute("DELETE FROM events WHERE sequence = 2")
    done = command("verify-log", **environment)
    assert done.returncode == 1
    assert "BROKEN: events of a tenant are numbered without a gap" in done.stderr
    assert "acme, 0, 4, 3, 1, 4" in done.stderr
    assert "balance" not in done.stdout
