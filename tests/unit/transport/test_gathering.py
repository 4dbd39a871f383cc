"""Calls that come together are let in together; nobody waits for long, and who is alone not at all."""

from __future__ import annotations

import asyncio
from itertools import chain

import pytest

from returns_server.transport.contract import SERVICES, methods_of
from returns_server.transport.layers import gathering as product
from returns_server.transport.layers.gathering import Arrivals, Busyness, gathering

Place = asyncio.Future[None] | None


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for others does so until they come."""
    monkeypatch.setattr(product, "_LONGEST_SECONDS", 3600.0)


async def turns() -> None:
    """Let the loop do what is to be done."""
    for _ in range(3):
        await asyncio.sleep(0)


async def come(arrivals: Arrivals, calls: int) -> list[Place]:
    """So many calls in one turn of the loop."""
    places = [arrivals.come() for _ in range(calls)]
    await turns()
    return places


def let_in(places: list[Place]) -> int:
    return sum(place is None or place.done() for place in places)


async def after_groups_of_three() -> Arrivals:
    """Three come, and three again, in vain waited for by more."""
    arrivals = Arrivals(lambda: True)
    await come(arrivals, 3)
    await asyncio.gather(*filter(None, await come(arrivals, 3)))
    return arrivals


@pytest.mark.usefixtures("patient")
async def test_who_is_alone_is_not_waited_for() -> None:
    arrivals = Arrivals(lambda: True)
    assert [let_in(await come(arrivals, 1)) for _ in range(5)] == [1] * 5


@pytest.mark.usefixtures("patient")
async def test_where_several_came_together_a_few_more_are_waited_for() -> None:
    arrivals = Arrivals(lambda: True)
    assert let_in(await come(arrivals, 8)) == 8
    places: list[Place] = []
    for _ in range(9):
        places += await come(arrivals, 1)
        assert not let_in(places)
    places += await come(arrivals, 1)
    assert let_in(places) == 10


@pytest.mark.usefixtures("patient")
async def test_they_are_let_in_in_the_order_in_which_they_came() -> None:
    arrivals = Arrivals(lambda: True)
    await come(arrivals, 3)
    order: list[int] = []

    async def call(number: int) -> None:
        place = arrivals.come()
        assert place is not None
        await place
        order.append(number)

    await asyncio.gather(*map(call, range(4)))
    assert order == [0, 1, 2, 3]


@pytest.mark.usefixtures("patient")
async def test_who_comes_in_the_same_turn_goes_along() -> None:
    arrivals = Arrivals(lambda: True)
    await come(arrivals, 3)
    assert let_in(await come(arrivals, 6)) == 6


async def test_nobody_waits_for_long_and_then_as_many_as_came_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = await after_groups_of_three()
    monkeypatch.setattr(product, "_LONGEST_SECONDS", 3600.0)
    assert let_in(await come(arrivals, 3)) == 3


async def test_more_are_waited_for_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "_GROUPS_BETWEEN_TRIES", 2)
    arrivals = await after_groups_of_three()
    monkeypatch.setattr(product, "_LONGEST_SECONDS", 3600.0)
    assert [let_in(await come(arrivals, 3)) for _ in range(4)] == [3, 3, 3, 0]


async def test_who_is_left_alone_is_held_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = await after_groups_of_three()
    [held_up] = await come(arrivals, 1)
    assert held_up is not None
    await held_up
    monkeypatch.setattr(product, "_LONGEST_SECONDS", 3600.0)
    assert [let_in(await come(arrivals, 1)) for _ in range(3)] == [1] * 3


@pytest.mark.usefixtures("patient")
async def test_who_goes_away_holds_up_nobody() -> None:
    arrivals = Arrivals(lambda: True)
    await come(arrivals, 3)
    gone, *places = await come(arrivals, 3)
    assert gone is not None
    gone.cancel()
    places += await come(arrivals, 1)
    assert let_in(places) == 3


@pytest.mark.usefixtures("patient")
async def test_while_the_process_is_not_busy_nobody_waits() -> None:
    busy = [False, True, True, False]
    arrivals = Arrivals(lambda: busy.pop(0))
    assert let_in(await come(arrivals, 3)) == 3
    assert let_in(await come(arrivals, 3)) == 3, "was busy only after these"
    assert let_in(await come(arrivals, 4)) == 4, "the group is full"
    assert let_in(await come(arrivals, 2)) == 0, "five are expected"
    assert let_in(await come(arrivals, 3)) == 3
    assert let_in(await come(arrivals, 1)) == 1, "not busy any more"


@pytest.mark.usefixtures("patient")
async def test_a_group_has_its_bound() -> None:
    arrivals = Arrivals(lambda: True)
    await come(arrivals, 1_000)
    places = await come(arrivals, 255)
    assert not let_in(places)
    assert let_in(await come(arrivals, 1)) == 1
    assert let_in(places) == 255


def test_busy_is_who_used_more_than_half_of_a_processor() -> None:
    seconds, used = iter([0.0, 0.005, 0.01, 0.015, 0.025, 0.04]), iter([0.0, 0.009, 0.013, 0.023])
    busy = Busyness(lambda: next(seconds), lambda: next(used))
    assert [busy() for _ in range(5)] == [False, True, True, False, True]


async def test_streams_go_straight_on() -> None:
    async def handler(request: object, call: object) -> None:
        """Answers nothing."""

    layer = gathering(Arrivals(lambda: True))
    for method in chain.from_iterable(map(methods_of, SERVICES.values())):
        assert (layer(method, handler) is handler) is not method.unary
