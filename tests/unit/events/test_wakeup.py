"""The signal between the writer and followers: it is never lost, and never heard by those whom it does not concern."""

from __future__ import annotations

import asyncio

from returns_server.domain.ids import TenantId
from returns_server.events.wakeup import WakeUp

ACME, OTHER = TenantId("acme"), TenantId("other")
LONG = 60.0


async def test_a_ring_before_the_wait_is_heard() -> None:
    wake_up = WakeUp()
    with wake_up.listening(ACME) as bell:
        wake_up.ring([ACME])
        assert await bell.heard(LONG) == {ACME}
        assert await bell.heard(0) == frozenset(), "heard once"


async def test_a_ring_during_the_wait_ends_it() -> None:
    wake_up = WakeUp()
    with wake_up.listening(ACME) as bell:
        asyncio.get_running_loop().call_soon(wake_up.ring, [ACME])
        assert await bell.heard(LONG) == {ACME}


async def test_another_tenants_log_wakes_only_who_follows_any() -> None:
    wake_up = WakeUp()
    with wake_up.listening(ACME) as acme, wake_up.listening() as anybody:
        wake_up.ring([OTHER])
        wake_up.ring([OTHER])
        assert await acme.heard(0) == frozenset()
        assert await anybody.heard(LONG) == {OTHER}


async def test_every_follower_of_a_tenant_hears() -> None:
    wake_up = WakeUp()
    with wake_up.listening(ACME) as first, wake_up.listening(ACME) as second:
        wake_up.ring([ACME, OTHER])
        assert await first.heard(LONG) == await second.heard(LONG) == {ACME}


async def test_lost_word_wakes_everybody_without_saying_whose() -> None:
    wake_up = WakeUp()
    with wake_up.listening(ACME) as acme, wake_up.listening() as anybody:
        wake_up.ring_all()
        async with asyncio.timeout(1):
            assert await acme.heard(LONG) == await anybody.heard(LONG) == frozenset()


async def test_nobody_is_remembered_who_stopped_listening() -> None:
    wake_up = WakeUp()
    with wake_up.listening(ACME), wake_up.listening():
        with wake_up.listening(ACME):
            pass
        assert wake_up.listened == {ACME}
    assert wake_up.listened == frozenset()
    wake_up.ring([ACME])
    wake_up.ring_all()
