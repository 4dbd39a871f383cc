"""UUIDs of version 7 (RFC 9562): they sort by the time they were made, and within a process without exception."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

from returns_server.domain.ids import Micros

_RANDOM_BITS = 74
_LARGEST = (1 << _RANDOM_BITS) - 1
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_STEP_BYTES = 4


class Uuid7Source:
    """Makes UUIDs that only grow, also within a millisecond and when the clock goes back.

    Within a millisecond the random part grows by a random step (RFC 9562, section 6.2, method 2), so that an id
    cannot be guessed from its neighbour. Safe to share between threads.
    """

    def __init__(self, clock: Callable[[], Micros], randomness: Callable[[int], bytes]) -> None:
        """Takes the time and a source of random bytes, by how many are wanted."""
        self._clock = clock
        self._randomness = randomness
        self._lock = threading.Lock()
        self._millis = -1
        self._random = 0

    def __call__(self) -> UUID:
        """The next id."""
        millis = self._clock() // 1_000
        with self._lock:
            if millis > self._millis:
                self._begin(millis)
            else:
                self._random += 1 + int.from_bytes(self._randomness(_STEP_BYTES), "big")
                if self._random > _LARGEST:
                    self._begin(self._millis + 1)
            millis, chance = self._millis, self._random
        # 48 bits of time, 4 of version, 12 of chance, 2 of variant, 62 of chance.
        return UUID(int=millis << 80 | _VERSION_AND_VARIANT | chance >> 62 << 64 | chance & ((1 << 62) - 1))

    def _begin(self, millis: int) -> None:
        self._millis = millis
        # Half the range at most, so that there is room to count upward.
        self._random = int.from_bytes(self._randomness(10), "big") >> (81 - _RANDOM_BITS)
