"""One stream from its place on, for as long as it may live: events, signs of life, and a goodbye."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from returns_server.domain.errors import Overloaded, StorageUnavailable
from returns_server.domain.ids import SECOND, Micros
from returns_server.events.cursor import Cursor
from returns_server.events.entry import CaughtUp, Checkpoint, Ending, Goodbye, Sent
from returns_server.events.selection import Step

RECHECK_SECONDS = 10.0
"""How long a caller that is no longer trusted keeps a stream at most."""
_RETRY_SECONDS = 0.5


class Reads(Protocol):
    """Reads on from a place; see `Reader`."""

    async def read_on(self, place: Cursor) -> Step:
        """The next events behind a place; raises CursorExpired, StorageUnavailable, Overloaded."""


class Alarm(Protocol):
    """Wakes one stream."""

    async def wait(self, until: float) -> None:
        """Return when there may be something to do, at the latest at this time; perhaps for nothing."""


@dataclass(frozen=True, slots=True)
class Life:
    """How long a stream lives: `now` are seconds that only rise, `clock` is the time of day.

    `still_allowed` raises when the caller would not be let in any more.
    """

    now: Callable[[], float]
    clock: Callable[[], Micros]
    draining: Callable[[], bool]
    expire_time: Micros
    max_age_seconds: float
    still_allowed: Callable[[], Awaitable[None]]
    retry_delay: Callable[[Ending], Micros]

    def ending(self, began: float) -> Ending | None:
        """Why the stream ends now, if it does."""
        if self.draining():
            return Ending.DRAINING
        if self.clock() >= self.expire_time:
            return Ending.TOKEN_EXPIRED
        if self.now() - began >= self.max_age_seconds:
            return Ending.MAX_AGE
        return None

    def ends_at(self, began: float) -> float:
        """When the stream will end, as far as can be told."""
        expires_in = (self.expire_time - self.clock()) / SECOND
        return min(began + self.max_age_seconds, self.now() + expires_in)


async def follow(
    reader: Reads, alarm: Alarm, life: Life, place: Cursor, head: int, heartbeat_seconds: float
) -> AsyncGenerator[Sent, None]:
    """Everything behind a place, as it happens; `head` is the last sequence when the stream began.

    Raises CursorExpired where the log no longer has what comes next, and what `still_allowed` raises. While the
    database cannot be reached, or has no room for another read, the stream lives on its heartbeats.
    """
    began = spoke = checked = life.now()
    caught_up = False
    while True:
        ending = life.ending(began)
        if ending is not None:
            yield Goodbye(place, ending, life.retry_delay(ending))
            return
        if life.now() - checked >= RECHECK_SECONDS:
            await life.still_allowed()
            checked = life.now()
        retry_at = math.inf
        try:
            step = await reader.read_on(place)
        except (StorageUnavailable, Overloaded):
            step = Step(None, place, end=True)
            retry_at = life.now() + _RETRY_SECONDS
        place = step.place
        if step.batch is not None:
            yield step.batch
            spoke = life.now()
        if not caught_up and place.sequence >= head and retry_at == math.inf:
            caught_up = True
            yield CaughtUp(place)
            spoke = life.now()
        if life.now() - spoke >= heartbeat_seconds:
            yield Checkpoint(place)
            spoke = life.now()
        if step.end:
            await alarm.wait(min(spoke + heartbeat_seconds, life.ends_at(began), checked + RECHECK_SECONDS, retry_at))
        elif step.batch is None:
            # Much may be left out by a filter: others get their turn.
            await asyncio.sleep(0)
