"""Consumers that stop reading, and that come and go by the thousand, cost nobody else anything, and leave nothing."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.consumers import QUICK, stock
from tests.support.messages import create
from tests.support.nursery import Nursery
from tests.support.service import ALL, Client, Service, serving
from tests.support.streams import EARLIEST, LATEST, request, streaming

MEBIBYTE = 1024 * 1024
WARM_UP = 20
LARGE = {f"k{number}": "x" * 1_900 for number in range(8)}
"""Attributes of about 15 KiB: an event holds them once, a stopped reader soon lags by megabytes."""


class Live:
    """Streams that read as fast as they can; how long each event took from its acknowledgement to each stream."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}
        self.tasks: list[asyncio.Task[None]] = []

    async def follow(self, call: Any) -> None:
        async for message in call:
            now = time.monotonic()
            for event in message.batch.events:
                self.seen.setdefault(event.return_name, []).append(now)

    def _check(self) -> None:
        """Fail with whatever ended a stream."""
        for task in self.tasks:
            if task.done():
                task.result()
                raise AssertionError("a stream ended by itself")

    async def measured(self, client: Client, count: int, streams: int) -> list[float]:
        """File so many returns, one after the other; the delays until all streams had them, sorted."""
        delays = []
        for _ in range(count):
            filed = await client.returns.CreateReturn(create(("o1", "1", 1), attributes=LARGE))
            acknowledged = time.monotonic()
            async with asyncio.timeout(60):
                while len(self.seen.get(filed.name, ())) < streams:
                    await asyncio.sleep(0.0005)
                    self._check()
            delays += [max(0.0, at - acknowledged) for at in self.seen.pop(filed.name)]
        return sorted(delays)


@asynccontextmanager
async def live(client: Client, streams: int) -> AsyncIterator[Live]:
    seen = Live()
    calls: list[Any] = [client.returns.StreamReturnEvents(request(start=LATEST)) for _ in range(streams)]
    for call in calls:
        # Caught up: what comes now comes to it.
        await anext(aiter(call))
    seen.tasks = tasks = [asyncio.create_task(seen.follow(call)) for call in calls]
    try:
        yield seen
    finally:
        for call in calls:
            call.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def stopped(service: Service, count: int) -> AsyncIterator[None]:
    """Streams whose readers take the first message, and then nothing more, each over a connection of its own."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            own = Service(service.address, service.data_dir, options=(*QUICK, ("grpc.http2.lookahead_bytes", 65_536)))
            stack.push_async_callback(own.close)
            stream = await stack.enter_async_context(streaming(own.client(*ALL), start=EARLIEST))
            await stream.read()
        yield


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("streams", "readers", "changes"), [(30, 10, 250), pytest.param(500, 50, 3_000, marks=pytest.mark.soak)]
)
async def test_readers_that_stop_cost_no_memory_and_slow_nobody_down(
    tmp_path: Path, database_url: str | None, streams: int, readers: int, changes: int
) -> None:
    with Nursery() as nursery, nursery.server(tmp_path / "data", database_url) as server:
        service = server.service()
        client = service.client(*ALL)
        await stock(client)
        process = psutil.Process(server.pid)
        async with live(client, streams) as seen:
            await seen.measured(client, WARM_UP * 3, streams)
            before = await seen.measured(client, changes, streams)
            async with stopped(service, readers):
                await seen.measured(client, WARM_UP, streams)
                memory = process.memory_info().rss
                beside = await seen.measured(client, changes, streams)
                grown = process.memory_info().rss - memory
        await service.close()
    behind = changes * 15 * 1024 * readers
    assert grown < min(behind / 2, 48 * MEBIBYTE), f"{grown / MEBIBYTE:.1f} MiB more"
    p99 = len(before) * 99 // 100
    # The machine is shared: what counts is that a stopped reader's lag does not show.
    assert beside[p99] < before[p99] * 3 + 0.05, (before[p99], beside[p99])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("cycles", [600, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_streams_that_come_and_go_leave_nothing(tmp_path: Path, database_url: str | None, cycles: int) -> None:
    async with serving(tmp_path / "data", database_url) as service:
        client = service.client(*ALL)
        await stock(client)
        for _ in range(20):
            await client.returns.CreateReturn(create(("o1", "1", 1)))
        await _come_and_go(client, 200)
        await _settled(service)
        tasks, connections, memory = len(asyncio.all_tasks()), _connections(service, database_url), _memory()
        await _come_and_go(client, cycles)
        await _settled(service)
        async with asyncio.timeout(30):  # what the server does now and then is a task for a moment too
            while len(asyncio.all_tasks()) > tasks:
                await asyncio.sleep(0.01)
        assert _connections(service, database_url) <= connections
        assert _memory() - memory < 24 * MEBIBYTE


async def _come_and_go(client: Client, cycles: int) -> None:
    """Open and cancel streams: before the first message, after it, or live; some beside a change."""
    for cycle in range(cycles):
        kinds: list[dict[str, Any]] = [{"start": EARLIEST}, {"start": LATEST}, {"filter": "type=return.deleted"}]
        call: Any = client.returns.StreamReturnEvents(request(**kinds[cycle % 3]))
        if cycle % 4:
            await anext(aiter(call))
        call.cancel()
        if not cycle % 4:
            with pytest.raises((asyncio.CancelledError, StopAsyncIteration)):
                await anext(aiter(call))
        if not cycle % 50:
            await client.returns.GetReturn(pb.GetReturnRequest(name=await _any_return(client)))


async def _any_return(client: Client) -> str:
    page = await client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1))
    return page.returns[0].name


async def _settled(service: Service) -> None:
    """Wait until the server knows that all are gone."""
    assert service.app is not None
    async with asyncio.timeout(30):
        while service.app.registry.get_sample_value("returns_streams"):
            await asyncio.sleep(0.01)
        while any(task.get_name().startswith("tail-") for task in asyncio.all_tasks()):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


def _memory() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss


def _connections(service: Service, url: str | None) -> int:
    """How many PostgreSQL has beside the few that the server opens when it first needs them, and keeps."""
    if url is None:
        return 0
    assert service.app is not None
    clients = "datname = current_database() AND backend_type = 'client backend'"
    with psycopg.connect(url) as connection:
        [(found,)] = connection.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {clients}").fetchall()
    return int(found) - service.app.database.connections
