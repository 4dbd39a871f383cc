"""A PostgreSQL that crashes and comes back costs callers a retry, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc.aio
import pytest

from commerce.returns.v1 import return_pb2, returns_service_pb2
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from tests.support.messages import create, feed, line, new_request_id, order
from tests.support.postgres import PostgresServer
from tests.support.process import ServerProcess
from tests.support.service import ALL, Client, refusal_of

CRASHES = 4
CALLERS = 12


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_requests_repeated_through_crashes_of_the_database_have_one_effect_each(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    url = postgres_server.new_database()
    filed: list[return_pb2.Return] = []
    reasons: set[str] = set()
    over = asyncio.Event()
    with ServerProcess(tmp_path / "data", url) as server:
        service = server.service()
        client = service.client(*ALL)
        await feed(client, order("o1", line("1", 1_000_000, 1_000_000)))
        callers = [asyncio.create_task(_file(client, filed, reasons, over)) for _ in range(CALLERS)]
        for _ in range(CRASHES):
            before = len(filed)
            while len(filed) < before + 100:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(postgres_server.restart, "immediate")
        over.set()
        await asyncio.gather(*callers)
        request = returns_service_pb2.ListReturnsRequest(parent="tenants/acme", page_size=1, include_total_size=True)
        listed = await client.returns.ListReturns(request)
        await service.close()
    assert reasons <= {"STORAGE_UNAVAILABLE"}
    assert len({one.name for one in filed}) == len(filed) == listed.total_size
    database = await open_for_reading(url)
    report = await database.read(audit, heavy=True)
    await database.close()
    assert (report.findings, report.events) == ((), len(filed))


async def _file(client: Client, filed: list[return_pb2.Return], reasons: set[str], over: asyncio.Event) -> None:
    """File returns one after the other; a call that fails is repeated as it was until it is answered."""
    while not over.is_set():
        request = create(("o1", "1", 1), request_id=new_request_id())
        while True:
            try:
                filed.append(await client.returns.CreateReturn(request, timeout=30))
                break
            except grpc.aio.AioRpcError as error:
                reasons.add(refusal_of(error).reason)
