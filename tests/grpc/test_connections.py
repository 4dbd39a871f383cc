"""More calls over one connection than it may have under way: they wait at the client, and all are answered."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.transport import assembly
from tests.support.service import STAFF, Service, serving
from tests.support.streams import streaming

MOST = 20
LIST = pb.ListReturnsRequest(parent="tenants/acme")


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "MAX_CONNECTION_CALLS", MOST)


def under_way(service: Service) -> float:
    assert service.app is not None
    return service.app.registry.get_sample_value("returns_grpc_calls_in_progress") or 0.0


async def test_who_has_as_many_as_it_may_waits_for_one_to_end(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, AsyncExitStack() as stack:
        full, other = service.connections(2, *STAFF)
        streams = [await stack.enter_async_context(streaming(full)) for _ in range(MOST)]
        for stream in streams:
            await stream.until_caught_up()
        waiting = asyncio.ensure_future(full.returns.ListReturns(LIST))
        for _ in range(20):
            await other.returns.ListReturns(LIST)
        assert (waiting.done(), under_way(service)) == (False, MOST)
        streams[0].call.cancel()
        assert list((await waiting).returns) == []


async def test_of_many_at_once_all_are_answered(tmp_path: Path) -> None:
    """Also the first calls of a connection, and those that take the place of one that has just ended."""
    async with serving(tmp_path / "data") as service:
        [client] = service.connections(1, *STAFF)
        for _ in range(3):
            answers = await asyncio.gather(*(client.returns.ListReturns(LIST) for _ in range(20 * MOST)))
            assert len(answers) == 20 * MOST
