"""How long one that comes now would wait, and how many may wait at once."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest

from returns_server.domain.ids import TenantId
from returns_server.storage.admission import Pace, Room
from returns_server.storage.failures import TooBusy

ACME, GLOBEX = TenantId("acme"), TenantId("globex")


def test_nobody_is_thought_to_wait_before_anything_is_known() -> None:
    assert Pace().wait_seconds(1_000, 10) == 0.0


def test_who_fits_into_the_next_batch_waits_for_nobody_however_slow_the_last_was() -> None:
    pace = Pace()
    pace.took(60.0)
    assert pace.wait_seconds(9, 10) == 0.0


def test_the_wait_is_that_of_the_batches_ahead_at_the_pace_of_late() -> None:
    pace = Pace()
    for _ in range(50):
        pace.took(0.2)
    assert pace.wait_seconds(45, 10) == pytest.approx(0.8, rel=0.01)
    for _ in range(10):
        pace.took(0.001)
    assert pace.wait_seconds(45, 10) < 0.05


def test_a_tenant_alone_has_half_of_the_room_and_leaves_room_for_others() -> None:
    room, places = Room(12), list[TenantId]()

    def entered(tenant: TenantId) -> int:
        before = len(places)
        with suppress(TooBusy):
            while True:
                room.enter(tenant)
                places.append(tenant)
        return len(places) - before

    assert entered(ACME) == 6
    assert (entered(GLOBEX), entered(TenantId("third")), room.taken) == (3, 2, 11)
    for tenant in places:
        room.leave(tenant)
    assert (room.taken, entered(GLOBEX)) == (0, 6)


def test_two_who_want_all_of_a_room_have_a_third_each() -> None:
    room, inside = Room(300), Counter[TenantId]()
    for tenant in (ACME, GLOBEX) * 300:
        with suppress(TooBusy):
            room.enter(tenant)
            inside[tenant] += 1
    assert inside == {ACME: 100, GLOBEX: 100}
