"""Relay, NATS and database may be killed at any moment: the stream has each event once, in order, and none is missing.

`make soak` kills the relay 200 times, or as often as TEST_KILLS says; the suite's own few show that the rest is sound.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc.aio
import pytest

from commerce.returns.v1 import returns_service_pb2 as returns_pb
from tests.support.consumers import whole_log
from tests.support.hooks import everything
from tests.support.messages import create, draft, feed, line, new_request_id, order
from tests.support.nats import NatsServer, each_once_in_order, stored_until
from tests.support.nursery import Forked, Nursery
from tests.support.postgres import PostgresServer
from tests.support.service import Client

KILLS = int(os.environ.get("TEST_KILLS", "200"))
FEW = 10
TENANTS = ("acme", "beta", "gamma")
CALLERS = 4


async def _change(client: Client, tenant: str, over: asyncio.Event) -> None:
    """File returns and change each once, as fast as it goes; what fails while a server is away is left as it is."""
    while not over.is_set():
        try:
            request = create(("o1", "1", 1), tenant=tenant, request_id=new_request_id())
            ret = await client.returns.CreateReturn(request, timeout=10)
            change = returns_pb.UpdateReturnRequest(name=ret.name, draft=draft(code="CHANGED"))
            await client.returns.UpdateReturn(change, timeout=10)
        except grpc.aio.AioRpcError:
            await asyncio.sleep(0.05)
        # The others have the processor too.
        await asyncio.sleep(0.01)


@asynccontextmanager
async def _load(clients: dict[str, Client]) -> AsyncIterator[None]:
    """Changes of all tenants, until this is left; then all have been answered."""
    for tenant, client in clients.items():
        await feed(client, order("o1", line("1", 1_000_000, 1_000_000), tenant=tenant), tenant=tenant)
    over = asyncio.Event()
    tasks = [asyncio.create_task(_change(clients[tenant], tenant, over)) for tenant in clients for _ in range(CALLERS)]
    try:
        yield
    finally:
        over.set()
        await asyncio.gather(*tasks)


async def _check(clients: dict[str, Client], nats_server: NatsServer) -> int:
    """The stream has what the logs have; how much."""
    logs = {tenant: [event.id for event in await whole_log(client, tenant)] for tenant, client in clients.items()}
    count = sum(map(len, logs.values()))
    found = await stored_until(nats_server, count, 180)
    assert each_once_in_order(found) == {tenant: len(ids) for tenant, ids in logs.items()}
    assert {tenant: [one.id for one in found if one.tenant == tenant] for tenant in logs} == logs
    return count


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("kills", [FEW, pytest.param(KILLS, marks=pytest.mark.soak)])
async def test_kill_9_of_relay_and_nats_loses_doubles_and_reorders_nothing(
    tmp_path: Path, database_url: str | None, kills: int
) -> None:
    async with AsyncExitStack() as stack:
        nats_server = stack.enter_context(NatsServer(tmp_path / "nats"))
        nursery = stack.enter_context(Nursery())
        server = stack.enter_context(nursery.server(tmp_path / "data", database_url))
        settings = {"RETURNS_NATS_URL": nats_server.url, "RETURNS_LOG_LEVEL": "warning"}
        relay = stack.enter_context(nursery.relay(tmp_path / "data", database_url, **settings))
        # A second one, so that they are in each other's way.
        other = nursery.relay(tmp_path / "data", database_url, **settings)
        stack.callback(other.kill)
        service = server.service()
        stack.push_async_callback(service.close)
        clients = {tenant: everything(service, tenant) for tenant in TENANTS}
        async with _load(clients):
            await _kill(kills, relay, other, nats_server)
        count = await _check(clients, nats_server)
        print(f"{kills} kills of the relay, 4 of NATS, {count} events")
        assert count > kills


async def _kill(kills: int, relay: Forked, other: Forked, nats_server: NatsServer) -> None:
    chance = random.Random(7)
    nats_at = {kills // 4, kills // 2, 3 * kills // 4}
    for number in range(kills):
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        relay.kill()
        if number in nats_at:
            nats_server.kill()
            await asyncio.to_thread(nats_server.start)
        await asyncio.to_thread(relay.start)
        # The other one stands still for a while, and goes on with what it knew before.
        if number % 4 == 0:
            other.kill()
            await asyncio.to_thread(other.start)
        elif number % 4 == 1:
            os.kill(other.pid, signal.SIGSTOP)
        elif number % 4 == 2:
            os.kill(other.pid, signal.SIGCONT)
    # And once under a relay that lives.
    nats_server.kill()
    await asyncio.to_thread(nats_server.start)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_database_that_crashes_costs_no_event(tmp_path: Path, postgres_server: PostgresServer) -> None:
    async with AsyncExitStack() as stack:
        url = postgres_server.new_database()
        nats_server = stack.enter_context(NatsServer(tmp_path / "nats"))
        nursery = stack.enter_context(Nursery())
        server = stack.enter_context(nursery.server(tmp_path / "data", url))
        settings = {"RETURNS_NATS_URL": nats_server.url}
        relay = stack.enter_context(nursery.relay(tmp_path / "relay", url, **settings))
        service = server.service()
        stack.push_async_callback(service.close)
        clients = {"acme": everything(service)}
        before = 0
        async with _load(clients):
            for _ in range(2):
                before = len(await stored_until(nats_server, before + 20))
                await asyncio.to_thread(postgres_server.restart, "immediate")
            await stored_until(nats_server, before + 20)
        assert await _check(clients, nats_server) > before
        # It lived through both, and ends when it is told to.
        assert relay.lives == 1
        relay.stop()
