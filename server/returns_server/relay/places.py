"""Where a tenant's log goes on: behind the last message that the stream has of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import structlog

from returns_server.application.listing import Viewer
from returns_server.application.ports import LogPage
from returns_server.domain.errors import CursorExpired, CursorInvalid
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.events.cursor import Cursor, parse_cursor
from returns_server.events.log import Log, check_place, floor_of
from returns_server.relay.messages import CURSOR, TIME
from returns_server.relay.stream import Last, Stream
from returns_server.relay.troubles import Stuck
from returns_server.relay_settings import LostPlace, RelayStart

_log = structlog.get_logger(__name__)

EVERYTHING = Viewer(everything=True)
_CLOCKS_AGREE = Micros(300 * SECOND)
"""As `storage.reads.log` has it, and between these servers and NATS too."""

_TIME_DIGITS = 18
"""Somebody else's message may say anything; as many digits are no time of ours."""


class Logs(Log, Protocol):
    """The logs of all tenants; see `Reads`."""

    async def log_heads(self, after: str, limit: int) -> list[tuple[TenantId, int]]:
        """The last sequences of logs in the order of their tenants, behind the given one."""


class Place(NamedTuple):
    """Where a log goes on. Where the stream was just asked, `behind` is the position of the tenant's last message in it
    (0: none); None behind what was sent since.
    """

    cursor: Cursor
    behind: int | None


@dataclass(frozen=True, slots=True)
class Places:
    """Finds places. The settings say where a log begins, and what becomes of one that does not go on."""

    log: Log
    clock: Callable[[], Micros]
    start: RelayStart = RelayStart.EARLIEST
    lost_place: LostPlace = LostPlace.REFUSE

    async def find(self, stream: Stream, tenant: TenantId) -> Place:
        """Where a tenant's log goes on, as the stream has it; raises Stuck where it does not."""
        last = await stream.last(tenant)
        if last is None:
            return Place(await self._beginning(stream, tenant), 0)
        try:
            cursor = parse_cursor(last.headers.get(CURSOR, ""), tenant)
            check_place(cursor, await self._state(tenant, cursor.sequence))
        except (CursorInvalid, CursorExpired) as error:
            why = str(error).removeprefix("the cursor cannot be used: ").partition(";")[0]
            return Place(await self._found_again(tenant, last, why), last.position)
        return Place(cursor, last.position)

    async def _beginning(self, stream: Stream, tenant: TenantId) -> Cursor:
        """Where a log begins of which the stream has nothing: nothing yet, or nothing any more."""
        now, age = self.clock(), stream.max_age
        if age is not None and stream.last_time is not None and now - stream.created > age:
            # What was published may have gone with time. What the stream would still hold is not there, so it was not
            # published; nor was what happened after the last message of all.
            since = min(now - age, stream.last_time) - _CLOCKS_AGREE
            return await self._since(tenant, Micros(since))
        if self.start is RelayStart.LATEST:
            return await self._since(tenant, stream.created)
        return floor_of(tenant, await self._state(tenant, 0))

    async def _found_again(self, tenant: TenantId, last: Last, why: str) -> Cursor:
        time = last.headers.get(TIME, "")
        if self.lost_place is LostPlace.EARLIEST:
            cursor = floor_of(tenant, await self._state(tenant, 0))
        elif self.lost_place is LostPlace.BY_TIME and time.isdecimal() and len(time) < _TIME_DIGITS:
            cursor = await self._since(tenant, Micros(int(time) - _CLOCKS_AGREE))
        else:
            raise Stuck(
                f"message {last.position} of the stream, the tenant's last, is no place in its log ({why}); "
                "say with RETURNS_RELAY_LOST_PLACE how to go on (docs/relay.md)"
            )
        _log.warning("relay: a place was lost", tenant=tenant, goes_on=self.lost_place, after=cursor.sequence)
        return cursor

    async def _since(self, tenant: TenantId, time: Micros) -> Cursor:
        """The place before what happened from a time on, as far as the log still has it."""
        sequence = await self.log.last_before(tenant, time)
        page = await self._state(tenant, sequence)
        floor = floor_of(tenant, page)
        if sequence <= floor.sequence:
            return floor
        return Cursor.after(page.epoch, tenant, sequence, page.after_id)

    async def _state(self, tenant: TenantId, sequence: int) -> LogPage:
        return await self.log.read_log(tenant, EVERYTHING, sequence, 0, 0)
