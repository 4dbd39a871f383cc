"""Word of grown logs reaches the other servers of a PostgreSQL: at once, and after its loss by looking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from returns_server.domain.ids import TenantId
from returns_server.events.wakeup import Bell, WakeUp
from returns_server.storage import migrations, notifications
from returns_server.storage.notifications import Tell, telling
from tests.support.postgres import PostgresServer

ACME, OTHER = TenantId("acme"), TenantId("other")
LONG = 30.0


@asynccontextmanager
async def listening(url: str, tenant: TenantId | None = None) -> AsyncIterator[tuple[Bell, Tell]]:
    """A replica's bell, once its connections stand: it was rung when LISTEN began, and again by the first look."""
    wake_up = WakeUp()
    with wake_up.listening(tenant) as bell:
        async with telling(url, wake_up) as tell:
            assert await bell.heard(LONG) == frozenset()
            yield bell, tell


async def heard(bell: Bell, *tenants: TenantId) -> None:
    """Wait until all of these were heard of."""
    missing = set(tenants)
    async with asyncio.timeout(LONG):
        while missing:
            missing -= await bell.heard(LONG)


@pytest.fixture
def url(postgres_url: str) -> str:
    migrations.upgrade(postgres_url)
    return postgres_url


async def test_another_server_hears_of_a_commit(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "LOOK_SECONDS", 3600.0)
    async with listening(url) as (far, _), listening(url) as (near, tell):
        tell(frozenset({ACME}))
        assert await near.heard(LONG) == {ACME}, "its own followers at once"
        assert await far.heard(LONG) == {ACME}
        tell(frozenset({ACME}))
        tell(frozenset({OTHER}))
        await heard(far, ACME, OTHER)
        await heard(near, ACME, OTHER)
        assert await near.heard(0) == frozenset(), "a server does not hear itself"


async def test_word_of_more_tenants_than_one_notification_holds_arrives(url: str) -> None:
    many = [TenantId(f"tenant{number:09}") for number in range(2_000)]
    async with listening(url) as (far, _), listening(url) as (_, tell):
        tell(frozenset(many))
        await heard(far, *many)


async def test_a_growth_that_nobody_told_of_is_seen_by_looking(url: str) -> None:
    async with listening(url, ACME) as (bell, _):
        async with await psycopg.AsyncConnection.connect(url) as connection:
            await connection.execute("INSERT INTO event_heads (tenant, last_sequence, next_number) VALUES ('acme',1,1)")
        await heard(bell, ACME)
        async with await psycopg.AsyncConnection.connect(url) as connection:
            await connection.execute("UPDATE event_heads SET last_sequence = 2")
        await heard(bell, ACME)


async def test_word_is_carried_again_after_the_database_restarted(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database()
    migrations.upgrade(url)
    async with listening(url) as (far, _), listening(url) as (_, tell):
        await asyncio.to_thread(postgres_server.restart, "immediate")
        while ACME not in await far.heard(0.05):
            tell(frozenset({ACME}))


async def test_a_sqlite_file_has_no_other_servers(tmp_path: Path) -> None:
    wake_up = WakeUp()
    with wake_up.listening(ACME) as bell:
        async with telling(tmp_path / "returns.db", wake_up) as tell:
            tell(frozenset({ACME}))
            assert await bell.heard(0) == {ACME}
