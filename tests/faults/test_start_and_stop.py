"""A server that is started and stopped again and again, in one process, under calls: nothing of it is left.

`make soak` does so 300 times, or as often as TEST_STARTS says.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc.aio
import psutil
import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.consumers import QUICK
from tests.support.databases import frozen
from tests.support.hooks import made
from tests.support.messages import create, feed, line, new_request_id, order
from tests.support.service import ALL, Client, serving
from tests.support.streams import request

_TIMES = 30
_TIMES_LONG = int(os.environ.get("TEST_STARTS", "300"))
_ENDS_SECONDS = 20.0
_FROZEN_SECONDS = 0.25
LATEST = pb.StreamReturnEventsRequest.START_LATEST


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_starts_and_stops_leave_no_task_no_thread_and_no_file(tmp_path: Path, database_url: str | None) -> None:
    await _started_and_stopped(tmp_path, database_url, _TIMES)


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_hundreds_of_starts_and_stops_leave_nothing(tmp_path: Path, database_url: str | None) -> None:
    await _started_and_stopped(tmp_path, database_url, _TIMES_LONG)


async def _started_and_stopped(tmp_path: Path, database_url: str | None, times: int) -> None:
    """Each stop comes at another moment; each fifth while the database takes nothing, and every task waits for it."""
    chance, process, complaints = random.Random(11), psutil.Process(), list[Mapping[str, Any]]()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    await _once(tmp_path, database_url, chance, frozen_at_the_end=False, first=True)
    before = (asyncio.all_tasks(), process.num_fds(), process.num_threads())
    for number in range(times):
        async with asyncio.timeout(_ENDS_SECONDS):
            await _once(tmp_path, database_url, chance, frozen_at_the_end=number % 5 == 4)
        left = asyncio.all_tasks() - before[0]
        assert not left, left
    assert complaints == []
    assert process.num_fds() <= before[1] + 8
    assert process.num_threads() <= before[2] + 8


async def _once(
    tmp_path: Path, url: str | None, chance: random.Random, *, frozen_at_the_end: bool, first: bool = False
) -> None:
    others = []
    given: dict[str, Any] = {"events": {"retention": "2d"}, "shutdown_grace_seconds": 0.02}
    async with serving(tmp_path / "data", url, expiry_interval_seconds=1, **given) as service:
        service.options = QUICK
        client = service.client(*ALL)
        if first:
            await feed(client, order("o1", line("1", 1_000_000, 1_000_000)))
            await made(client, "https://127.0.0.1/hook")
        others += [asyncio.create_task(_calling(client)) for _ in range(3)] + [asyncio.create_task(_following(client))]
        await asyncio.sleep(chance.random() * 0.05)
        if frozen_at_the_end:
            closed = asyncio.Event()
            others.append(asyncio.create_task(_held(tmp_path / "data", url, closed)))
            await closed.wait()
            await asyncio.sleep(0.02)
    for other in others[:4]:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _held(data_dir: Path, url: str | None, closed: asyncio.Event) -> None:
    """The database takes nothing for a moment, long enough for a stop to begin meanwhile."""
    async with frozen(data_dir, url):
        closed.set()
        await asyncio.sleep(_FROZEN_SECONDS)


async def _calling(client: Client) -> None:
    while True:
        with suppress(grpc.aio.AioRpcError):
            await client.returns.CreateReturn(create(("o1", "1", 1), request_id=new_request_id()))
            await client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=3))
        await asyncio.sleep(0)


async def _following(client: Client) -> None:
    while True:
        with suppress(grpc.aio.AioRpcError):
            async for _ in client.returns.StreamReturnEvents(request("acme", start=LATEST)):
                pass
        await asyncio.sleep(0)
