"""What following a log asks of the storage, and whether a place is one of this log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from returns_server.application.listing import Viewer
from returns_server.application.ports import LogPage, LogRun
from returns_server.domain.errors import CursorExpired
from returns_server.domain.ids import Micros, TenantId
from returns_server.events.cursor import Cursor

T = TypeVar("T")


class Log(Protocol):
    """The part of `Reads` that followers use; see there."""

    async def read_log(
        self,
        tenant: TenantId,
        viewer: Viewer,
        after_sequence: int,
        limit: int,
        max_bytes: int,
        *,
        light: bool = False,
    ) -> LogPage:
        """Events after a sequence, and what the log was when they were read."""

    async def read_run(self, tenant: TenantId, after_sequence: int, count: int, make: Callable[[LogRun], T]) -> T:
        """What `make` makes of the next events after a sequence."""

    async def last_before(self, tenant: TenantId, time: Micros) -> int:
        """One below the smallest sequence with a time not before this one."""


def head_of(tenant: TenantId, page: LogPage) -> Cursor:
    """The place after the last event."""
    return Cursor.after(page.epoch, tenant, page.head_sequence, page.head_event_id)


def floor_of(tenant: TenantId, page: LogPage) -> Cursor:
    """The earliest place from which the log can be followed."""
    return Cursor.after(page.epoch, tenant, page.floor_sequence, page.floor_event_id)


def check_place(place: Cursor, page: LogPage) -> None:
    """Raise CursorExpired unless a page that was read from this place is what followed it.

    Sequences and ids are told apart from those of a log that was restored from a backup, even where nobody said so:
    there a sequence is still ahead, or belongs to another event.
    """
    floor = floor_of(place.tenant, page)
    if place.sequence == page.floor_sequence:
        known = floor
    else:
        known = Cursor.after(page.epoch, place.tenant, place.sequence, page.after_id)
    if place.sequence > page.head_sequence or place.epoch != page.epoch:
        why = "the log does not reach it: the log was restored, or it is another one"
    elif place.sequence < page.floor_sequence:
        why = "events right after it are no longer kept"
    elif place != known:
        why = "another event stands there: the log was restored"
    else:
        return
    raise CursorExpired(f"the cursor cannot be used: {why}; list the returns, then stream from there", str(floor))
