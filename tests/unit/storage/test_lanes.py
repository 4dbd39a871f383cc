"""Callers who come again are waited for a moment, so that batches stay as large as they were; nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from returns_server.storage.lanes import Bounds, Lane, Waiting
from tests.support.commands import create, order


def call() -> Waiting:
    return Waiting(create("o1"), asyncio.get_running_loop().create_future(), 0.0)


def fed() -> Waiting:
    return Waiting(order("o1"), asyncio.get_running_loop().create_future(), 0.0)


async def after_batches_of(*sizes: int, bounds: Bounds | None = None, took: float = 0.01, gathers: bool = True) -> Lane:
    """A lane that had such batches, the last of which took so many seconds."""
    lane = Lane(0, bounds or Bounds(), gathers=gathers)
    for size in sizes:
        put(lane, (call() for _ in range(size)))
        assert len(await lane.batch()) == size
        lane.took(took)
    return lane


def put(lane: Lane, waiting: Iterable[Waiting]) -> None:
    for one in waiting:
        lane.put(one)


def at_once(lane: Lane) -> int | None:
    """How large the batch is that can be had without waiting for anything; None where it is waited for."""
    taking = lane.batch()
    try:
        taking.send(None)
    except StopIteration as stop:
        batch: list[Waiting] = stop.value
        return len(batch)
    taking.close()
    return None


async def test_as_many_as_of_late_are_waited_for() -> None:
    lane = await after_batches_of(4, 4)
    put(lane, [call()])
    taking = asyncio.create_task(lane.batch())
    await asyncio.sleep(0)
    assert not taking.done()
    put(lane, [call(), call(), call()])
    assert len(await taking) == 4


async def test_nobody_waits_for_long() -> None:
    lane = await after_batches_of(4, 4)
    put(lane, [call()])
    assert len(await lane.batch()) == 1


async def test_no_longer_than_the_last_batch_took() -> None:
    lane = await after_batches_of(4, 4, took=0.0)
    put(lane, [call()])
    async with asyncio.timeout(60):
        assert len(await lane.batch()) == 1


@pytest.mark.parametrize("sizes", [(), (1,), (1, 1), (8, 1, 1), (2, 1, 1)])
async def test_a_caller_alone_is_not_held_up(sizes: tuple[int, ...]) -> None:
    lane = await after_batches_of(*sizes)
    put(lane, [call()])
    assert at_once(lane) == 1


async def test_a_full_batch_waits_for_nobody() -> None:
    lane = await after_batches_of(3, 3, bounds=Bounds(max_batch=3))
    put(lane, (call() for _ in range(5)))
    assert at_once(lane) == 3
    assert at_once(lane) is None, "two of three"


async def test_an_import_waits_for_no_calls() -> None:
    lane = await after_batches_of(4, 4)
    put(lane, [fed()])
    assert at_once(lane) == 1
    assert at_once(lane) is None, "nothing is left"


async def test_orders_of_an_import_are_no_callers() -> None:
    lane = await after_batches_of(1)
    put(lane, (fed() for _ in range(9)))
    assert at_once(lane) == 9
    put(lane, [call()])
    assert at_once(lane) == 1


async def test_a_lane_that_does_not_gather_waits_for_nobody() -> None:
    lane = await after_batches_of(4, 4, gathers=False)
    put(lane, [call()])
    assert at_once(lane) == 1
