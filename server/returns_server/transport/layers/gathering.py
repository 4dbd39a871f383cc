"""Calls that come together are let in together.

An event loop that is busy never rests. gRPC then hands calls over one by one and wakes the loop for each step of each:
half of what a bare call costs. While some wait here for others the loop rests, and what happens meanwhile comes in one
go (decision 0094).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer

_LONGEST_SECONDS = 0.005
_MOST = 256
_GROUPS_BETWEEN_TRIES = 64
_LOOK_SECONDS = 0.01
_BUSY_SHARE = 0.5


class Arrivals:
    """Lets calls in by groups as large as the last one, and tries larger ones; nobody waits longer than 5 ms.

    A group grows by a quarter until some have waited in vain, and then keeps its size for a while. While the process
    is not busy, and where calls come one at a time, nobody waits at all.
    """

    def __init__(self, busy: Callable[[], bool]) -> None:
        """Takes whether the process is busy."""
        self._busy = busy
        self._expected = 1
        self._groups_to_next_try = 0
        self._let_in_at_once = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._opening: asyncio.Handle | None = None

    def come(self) -> asyncio.Future[None] | None:
        """What a call has to wait for; None where it may go on at once."""
        loop = asyncio.get_running_loop()
        if self._expected == 1:
            self._let_in_at_once += 1
            if self._let_in_at_once == 1:
                loop.call_soon(self._count_those_let_in)
            return None
        place = loop.create_future()
        self._waiting.append(place)
        if len(self._waiting) == 1:
            self._opening = loop.call_later(_LONGEST_SECONDS, self._open, True)
        if len(self._waiting) == self._expected and self._opening is not None:
            self._opening.cancel()
            # Who comes in the same turn of the loop goes along.
            self._opening = loop.call_soon(self._open, False)
        return place

    def _count_those_let_in(self) -> None:
        came, self._let_in_at_once = self._let_in_at_once, 0
        self._expect(came, in_vain=False)

    def _open(self, in_vain: bool) -> None:
        group, self._waiting, self._opening = self._waiting, [], None
        self._expect(len(group), in_vain=in_vain)
        for place in group:
            if not place.done():  # its caller went away
                place.set_result(None)

    def _expect(self, came: int, *, in_vain: bool) -> None:
        """How many are waited for after so many came together, perhaps fewer than were waited for."""
        expected = came
        if came == 1 or not self._busy():
            expected = 1
        elif in_vain:
            self._groups_to_next_try = _GROUPS_BETWEEN_TRIES
        elif self._groups_to_next_try:
            self._groups_to_next_try -= 1
        else:
            expected += max(came // 4, 1)
        self._expected = min(expected, _MOST)


class Busyness:
    """Whether the process used more than half of a processor, looked at a hundred times a second at most."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, used: Callable[[], float] = time.process_time
    ) -> None:
        """Takes what tells seconds, and seconds of processor time."""
        self._clock, self._used = clock, used
        self._looked, self._used_then = clock(), used()
        self._busy = False

    def __call__(self) -> bool:
        """Whether it was busy before the last look."""
        now = self._clock()
        passed = now - self._looked
        if passed >= _LOOK_SECONDS:
            used = self._used()
            self._busy = used - self._used_then > passed * _BUSY_SHARE
            self._looked, self._used_then = now, used
        return self._busy


def gathering(arrivals: Arrivals) -> Layer:
    """A layer that lets single calls in by groups; streams go straight on."""

    def layer(method: Method, inner: Handler) -> Handler:
        if not method.unary:
            return inner

        def arrived(request: Any, call: Call) -> Awaitable[Any]:
            place = arrivals.come()
            return inner(request, call) if place is None else after(place, request, call)

        async def after(place: asyncio.Future[None], request: Any, call: Call) -> Any:
            await place
            return await inner(request, call)

        return arrived

    return layer
