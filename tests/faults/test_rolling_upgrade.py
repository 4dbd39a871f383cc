"""An upgrade from release to release under load, by `returns-server migrate` and restarts in turn: nobody notices."""

from __future__ import annotations

import asyncio
import random
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from alembic import command as alembic

from returns_server.storage import migrations
from returns_server.storage.failures import Unusable
from tests.support.faces import asynchronous
from tests.support.nursery import Forked, Nursery
from tests.support.people import balanced_at
from tests.support.releases import CONTRACTED, EXPANDED, later_release, migrated_by
from tests.support.service import Service
from tests.support.shop import Follower, Shop, check_effects, followed

_CHANGES_BETWEEN = 20

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_two_later_releases_take_over_and_no_call_fails(tmp_path: Path, postgres_url: str) -> None:
    """Servers of this release go on over the schema of the next one, and theirs over that of the one after it.

    While a transaction of somebody else's stands in the way, the migration waits, and nobody waits for the migration.
    """
    later = {name: later_release(tmp_path, name, migrations.head_revision()) for name in (EXPANDED, CONTRACTED)}
    with ExitStack() as stack:
        now = stack.enter_context(Nursery())
        nurseries = {name: stack.enter_context(Nursery(program)) for name, program in later.items()}
        replicas = [stack.enter_context(now.server(tmp_path / "data", postgres_url)) for _ in range(2)]
        both = Service(f"ipv4:{replicas[0].address},{replicas[1].address}", tmp_path / "data")
        shop, chance = Shop(), random.Random(3)
        async with asynchronous(both, timeout_seconds=60) as client:
            await shop.sell(client)
            followers = [Follower(client), Follower(client)]
            callers = [shop.change(client, random.Random(chance.random()), pause=0.005) for _ in range(4)]
            async with followed(*followers):
                async with shop.at_work(*callers, shop.read(client), shop.import_orders(client)):
                    for name, program in later.items():
                        await shop.reach(_CHANGES_BETWEEN)
                        async with await psycopg.AsyncConnection.connect(postgres_url) as other:
                            await other.execute("SELECT count(*) FROM returns")
                            migrating = asyncio.create_task(asyncio.to_thread(migrated_by, program, postgres_url))
                            await _waits_for_a_lock(postgres_url)
                            await shop.reach(2 * _CHANGES_BETWEEN)
                            assert not migrating.done()
                            await other.rollback()
                        assert await migrating == f"the database has schema {name}\n"
                        await shop.reach(_CHANGES_BETWEEN)
                        for number, replica in enumerate(replicas):
                            await asyncio.to_thread(replica.stop)
                            replicas[number] = await asyncio.to_thread(
                                _taken_over, nurseries[name], replica, postgres_url, stack
                            )
                            await shop.reach(_CHANGES_BETWEEN)
                await check_effects(shop, client, followers)
    with psycopg.connect(postgres_url) as connection:  # the audit is this release's
        connection.execute("UPDATE alembic_version SET version_num = %s", (migrations.head_revision(),))
    await balanced_at(postgres_url)


def _taken_over(nursery: Nursery, before: Forked, url: str, stack: ExitStack) -> Forked:
    """A server of another release at the address of one that has ended."""
    server = nursery.server(before.data_dir, RETURNS_DATABASE_URL=url)
    server.address = before.address
    return stack.enter_context(server)


async def _waits_for_a_lock(url: str) -> None:
    """Return when a statement that changes the schema waits for somebody."""
    asked = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND (query LIKE 'ALTER TABLE%' OR query LIKE 'DROP INDEX%')"
    )
    async with asyncio.timeout(60), await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while not await (await connection.execute(asked)).fetchone():
            await asyncio.sleep(0.01)


def test_a_migration_that_never_gets_its_locks_says_so_and_goes_on_later(postgres_url: str) -> None:
    with migrations._transaction(postgres_url) as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0003")
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT * FROM event_heads")
        with pytest.raises(Unusable, match="pg_stat_activity shows them"):
            migrations.upgrade(postgres_url, patience_seconds=0)
        other.rollback()
        assert migrations.current_revision(postgres_url) == "0003"
        assert migrations.upgrade(postgres_url) == migrations.head_revision()
