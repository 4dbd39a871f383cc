"""How long one that comes now would wait, and how many may wait at once."""

from __future__ import annotations

import pytest

from returns_server.storage.admission import Pace, Room
from returns_server.storage.failures import TooBusy


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


def test_a_room_lets_in_as_many_as_it_has_places_for() -> None:
    room = Room(2)
    with room:
        with room, pytest.raises(TooBusy), room:
            pass
        with room:
            pass
