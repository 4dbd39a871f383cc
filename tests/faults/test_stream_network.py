"""Streams over a network that delays, cuts, half-closes and throttles: resumed exactly, every time."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

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
from tests.support.proxy import Faults, proxied
from tests.support.service import ALL, Service, serving
from tests.support.streams import streaming


def through(service: Service, address: str) -> Service:
    return Service(address, service.data_dir, options=QUICK)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("cuts", [150, pytest.param(1500, marks=pytest.mark.soak)])
async def test_every_disconnect_is_resumed_exactly(tmp_path: Path, database_url: str | None, cuts: int) -> None:
    """Each cut breaks the connections of four consumers: 600 forced disconnects in the short form."""
    chance = random.Random(30)
    async with serving(tmp_path / "data", database_url) as service, proxied(service.address) as proxy:
        away = [through(service, proxy.address) for _ in range(4)]
        clients = [one.client(*ALL) for one in away]
        direct = service.client(*ALL)
        await stock(direct)
        watching = [
            Consumer(clients[:1]),
            Consumer(clients[1:2], max_batch_events=1),
            Consumer(clients[2:3], History(selects=ended), filter=ENDED, heartbeat_seconds=1),
            Consumer(clients[3:], History(selects=early), filter=EARLY),
        ]
        changes = Changes()
        callers = [asyncio.create_task(change([direct], changes, chance, pause=0.02)) for _ in range(2)]
        async with following(*watching):
            while proxy.cut < cuts * len(watching):
                proxy.faults = Faults(
                    delay_seconds=chance.choice([0, 0, 0.005]), bytes_per_second=chance.choice([0, 0, 200_000])
                )
                async with asyncio.timeout(60):
                    while proxy.connections < len(watching):
                        await asyncio.sleep(0.005)
                await asyncio.sleep(chance.uniform(0, 0.1))
                proxy.cut_all(chance)
            proxy.faults = Faults()
            changes.over = True
            await asyncio.gather(*callers)
            log = await whole_log(direct)
            for consumer in watching:
                await consumer.reached(len(log))
        check_all([consumer.history for consumer in watching], log, changes.acknowledged)
        interrupted = sum(len(consumer.endings) for consumer in watching)
        assert interrupted >= cuts * len(watching) * 0.8
        for one in away:
            await one.close()


async def test_a_throttled_stream_gets_everything_and_holds_up_nobody(tmp_path: Path, database_url: str | None) -> None:
    async with (
        serving(tmp_path / "data", database_url) as service,
        proxied(service.address, Faults(bytes_per_second=4_000)) as proxy,
    ):
        slow = through(service, proxy.address)
        direct = service.client(*ALL)
        await stock(direct)
        throttled, quick = Consumer([slow.client(*ALL)]), Consumer([direct])
        changes = Changes()
        async with following(throttled, quick):
            callers = [asyncio.create_task(change([direct], changes, random.Random(n))) for n in range(4)]
            await changes.reach(300)
            changes.over = True
            await asyncio.gather(*callers)
            log = await whole_log(direct)
            await quick.reached(len(log))
            assert throttled.history.place(throttled.history.cursor) < len(log), "the proxy does not throttle"
            proxy.faults = Faults()
            await throttled.reached(len(log))
        check_all([throttled.history, quick.history], log, changes.acknowledged)
        await slow.close()


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_reader_that_vanished_without_a_word_is_noticed(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, proxied(service.address) as proxy:
        away = through(service, proxy.address)
        async with streaming(away.client(*ALL), heartbeat_seconds=60) as stream:
            await stream.until_caught_up()
            assert service.app is not None
            open_streams = service.app.registry.get_sample_value
            assert open_streams("returns_streams") == 1
            proxy.faults = Faults(vanished=True)
            async with asyncio.timeout(150):
                while open_streams("returns_streams"):
                    await asyncio.sleep(0.5)
        await away.close()
