"""Reads that no index answers: a few at a time, a bounded number waiting, each within a time limit.

So the worst filter costs its caller an error, and nobody else the time; a tenant with many of them keeps no other from
its turn.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from returns_server.domain.ids import TenantId
from returns_server.storage.admission import has_room
from returns_server.storage.failures import TooBusy, TooSlow

AT_ONCE = 2
MAX_WAITING = 32
TIMEOUT_SECONDS = 5.0
_LATE_SECONDS = 1.0
"""How much later than it should a search may end."""


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
    """The turns that searches of one database take: tenants in turn, who has the fewest under way first."""

    def __init__(self, timeout_seconds: float) -> None:
        """Takes how long a search may last; for its turn it may wait a little longer."""
        self._timeout = timeout_seconds
        self._under_way: Counter[TenantId] = Counter()
        self._waiting: dict[TenantId, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, tenant: TenantId) -> AsyncIterator[TimeLimit]:
        """A turn with its time limit; raises TooBusy where too many wait, or none comes up in time."""
        await self._begin(tenant)
        try:
            yield TimeLimit(self._timeout)
        finally:
            self._end(tenant)

    async def _begin(self, tenant: TenantId) -> None:
        if self._under_way.total() < AT_ONCE:  # then nobody waits
            self._under_way[tenant] += 1
            return
        waiting = sum(map(len, self._waiting.values()))
        if not has_room(len(self._waiting.get(tenant, ())), waiting, MAX_WAITING):
            raise TooBusy("too many searches are waiting")
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(turn)
        try:
            # All that are under way end before that.
            async with asyncio.timeout(self._timeout + _LATE_SECONDS):
                await turn
        except TimeoutError:
            self._give_up(tenant, turn)
            raise TooBusy("no turn came up in time") from None
        except asyncio.CancelledError:
            self._give_up(tenant, turn)
            raise

    def _give_up(self, tenant: TenantId, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self._end(tenant)  # it came in the very moment
        elif turn in self._waiting.get(tenant, ()):
            self._waiting[tenant].remove(turn)
            if not self._waiting[tenant]:
                del self._waiting[tenant]

    def _end(self, tenant: TenantId) -> None:
        """Leave the turn to who is next."""
        self._under_way[tenant] -= 1
        if not self._under_way[tenant]:
            del self._under_way[tenant]
        while self._waiting:
            following = min(self._waiting, key=lambda one: self._under_way[one])
            waiting = self._waiting.pop(following)
            turn = waiting.popleft()
            if waiting:
                self._waiting[following] = waiting  # behind all others
            if not turn.done():
                self._under_way[following] += 1
                turn.set_result(None)
                return
