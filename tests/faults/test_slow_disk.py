"""A disk that takes up to a second for each commit: changes are slow and right, and nothing else is slow."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.storage.audit import audit
from tests.support.consumers import Consumer, following, stock, whole_log
from tests.support.histories import check_all
from tests.support.messages import create, new_request_id
from tests.support.service import ALL, Client, Service, refusal_of, serving
from tests.support.slow_disk import SlowDisk, slow_postgres, slow_sqlite
from tests.support.streams import LATEST, streaming

SLOW_SECONDS = (0.3, 0.5)
"""At least; on PostgreSQL it comes to twice that: the standby's word that it has written is on its way before."""
SOME = 3
MANY = 16
BATCH = 4
"""So many share a commit here at most: many calls wait for many commits, and some of them for too long."""
ALLOWED = {"DEADLINE_EXCEEDED", "OVERLOADED"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass
class Told:
    """What callers were told: acknowledged changes, and errors by reason."""

    changes: list[tuple[str, int]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    async def file(self, client: Client, patience: float = 60.0) -> str:
        """File a return, and repeat it as it was until it is acknowledged, with more patience each time; the name."""
        request = create(("o1", "1", 1), request_id=new_request_id())
        while True:
            try:
                filed = await client.returns.CreateReturn(request, timeout=patience)
            except grpc.aio.AioRpcError as error:
                late = error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
                self.errors["DEADLINE_EXCEEDED" if late else refusal_of(error).reason] += 1
                patience = 2 * patience if late else patience
                await asyncio.sleep(0.1)
            else:
                self.changes.append((filed.name, filed.version))
                return str(filed.name)


@asynccontextmanager
async def served(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Service, SlowDisk]]:
    """A server on such a disk, which is quick in the beginning and in the end."""
    async with AsyncExitStack() as stack:
        if kind == "postgres":
            server = request.getfixturevalue("postgres_server")
            url, disk = await stack.enter_async_context(slow_postgres(server))
        else:
            url, disk = None, await stack.enter_async_context(slow_sqlite(monkeypatch))
        writer: dict[str, Any] = {"max_batch": BATCH, "max_wait_seconds": 0.5}
        yield await stack.enter_async_context(serving(tmp_path / "data", url, writer=writer)), disk
        disk.seconds = 0.0


async def reads_do_not_wait(client: Client, told: Told, disk: SlowDisk) -> None:
    """While a commit does not end at all, reads are answered as ever, and without what it would change."""
    list_request = pb.ListReturnsRequest(parent="tenants/acme", page_size=1, filter='number!="x"')
    before = (await client.returns.ListReturns(list_request)).returns
    disk.held = True
    filing = asyncio.create_task(told.file(client))
    for _ in range(10 * SOME):
        await asyncio.sleep(0.02)
        assert (await client.returns.GetReturn(pb.GetReturnRequest(name=told.changes[0][0]))).version
        assert (await client.returns.ListReturns(list_request)).returns == before
    assert not filing.done()
    disk.held = False
    await filing


async def probe(service: Service, found: set[tuple[str, int]]) -> None:
    """What a probe is told, again and again."""
    stub: Any = health_pb2_grpc.HealthStub(service.client_with(None).channel)
    while True:
        for name in ("liveness", "readiness", ""):
            found.add((name, (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status))
        await asyncio.sleep(0.05)


async def one_by_one(client: Client, told: Told, disk: SlowDisk) -> None:
    """Each change takes as long as the disk, and its event comes no sooner."""
    async with streaming(client, start=LATEST) as stream:
        await stream.until_caught_up()
        for number in range(SOME):
            began = time.monotonic()
            filing = asyncio.create_task(told.file(client))
            await stream.until(lambda stream, number=number: len(stream.events) > number)  # type: ignore[misc]
            assert time.monotonic() - began >= disk.seconds, "an event was seen before its commit"
            assert stream.events[number].return_name == await filing
            assert time.monotonic() - began >= disk.seconds, "a change was acknowledged before its commit"


async def quick_again(client: Client, told: Told) -> None:
    """Wait until a change takes less than it can have taken before."""
    async with asyncio.timeout(60):
        took = max(SLOW_SECONDS)
        while took >= min(SLOW_SECONDS):
            began = time.monotonic()
            await told.file(client)
            took = time.monotonic() - began


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_slow_disk_makes_changes_slow_and_nothing_wrong(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, health = Told(), set[tuple[str, int]]()
    async with served(kind, tmp_path, request, monkeypatch) as (service, disk):
        client = service.client(*ALL)
        await stock(client)
        consumer = Consumer([client])
        async with following(consumer):
            probing = asyncio.create_task(probe(service, health))
            await told.file(client)
            for seconds in SLOW_SECONDS:
                disk.seconds = seconds
                await one_by_one(client, told, disk)
            await reads_do_not_wait(client, told, disk)
            assert not told.errors
            # More than a few commits can take, and half of the callers do not wait for a single one.
            await asyncio.gather(*(told.file(client, (0.2, 60.0)[number % 2]) for number in range(MANY)))
            assert told.errors.keys() == ALLOWED, told.errors
            disk.seconds = 0.0
            told.errors.clear()
            await quick_again(client, told)
            assert not told.errors
            log = await whole_log(client)
            await consumer.reached(len(log))
            probing.cancel()
        check_all([consumer.history], log, told.changes)
        # Each request has one effect, however often it was repeated.
        assert sorted((event.return_name, event.return_version) for event in log) == sorted(told.changes)
        assert health == {(name, health_pb2.HealthCheckResponse.SERVING) for name in ("liveness", "readiness", "")}
        assert service.app is not None
        assert (await service.app.database.read(audit, heavy=True)).findings == ()
