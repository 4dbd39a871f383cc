"""When a worker that died is started again."""

from __future__ import annotations

from returns_server.workers.supervisor import STEADY_SECONDS, pause_before


def test_a_worker_that_served_for_a_while_is_started_again_at_once() -> None:
    assert pause_before(30.0, STEADY_SECONDS) == 0.0


def test_one_that_dies_young_again_and_again_is_started_ever_more_rarely() -> None:
    pauses = [0.0]
    for _ in range(8):
        pauses.append(pause_before(pauses[-1], 1.0))
    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
