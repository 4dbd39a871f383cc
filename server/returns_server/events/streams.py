"""Opens streams: from which place, how many at once, and until when."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import Enum

from returns_server.application.listing import Viewer
from returns_server.application.ports import StoredEvent
from returns_server.domain.errors import TooManyStreams
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.events.cursor import Cursor
from returns_server.events.entry import Ending, Forms, Sent
from returns_server.events.following import Life, follow
from returns_server.events.log import Log, check_place, floor_of, head_of
from returns_server.events.reading import Reader
from returns_server.events.selection import Selection
from returns_server.events.tail import Tails
from returns_server.events.wakeup import WakeUp

_NOBODY = Viewer(everything=False)
_SPREAD_SECONDS = 2.0
"""Over how long readers whom one server sent away come back: not all in one moment."""


class End(Enum):
    """The two ends of a log."""

    EARLIEST = "earliest"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Since:
    """The first event of this time or later."""

    time: Micros


Start = Cursor | End | Since
"""Where a stream begins."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A stream as it is asked for: which events, from where on, with which signs of life, and by whom.

    `still_allowed` raises when the caller would not be let in any more; `expire_time` is when its token ends.
    """

    selection: Selection
    start: Start
    heartbeat_seconds: float
    caller: str
    expire_time: Micros
    still_allowed: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many streams one server carries, of a tenant and of one of its customers, and how long each at most."""

    max_per_tenant: int
    max_per_customer: int
    max_age_seconds: float


class Streams:
    """All streams of this server."""

    def __init__(
        self,
        log: Log,
        wake_up: WakeUp,
        forms: Forms,
        limits: Limits,
        clock: Callable[[], Micros],
        chance: Callable[[], float],
        late: Callable[[float], None] = lambda _: None,
    ) -> None:
        """Takes the log, who says that it grew, the forms of events, limits, the time, numbers from 0 to 1, and who
        hears how many seconds after their time events were at hand for live streams.
        """
        self._log = log
        self._forms = forms
        self._limits = limits
        self._clock = clock
        self._chance = chance
        self._late = late
        self._tails = Tails(log, wake_up, forms, self._took)
        self._readers: set[Reader] = set()
        self._open: Counter[tuple[TenantId, str]] = Counter()
        self._stopping = False

    @property
    def count(self) -> int:
        """How many streams are open."""
        return sum(number for (_, customer), number in self._open.items() if not customer)

    @property
    def most_behind(self) -> int:
        """How many events the stream furthest behind has before it; 0 without streams."""
        return max((reader.behind for reader in self._readers), default=0)

    def stop(self) -> None:
        """Say goodbye on every stream, and on those that still come."""
        self._stopping = True
        self._tails.wake_all()

    @asynccontextmanager
    async def opened(self, ask: Ask) -> AsyncIterator[AsyncIterator[Sent]]:
        """What a stream has to say; raises TooManyStreams, CursorExpired, StorageUnavailable, Overloaded."""
        tenant = ask.selection.tenant
        with ExitStack() as stack:
            customer = "" if ask.selection.viewer.everything else ask.caller
            stack.enter_context(self._counted(tenant, customer))
            alarm = stack.enter_context(_Alarm.set_up())
            tail = stack.enter_context(self._tails.following(tenant, alarm.ring))
            place, head = await self._start(tenant, ask.start)
            reader = Reader(self._log, tail, self._forms, ask.selection)
            stack.callback(reader.close)
            self._readers.add(reader)
            stack.callback(self._readers.discard, reader)
            life = self._life(ask, alarm.now)
            async with aclosing(follow(reader, alarm, life, place, head, ask.heartbeat_seconds)) as sent:
                yield sent

    def _took(self, last: StoredEvent) -> None:
        # An event's id begins with its time in milliseconds (UUID version 7).
        millis = int.from_bytes(last.event_id[:6], "big")
        self._late(max(self._clock() - millis * 1_000, 0) / SECOND)

    def _life(self, ask: Ask, now: Callable[[], float]) -> Life:
        # Streams that began together (after a restart) need not end together.
        max_age = self._limits.max_age_seconds * (1 - self._chance() / 10)
        return Life(
            now=now,
            clock=self._clock,
            draining=lambda: self._stopping,
            expire_time=ask.expire_time,
            max_age_seconds=max_age,
            still_allowed=ask.still_allowed,
            retry_delay=self._retry_delay,
        )

    def _retry_delay(self, ending: Ending) -> Micros:
        if ending is Ending.TOKEN_EXPIRED:
            return Micros(0)
        return Micros(round(self._chance() * _SPREAD_SECONDS * SECOND))

    async def _start(self, tenant: TenantId, start: Start) -> tuple[Cursor, int]:
        """The place where a stream begins, and the head's sequence; raises CursorExpired."""
        sequence = 0
        if isinstance(start, Cursor):
            sequence = start.sequence
        elif isinstance(start, Since):
            sequence = await self._log.last_before(tenant, start.time)
        page = await self._log.read_log(tenant, _NOBODY, sequence, 0, 0)
        match start:
            case End.EARLIEST:
                return floor_of(tenant, page), page.head_sequence
            case End.LATEST:
                return head_of(tenant, page), page.head_sequence
            case Since():
                if sequence <= page.floor_sequence:
                    return floor_of(tenant, page), page.head_sequence
                return Cursor.after(page.epoch, tenant, sequence, page.after_id), page.head_sequence
            case Cursor():
                check_place(start, page)
                return start, page.head_sequence

    @contextmanager
    def _counted(self, tenant: TenantId, customer: str) -> Iterator[None]:
        """Count a stream while it is open; raises TooManyStreams."""
        bounds = {(tenant, ""): self._limits.max_per_tenant}
        if customer:
            bounds[tenant, customer] = self._limits.max_per_customer
        for key, bound in bounds.items():
            if self._open[key] >= bound:
                whose = "the caller" if key[1] else "the tenant"
                raise TooManyStreams(f"{whose} has {bound} streams open on this server, as many as it may")
        self._open.update(bounds.keys())
        try:
            yield
        finally:
            self._open.subtract(bounds.keys())
            for key in bounds:
                if not self._open[key]:
                    del self._open[key]


class _Alarm:
    """Wakes one stream: when its log grew, when the server stops, or when its time has come."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        self._timer: asyncio.Handle | None = None
        self._due_at = math.inf
        self.ring = self._rung.set
        self.now = self._loop.time

    @classmethod
    @contextmanager
    def set_up(cls) -> Iterator[_Alarm]:
        """An alarm, and no timer of it left afterwards."""
        alarm = cls()
        try:
            yield alarm
        finally:
            if alarm._timer is not None:
                alarm._timer.cancel()

    async def wait(self, until: float) -> None:
        """Return when rung, at the latest at this time.

        A timer that is set for an earlier time stays: to wake up once for nothing is cheaper than a timer an event.
        """
        if until < self._due_at:
            if self._timer is not None:
                self._timer.cancel()
            # uvloop answers with a handle that does not say when, where the time is over already.
            self._timer, self._due_at = self._loop.call_at(until, self._due), until
        await self._rung.wait()
        self._rung.clear()

    def _due(self) -> None:
        self._timer, self._due_at = None, math.inf
        self._rung.set()
