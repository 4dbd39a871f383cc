"""Replicas that are restarted in turn, as a rolling upgrade does: callers with the shipped client notice nothing."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.faces import asynchronous
from tests.support.nursery import Nursery
from tests.support.people import balanced_at
from tests.support.service import Service
from tests.support.shop import Follower, Shop, check_effects, followed
from tests.support.soak import MINUTES

_ROUNDS = 2
_CHANGES_BETWEEN = 40
_PATIENT: dict[str, Any] = {"timeout_seconds": 60}
"""What may not happen is a failed call; how long one takes while all tests share the machine is another matter. Alone,
for long, the client's own time limit must do.
"""


async def restarted_in_turn(
    tmp_path: Path, url: str, settings: dict[str, Any], *, rounds: int = 0, minutes: float = 0.0
) -> None:
    """Two replicas under mixed load, each stopped by SIGTERM and started again on its address, over and over."""
    with (
        Nursery() as nursery,
        nursery.server(tmp_path / "data", url) as one,
        nursery.server(tmp_path / "data", url) as two,
    ):
        both = Service(f"ipv4:{one.address},{two.address}", tmp_path / "data")
        shop, chance = Shop(), random.Random(7)
        async with asynchronous(both, **settings) as client, asynchronous(both, **settings) as reading:
            await shop.sell(client)
            followers = [Follower(client), Follower(reading), Follower(reading)]
            callers = [shop.change(client, random.Random(chance.random())) for _ in range(6)]
            callers += [shop.read(reading), shop.read(reading), shop.import_orders(client)]
            async with followed(*followers):
                async with shop.at_work(*callers):
                    ends, done = time.monotonic() + 60 * minutes, 0
                    while done < rounds or time.monotonic() < ends:
                        for server in (one, two):
                            await shop.reach(_CHANGES_BETWEEN)
                            await asyncio.to_thread(server.stop)
                            await shop.reach(_CHANGES_BETWEEN)
                            await asyncio.to_thread(server.start)
                        done += 1
                    await shop.reach(_CHANGES_BETWEEN)
                await check_effects(shop, client, followers)
            print(f"{done} rounds: {len(shop.changes)} changes, {shop.upserts} orders, {shop.reads} reads, none failed")
        assert all(follower.pauses for follower in followers), "no stream was ever interrupted"
    await balanced_at(url)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_no_call_fails_while_replicas_restart_in_turn(tmp_path: Path, postgres_url: str) -> None:
    await restarted_in_turn(tmp_path, postgres_url, _PATIENT, rounds=_ROUNDS)


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_no_call_fails_while_replicas_restart_in_turn_for_long(tmp_path: Path, postgres_url: str) -> None:
    await restarted_in_turn(tmp_path, postgres_url, {}, minutes=MINUTES)
