"""Why events are numbered under the tenant's head: a naive reader of an auto-increment loses some, ours none."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from returns_server.config import DATABASE_FILE
from tests.support.consumers import Changes, Consumer, change, following, stock, whole_log
from tests.support.histories import check_all
from tests.support.nursery import Nursery
from tests.support.service import ALL, serving

CHANGES = 400
TENANTS = ("acme", "other", "third")

# The naive log: every event gets the next number of a sequence in its own transaction, as an outbox table would give
# it, and transactions take a moment until they commit, as they do under load.
_NAIVE = """
CREATE TABLE naive_log (id bigserial PRIMARY KEY, event_id bytea NOT NULL);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO naive_log (event_id) VALUES (NEW.event_id);
    PERFORM pg_sleep(random() * 0.01);
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION note();
"""


class Naive:
    """Reads what is behind the largest id it has seen."""

    def __init__(self, url: str) -> None:
        self.seen: set[bytes] = set()
        self._url = url
        self._cursor = 0

    async def follow(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            while True:
                await self.read(connection)
                await asyncio.sleep(0.001)

    async def read(self, connection: psycopg.AsyncConnection) -> None:
        query = "SELECT id, event_id FROM naive_log WHERE id > %s ORDER BY id"
        for number, event_id in await (await connection.execute(query, (self._cursor,))).fetchall():
            self._cursor = number
            self.seen.add(event_id)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_naive_reader_loses_events_where_ours_loses_none(tmp_path: Path, postgres_url: str) -> None:
    with (
        Nursery() as nursery,
        nursery.server(tmp_path / "data", postgres_url) as one,
        nursery.server(tmp_path / "data", postgres_url) as two,
    ):
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as connection:
            await connection.execute(_NAIVE)
            services = [one.service(), two.service()]
            clients = {tenant: [service.client(*ALL, tenant=tenant) for service in services] for tenant in TENANTS}
            watching = []
            for tenant in TENANTS:
                await stock(clients[tenant][0], tenant)
                consumer = Consumer(clients[tenant])
                consumer.history.tenant = tenant
                watching.append(consumer)
            changes = {tenant: Changes() for tenant in TENANTS}
            naive = Naive(postgres_url)
            reading = asyncio.create_task(naive.follow())
            async with following(*watching):
                callers = [
                    asyncio.create_task(change(clients[tenant], changes[tenant], random.Random(n), tenant))
                    for tenant in TENANTS
                    for n in range(3)
                ]
                for tenant in TENANTS:
                    await changes[tenant].reach(CHANGES // len(TENANTS))
                for tenant in TENANTS:
                    changes[tenant].over = True
                await asyncio.gather(*callers)
                logs = {tenant: await whole_log(clients[tenant][0], tenant) for tenant in TENANTS}
                for consumer in watching:
                    await consumer.reached(len(logs[consumer.history.tenant]))
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await naive.read(connection)
            [(written,)] = await (await connection.execute("SELECT count(*) FROM naive_log")).fetchall()
        for consumer in watching:
            tenant = consumer.history.tenant
            check_all([consumer.history], logs[tenant], changes[tenant].acknowledged)
        for service in services:
            await service.close()
    assert written == sum(len(log) for log in logs.values())
    assert len(naive.seen) < written, "the control: without overlapping transactions nothing here is put to the test"


@contextmanager
def idle_transaction(data_dir: Path, url: str | None) -> Iterator[None]:
    """A transaction that has begun, read and (where others can write meanwhile) written, and does nothing more."""
    if url is None:
        with closing(sqlite3.connect(data_dir / DATABASE_FILE, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM events").fetchall()
            yield
        return
    with psycopg.connect(url) as session:
        session.execute("INSERT INTO leases (name, holder, until) VALUES ('idle', 'idle', 0)")
        session.execute("SELECT count(*), pg_current_xact_id() FROM events")
        yield
        session.rollback()


async def test_an_idle_transaction_stalls_nothing(tmp_path: Path, database_url: str | None) -> None:
    async with serving(tmp_path / "data", database_url) as service:
        client = service.client(*ALL)
        await stock(client)
        consumer, changes = Consumer([client]), Changes()
        async with following(consumer):
            callers = [asyncio.create_task(change([client], changes, random.Random(n))) for n in range(3)]
            await changes.reach(20)
            with idle_transaction(tmp_path / "data", database_url):
                await changes.reach(len(changes.acknowledged) + 100)
                # What is acknowledged is on its way while the transaction still idles.
                await consumer.reached(100)
                changes.over = True
                await asyncio.gather(*callers)
                log = await whole_log(client)
                await consumer.reached(len(log))
        check_all([consumer.history], log, changes.acknowledged)
