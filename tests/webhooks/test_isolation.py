"""One dead or hanging endpoint delays nobody else; several bridges on one database do everything once."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.hooks import everything, filed, made
from tests.support.process import BridgeProcess, ServerProcess
from tests.support.receiver import Received, answer, receiving
from tests.support.service import Service, serving

ENDPOINTS = 100
PAIRS = 20


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_hung_endpoint_of_a_hundred_leaves_the_others_as_fast(service: Service) -> None:
    """Each round one event for all, and how long until the last of the others has it: beyond their 99th percentile.

    Rounds with and without the hung one make pairs, each half of which comes first in turn: others use the machine too.
    """
    client = everything(service)
    async with receiving() as good, receiving() as hung:
        came: dict[str, float] = {}

        def respond(got: Received) -> bytes:
            came[got.target] = time.monotonic()
            return answer(200)

        async def never(got: Received) -> bytes:
            await asyncio.sleep(600)
            return answer(200)

        good.respond, hung.respond = respond, never
        for number in range(ENDPOINTS - 1):
            await made(client, f"{good.url}/{number}", event_types=["return.created"])
        await made(client, hung.url, filter='snapshot.reason.code = "HANG"')

        async def last(code: str) -> float:
            came.clear()
            began = time.monotonic()
            await filed(client, 1, code=code)
            await good.until(lambda: len(came) == ENDPOINTS - 1, 60)
            return max(came.values()) - began

        await last("DEFECT")
        ratios, without = [], []
        for number in range(PAIRS):
            codes = ("HANG", "DEFECT") if number % 2 else ("DEFECT", "HANG")
            took = {code: await last(code) for code in codes}
            without.append(took["DEFECT"])
            ratios.append(took["HANG"] / took["DEFECT"])
        assert len(hung.received) >= 1
        moved = statistics.median(ratios)
        print(f"the last of the others: {statistics.median(without) * 1e3:.0f} ms, times {moved:.2f} beside a hung one")
        # The promise is 10 %; the median of so many pairs is off by as much again where others use the machine.
        assert moved < 1.25, sorted(ratios)


async def test_two_bridges_on_one_database_post_everything_once_and_in_order(tmp_path: Path, postgres_url: str) -> None:
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving())
        server = stack.enter_context(ServerProcess(tmp_path / "data", postgres_url))
        stack.enter_context(BridgeProcess(tmp_path / "data", postgres_url))
        service = server.service()
        client = everything(service)
        for number in range(4):
            await made(client, f"{receiver.url}/{number}")
        await filed(client, 60)
        await receiver.has(240, 60)
        await service.close()
        assert len({(got.target, got.id) for got in receiver.accepted}) == len(receiver.accepted) == 240


async def test_no_more_than_the_setting_are_under_way_and_all_arrive(tmp_path: Path, database_url: str | None) -> None:
    async with serving(tmp_path / "data", database_url, webhooks={"max_in_flight": 5}) as service:
        client = everything(service)
        under_way = most = 0

        async def respond(got: Received) -> bytes:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            under_way -= 1
            return answer(200)

        async with receiving() as receiver:
            receiver.respond = respond
            for number in range(6):
                await made(client, f"{receiver.url}/{number}")
            await filed(client, 10)
            await receiver.has(60, 60)
        assert most <= 5
