"""Reads that no index answers: a few at a time, a bounded number waiting, each within a time limit.

So the worst filter costs its caller an error, and nobody else the time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from returns_server.storage.failures import TooBusy, TooSlow

AT_ONCE = 2
MAX_WAITING = 32
TIMEOUT_SECONDS = 5.0


class TimeLimit:
    """When a search must end; asked from whichever thread runs it."""

    def __init__(self, seconds: float) -> None:
        """Starts now."""
        self._end = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        """How long it may still run."""
        return self._end - time.monotonic()

    def over(self) -> bool:
        """Whether it must end."""
        return self.seconds_left <= 0

    def check(self) -> None:
        """Raise TooSlow where the time is over."""
        if self.over():
            raise TooSlow("a search took longer than it may")

    def end(self) -> None:
        """Nobody waits for the answer any more."""
        self._end = 0.0


class Searches:
    """The turns that searches of one database take."""

    def __init__(self, timeout_seconds: float) -> None:
        """Takes how long a search may last, and how long it may wait for its turn."""
        self._timeout = timeout_seconds
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[TimeLimit]:
        """A turn with its time limit; raises TooBusy where too many wait, or none comes up in time."""
        if self._waiting >= MAX_WAITING:
            raise TooBusy("too many searches are waiting")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._timeout):
                await self._free.acquire()
        except TimeoutError:
            raise TooBusy("no turn came up in time") from None
        finally:
            self._waiting -= 1
        try:
            yield TimeLimit(self._timeout)
        finally:
            self._free.release()
