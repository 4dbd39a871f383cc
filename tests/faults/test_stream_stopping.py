"""Servers that are told to stop under load bid every stream goodbye, and no call fails for a client as shipped."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import grpc.aio
import pytest

from returns_client.channels import OPTIONS, SERVICE_CONFIG
from tests.support.consumers import QUICK, Changes, Consumer, following, stock, whole_log
from tests.support.histories import check_all
from tests.support.messages import create, new_request_id
from tests.support.nursery import Nursery
from tests.support.service import ALL, Client, Service

CALLERS = 8
STOPS = 6
WITHOUT_RETRIES = (
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    ("grpc.enable_retries", 0),
)


def test_the_service_config_repeats_and_sets_no_timeout() -> None:
    [method] = SERVICE_CONFIG["methodConfig"]
    assert method["name"] == [{}], "for every method"
    assert method["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE", "CANCELLED"]
    assert "timeout" not in method, "beside a retry policy it makes calls fail early"


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_servers_that_stop_in_turn_fail_no_call_and_bid_every_stream_goodbye(
    tmp_path: Path, postgres_url: str
) -> None:
    with (
        Nursery() as nursery,
        nursery.server(tmp_path / "data", postgres_url) as one,
        nursery.server(tmp_path / "data", postgres_url) as two,
    ):
        servers = [one, two]
        services = [Service(server.address, server.data_dir, options=QUICK) for server in servers]
        own = [service.client(*ALL) for service in services]
        await stock(own[0])
        both = Service(f"ipv4:{one.address},{two.address}", tmp_path / "data", options=OPTIONS)
        shipped = both.client(*ALL)
        watching = [Consumer([client], heartbeat_seconds=1) for client in own for _ in range(5)]
        unshipped = Service(both.address, both.data_dir, options=WITHOUT_RETRIES)
        changes, failures, failures_without = Changes(), list[Any](), list[Any]()
        async with following(*watching):
            callers = [asyncio.create_task(_file(shipped, changes, failures)) for _ in range(CALLERS)]
            plain = unshipped.client(*ALL)
            callers += [asyncio.create_task(_file(plain, changes, failures_without)) for _ in range(CALLERS)]
            for stop in range(STOPS):
                await changes.reach(len(changes.acknowledged) + 150)
                number = stop % 2
                before = [len(consumer.endings) for consumer in watching]
                stopped = watching[number * 5 : number * 5 + 5]
                await asyncio.to_thread(servers[number].stop)
                for consumer in stopped:
                    earlier = before[watching.index(consumer)]
                    async with asyncio.timeout(60):  # what the server said last may still have to be read
                        while len(consumer.endings) == earlier:
                            await asyncio.sleep(0.01)
                    assert consumer.endings[earlier] == "goodbye", consumer.endings[earlier:]
                    last = next(s for s in reversed(consumer.history.segments) if s.messages).messages[-1]
                    assert last.WhichOneof("content") == "goodbye"
                    assert last.cursor
                await asyncio.to_thread(servers[number].start)
            await changes.reach(len(changes.acknowledged) + 150)
            changes.over = True
            await asyncio.gather(*callers)
            log = await whole_log(own[0])
            for consumer in watching:
                await consumer.reached(len(log))
        assert failures == []
        assert failures_without, "the control: nothing needed to be repeated"
        check_all([consumer.history for consumer in watching], log, changes.acknowledged)
        for service in (*services, both, unshipped):
            await service.close()


async def _file(client: Client, changes: Changes, failures: list[Any]) -> None:
    """File returns one after the other, each call made once: repeating is the channel's business."""
    chance = random.Random(1)
    while not changes.over:
        request = create((f"o{chance.randrange(8)}", "1", 1), request_id=new_request_id())
        try:
            filed = await client.returns.CreateReturn(request, timeout=20)
        except grpc.aio.AioRpcError as error:
            failures.append((error.code(), error.details()))
        else:
            changes.acknowledged.append((filed.name, filed.version))
