"""Point reads that share a query: all are answered, from a query that began after they asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from returns_server.storage.lookups import Lookups


class Shelf:
    """Things by number; a query ends when the test says so."""

    def __init__(self) -> None:
        self.things = {n: f"thing {n}" for n in range(1_000)}
        self.queries: list[list[int]] = []
        self.broken = False
        self.open = asyncio.Event()
        self.open.set()

    async def find(self, keys: Sequence[int]) -> dict[int, str]:
        self.queries.append(list(keys))
        found = {key: self.things[key] for key in keys if key in self.things}
        await self.open.wait()
        if self.broken:
            raise ConnectionError
        return found


async def test_those_who_ask_while_a_query_runs_share_the_next_one() -> None:
    shelf = Shelf()
    shelf.open.clear()
    lookups = Lookups(shelf.find)
    first = asyncio.create_task(lookups.find(0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(lookups.find(n % 100)) for n in range(300)]
    await asyncio.sleep(0)
    shelf.open.set()
    assert await first == "thing 0"
    assert await asyncio.gather(*others) == [f"thing {n % 100}" for n in range(300)]
    assert [len(keys) for keys in shelf.queries] == [1, 100]


async def test_nobody_reads_what_was_true_before_it_asked() -> None:
    shelf = Shelf()
    shelf.open.clear()
    lookups = Lookups(shelf.find)
    before = asyncio.create_task(lookups.find(7))
    while not shelf.queries:
        await asyncio.sleep(0)
    shelf.things[7] = "changed"
    after = asyncio.create_task(lookups.find(7))
    await asyncio.sleep(0)
    shelf.open.set()
    assert (await before, await after) == ("thing 7", "changed")


async def test_what_is_missing_is_none_and_a_failure_is_told_to_all_who_asked() -> None:
    shelf = Shelf()
    lookups = Lookups(shelf.find)
    assert await lookups.find(5_000) is None
    shelf.broken = True
    answers = await asyncio.gather(*(lookups.find(n) for n in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionError] * 3
    shelf.broken = False
    assert await lookups.find(1) == "thing 1"


async def test_who_goes_away_does_not_take_the_answer_along() -> None:
    shelf = Shelf()
    shelf.open.clear()
    lookups = Lookups(shelf.find)
    gone, stays = (asyncio.create_task(lookups.find(3)) for _ in range(2))
    while not shelf.queries:
        await asyncio.sleep(0)
    gone.cancel()
    shelf.open.set()
    assert await stays == "thing 3"
    with pytest.raises(asyncio.CancelledError):
        await gone
