"""Streams through servers that are killed over and over, and databases that crash: nothing lost, twice or moved."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from returns_server.config import DATABASE_FILE
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from tests.support.consumers import (
    EARLY,
    ENDED,
    QUICK,
    Changes,
    Consumer,
    change,
    early,
    ended,
    following,
    stock,
    whole_log,
)
from tests.support.histories import History, check_all
from tests.support.nursery import Forked, Nursery
from tests.support.postgres import PostgresServer
from tests.support.service import ALL, Client, Service

CALLERS = 6
CHANGES_A_LIFE = 6


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


def consumers(clients: list[Client]) -> list[Consumer]:
    """Everything in large and in small batches, and two filters."""
    return [
        Consumer(clients),
        Consumer(clients[::-1], max_batch_events=1),
        Consumer(clients, History(selects=ended), filter=ENDED, heartbeat_seconds=1),
        Consumer(clients[::-1], History(selects=early), filter=EARLY, max_batch_events=2),
    ]


def patient(server: Forked) -> Service:
    """Clients of a server that comes and goes; tokens outlive the test."""
    service = server.service()
    service.options = QUICK
    return service


def client_of(service: Service) -> Client:
    return service.client(*ALL, ttl_seconds=86_400)


async def kill_over_and_over(
    servers: list[Forked],
    kills: int,
    chance: random.Random,
    database: PostgresServer | None = None,
    crash_every: int = 0,
) -> None:
    """Kill the servers in turn under load, while consumers follow; then check all that they saw."""
    changes = Changes()
    services = [patient(server) for server in servers]
    clients = [client_of(service) for service in services]
    await stock(clients[0])
    watching = consumers(clients)
    callers = [asyncio.create_task(change(clients, changes, random.Random(chance.random()))) for _ in range(CALLERS)]
    async with following(*watching):
        for kill in range(kills):
            await changes.reach(len(changes.acknowledged) + CHANGES_A_LIFE)
            await asyncio.sleep(chance.uniform(0.0, 0.05))
            server = servers[kill % len(servers)]
            if database is not None and kill % crash_every == crash_every - 1:
                await asyncio.to_thread(database.restart, "immediate")
            else:
                server.kill()
                await asyncio.to_thread(server.start)
        await changes.reach(len(changes.acknowledged) + CHANGES_A_LIFE)
        changes.over = True
        await asyncio.gather(*callers)
        log = await whole_log(clients[0])
        for consumer in watching:
            await consumer.reached(len(log))
    check_all([consumer.history for consumer in watching], log, changes.acknowledged)
    assert len(log) >= kills * CHANGES_A_LIFE
    for consumer in watching:
        assert len(consumer.history.segments) > kills // (2 * len(servers)), "the consumer was not interrupted"
    for service in services:
        await service.close()


async def books_balance(target: str | Path) -> None:
    database = await open_for_reading(target)
    try:
        report = await database.read(audit, heavy=True)
    finally:
        await database.close()
    assert report.findings == ()
    assert report.events > 0


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kills", [120, pytest.param(1200, marks=pytest.mark.soak)])
async def test_streams_survive_kills_of_a_server_on_sqlite(tmp_path: Path, nursery: Nursery, kills: int) -> None:
    with nursery.server(tmp_path / "data") as server:
        await kill_over_and_over([server], kills, random.Random(20))
    await books_balance(tmp_path / "data" / DATABASE_FILE)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kills", [100, pytest.param(1000, marks=pytest.mark.soak)])
async def test_streams_survive_kills_of_two_servers_and_crashes_of_their_postgresql(
    tmp_path: Path, nursery: Nursery, postgres_server: PostgresServer, kills: int
) -> None:
    url = postgres_server.new_database()
    with nursery.server(tmp_path / "data", url) as one, nursery.server(tmp_path / "data", url) as two:
        await kill_over_and_over([one, two], kills, random.Random(21), postgres_server, crash_every=12)
    await books_balance(url)
