"""A server that is told to stop under load answers every call: done, or come back later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import grpc.aio

from commerce.returns.v1 import orders_service_pb2, returns_service_pb2
from tests.support.messages import feed, line, order
from tests.support.process import ServerProcess
from tests.support.service import ALL, Client, Refusal, refusal_of
from tests.support.stopping import Callers

CALLERS = 16


async def test_every_call_is_done_or_told_that_the_server_stops(tmp_path: Path, database_url: str | None) -> None:
    server = ServerProcess(tmp_path / "data", database_url).start()
    service = server.service()
    client = service.client(*ALL)
    await feed(client, order("o1", line("1", 1_000_000, 1_000_000)))
    callers = Callers()
    calling = [asyncio.create_task(callers.file(client)) for _ in range(CALLERS)]
    importing = asyncio.create_task(_import_until_refused(client))
    await callers.reach(100)
    async with callers.stopping():
        assert await asyncio.to_thread(server.stop) == 0
        await asyncio.gather(*calling)
    callers.check()
    imported = await importing
    assert imported is None or (imported.code, imported.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    await service.close()
    with server:
        service = server.service()
        request = returns_service_pb2.ListReturnsRequest(parent="tenants/acme", page_size=1, include_total_size=True)
        listed = await service.client(*ALL).returns.ListReturns(request)
        await service.close()
    assert listed.total_size == callers.filed


async def _import_until_refused(client: Client) -> Refusal | None:
    """What the import was told; None where the client's own library lost it.

    While it waits to send, grpc.aio answers INTERNAL itself if it sees its own failure before the server's status.
    """
    call = client.orders.ImportOrders(_orders_without_end())
    try:
        await call
    except grpc.aio.AioRpcError as error:
        if error.details() == "Internal error from Core":
            return None
        return refusal_of(error)
    raise AssertionError("the import ended by itself")


async def _orders_without_end() -> AsyncIterator[orders_service_pb2.ImportOrdersRequest]:
    number = 0
    while True:
        number += 1
        yield orders_service_pb2.ImportOrdersRequest(parent="tenants/acme", order=order(f"x{number}"))
        await asyncio.sleep(0.001)
