"""Searches take turns: a bounded number waits, tenants come one after the other, and no turn is lost."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack

import pytest

from returns_server.domain.ids import TenantId
from returns_server.storage import searches as product
from returns_server.storage.failures import TooBusy
from returns_server.storage.searches import AT_ONCE, MAX_WAITING, Searches

ACME, GLOBEX, INITECH = (TenantId(name) for name in ("acme", "globex", "initech"))


class Watched:
    """Searches that last until they are let go, and who had a turn when."""

    def __init__(self, timeout_seconds: float = 60) -> None:
        self.searches = Searches(timeout_seconds)
        self.had_turns: list[TenantId] = []
        self.at_once = 0
        self.go_on = asyncio.Semaphore(0)

    async def search(self, tenant: TenantId) -> None:
        async with self.searches.turn(tenant):
            self.had_turns.append(tenant)
            self.at_once += 1
            assert self.at_once <= AT_ONCE
            try:
                await self.go_on.acquire()
            finally:
                self.at_once -= 1

    def begun(self, tenant: TenantId, count: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.search(tenant)) for _ in range(count)]

    async def end_one(self) -> None:
        """Have a search end, and the next begin."""
        self.go_on.release()
        await settled()


async def settled() -> None:
    """Everything that can go on has done so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_of_one_tenant_half_of_the_places_and_more_are_refused_at_once() -> None:
    watched = Watched()
    tasks = watched.begun(ACME, AT_ONCE + MAX_WAITING // 2)
    await settled()
    for _ in range(3):
        with pytest.raises(TooBusy, match="too many"):
            await watched.search(ACME)
    tasks += watched.begun(GLOBEX, MAX_WAITING // 4)
    await settled()
    with pytest.raises(TooBusy, match="too many"):
        await watched.search(GLOBEX)
    for _ in tasks:
        await watched.end_one()
    await asyncio.gather(*tasks)


async def test_a_second_tenant_is_next_however_many_of_the_first_wait() -> None:
    watched = Watched()
    tasks = watched.begun(ACME, AT_ONCE + 10)
    await settled()
    tasks += watched.begun(GLOBEX, 1)
    await settled()
    await watched.end_one()
    assert watched.had_turns == [*[ACME] * AT_ONCE, GLOBEX]
    for _ in tasks:
        await watched.end_one()
    await asyncio.gather(*tasks)


async def test_tenants_that_wait_have_their_turns_one_after_the_other() -> None:
    watched = Watched()
    tasks = [task for tenant in (ACME, GLOBEX, INITECH) for task in watched.begun(tenant, 8)]
    await settled()
    for _ in tasks:
        await watched.end_one()
    await asyncio.gather(*tasks)
    turns = watched.had_turns[AT_ONCE:]
    while len(set(turns)) == 3:
        assert sorted(turns[:3]) == [ACME, GLOBEX, INITECH], watched.had_turns
        turns = turns[3:]


async def test_who_finds_no_turn_in_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "_LATE_SECONDS", 0)
    watched = Watched(timeout_seconds=0.01)
    async with AsyncExitStack() as held:
        for _ in range(AT_ONCE):
            await held.enter_async_context(watched.searches.turn(ACME))
        with pytest.raises(TooBusy, match="in time"):
            await watched.search(GLOBEX)
    async with watched.searches.turn(GLOBEX):
        pass


@pytest.mark.parametrize("seed", range(20))
async def test_no_turn_is_lost_whenever_somebody_goes_away(seed: int) -> None:
    chance, watched = random.Random(seed), Watched()
    tasks: list[asyncio.Task[None]] = []
    for _ in range(300):
        step = chance.random()
        if step < 0.5:
            tasks += watched.begun(chance.choice((ACME, GLOBEX, INITECH)), 1)
        elif step < 0.7 and tasks:
            chance.choice(tasks).cancel()
        elif step < 0.9:
            watched.go_on.release()
        else:
            await asyncio.sleep(0)
    for _ in tasks:
        watched.go_on.release()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with AsyncExitStack() as all_free, asyncio.timeout(10):
        for _ in range(AT_ONCE):
            await all_free.enter_async_context(watched.searches.turn(ACME))
