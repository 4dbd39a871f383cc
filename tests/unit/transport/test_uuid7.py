"""Ids sort by the time at which they were made."""

from __future__ import annotations

import os
import threading

from returns_server.application.ids import Uuid7Source
from returns_server.domain.ids import Micros

NOW = 1_795_400_000_123_456


def test_an_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    made = Uuid7Source(lambda: Micros(NOW), os.urandom)()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == NOW // 1_000


def test_ids_grow_while_the_clock_stands_and_when_it_goes_back() -> None:
    times = iter([NOW] * 20_000 + [NOW - 5_000_000] * 20_000)
    source = Uuid7Source(lambda: Micros(next(times)), os.urandom)

    made = [source() for _ in range(40_000)]

    assert made == sorted(set(made))


def test_ids_grow_where_all_chance_is_used_up() -> None:
    source = Uuid7Source(lambda: Micros(NOW), lambda count: b"\xff" * count)
    source()
    source._random = (1 << 74) - 2

    made = [source() for _ in range(3)]

    assert made == sorted(set(made))
    assert made[-1].int >> 80 == NOW // 1_000 + 1
    assert {one.version for one in made} == {7}


def test_threads_never_get_the_same_id() -> None:
    source = Uuid7Source(lambda: Micros(NOW), os.urandom)
    made: list = []
    threads = [threading.Thread(target=lambda: made.extend([source() for _ in range(2_000)])) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 8_000
