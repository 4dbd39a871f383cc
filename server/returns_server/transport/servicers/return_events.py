"""The events of ReturnsService: page by page, and as they happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.application.caller import Caller
from returns_server.application.listing import MAX_PAGE_BYTES, EventScope, Position, Viewer
from returns_server.application.paging import PageTokens, Place, Question, page_limit
from returns_server.application.ports import LogPage, Reads, StoredEvent
from returns_server.domain.errors import CursorExpired, ReturnNotFound
from returns_server.domain.ids import ReturnId, TenantId
from returns_server.events.cursor import Cursor, Mint, parse_cursor
from returns_server.events.entry import Forms
from returns_server.events.log import check_place, floor_of, head_of
from returns_server.events.streams import Streams
from returns_server.filtering.predicate import Predicate
from returns_server.transport.call import Call
from returns_server.transport.decode import streams as decode
from returns_server.transport.decode.names import return_id_in
from returns_server.transport.encode import streams as encode

_LOOKED_AT = 2_000
"""Events that one page looks at: a filter that matches little ends it early."""


class Found(NamedTuple):
    """Some events, whether there may be others behind them, and the place behind all of them if there are not."""

    events: Sequence[StoredEvent]
    more: bool
    head: Cursor


Fetch = Callable[[int, int], Awaitable[Found]]
"""Events after a sequence, so many at most."""


class Taken(NamedTuple):
    """Events that belong on a page, the place behind all that was looked at, and whether that was all."""

    events: list[StoredEvent]
    behind: Cursor
    more: bool


@dataclass(frozen=True, slots=True)
class ReturnEvents:
    """Answers with events of a return or of the tenant; customers get their own only."""

    reads: Reads
    streams: Streams
    tokens: PageTokens
    forms: Forms
    identify: Callable[[Call], Awaitable[Caller]]

    async def stream_return_events(self, request: pb.StreamReturnEventsRequest, call: Call) -> None:
        """Events of the tenant, for as long as the caller listens and may."""

        async def still_allowed() -> None:
            await self.identify(call)

        async with self.streams.opened(decode.stream(request, call, still_allowed)) as sent:
            async for message in sent:
                await call.send(encode.encoded(message))

    async def list_return_events(self, request: pb.ListReturnEventsRequest, call: Call) -> bytes:
        """A page of the timeline of a return, for staff also of a deleted one, or of the tenant."""
        tenant, viewer = call.caller.tenant, Viewer.of(call.actor)
        return_id = return_id_in(request.parent) if "/returns/" in request.parent else None
        asked = f"{request.filter}\n{request.after_cursor}"
        question = Question("ListReturnEvents", request.parent, call.caller, viewer, asked)
        limit = page_limit(request.page_size)
        matches = decode.matching(request.filter, tenant, viewer)
        place = self.tokens.open(question, request.page_token)
        if return_id is not None:
            await self._check_seen(return_id, request.parent, call)
        begin = await self._begin(tenant, request.after_cursor, place, whole_log=return_id is None)
        fetch = self._of_log(tenant, viewer) if return_id is None else self._of_return(tenant, viewer, return_id)
        taken = await _taken(fetch, begin, limit, matches, self.forms, whole=viewer.everything)
        answer = pb.ListReturnEventsResponse(cursor=str(taken.behind))
        if taken.more:
            answer.next_page_token = self.tokens.seal(question, Place(Position((taken.behind.sequence,))))
        mint = Mint(taken.behind.epoch, tenant)
        shown = [
            self.forms.encoded(stored, mint.text(stored.sequence, stored.event_id), whole=viewer.everything)
            for stored in taken.events
        ]
        return b"".join(shown) + answer.SerializeToString()

    async def _check_seen(self, return_id: ReturnId, name: str, call: Call) -> None:
        """Raise ReturnNotFound unless there is such a return for the caller; for staff also one that is deleted."""
        tenant, viewer = call.caller.tenant, Viewer.of(call.actor)
        if await self.reads.find_return(tenant, return_id, viewer) is not None:
            return
        if viewer.everything and (await self.reads.list_events(tenant, viewer, EventScope(return_id), 0, 1)).events:
            return
        raise ReturnNotFound(name)

    async def _begin(self, tenant: TenantId, after_cursor: str, place: Place | None, *, whole_log: bool) -> Cursor:
        """Where a page begins; raises CursorInvalid, CursorExpired."""
        cursor = parse_cursor(after_cursor, tenant) if after_cursor else None
        sequence = int(place.position.values[0] or 0) if place else cursor.sequence if cursor else 0
        state = await self.reads.read_log(tenant, Viewer(everything=False), sequence, 0, 0, light=True)
        if place is None and cursor is not None:
            check_place(cursor, state)
            return cursor
        if not whole_log:
            return Cursor.after(state.epoch, tenant, sequence, state.after_id)
        if place is None:
            return floor_of(tenant, state)
        return Cursor.after(state.epoch, tenant, sequence, state.after_id)

    def _of_log(self, tenant: TenantId, viewer: Viewer) -> Fetch:
        async def fetch(after: int, limit: int) -> Found:
            page: LogPage = await self.reads.read_log(tenant, viewer, after, limit, MAX_PAGE_BYTES)
            if after < page.floor_sequence:
                floor = str(floor_of(tenant, page))
                raise CursorExpired("events of this page are no longer kept; list the returns anew", floor)
            return Found(page.events, page.more, head_of(tenant, page))

        return fetch

    def _of_return(self, tenant: TenantId, viewer: Viewer, return_id: ReturnId) -> Fetch:
        async def fetch(after: int, limit: int) -> Found:
            # The head first: what happens in between belongs behind it.
            state = await self.reads.read_log(tenant, Viewer(everything=False), after, 0, 0, light=True)
            page = await self.reads.list_events(tenant, viewer, EventScope(return_id), after, limit)
            return Found(page.events, page.more, head_of(tenant, state))

        return fetch


async def _taken(
    fetch: Fetch, begin: Cursor, limit: int, matches: Predicate | None, forms: Forms, *, whole: bool
) -> Taken:
    """Up to `limit` events that match, fewer where they exceed 2 MiB together or much had to be looked at."""
    taken: list[StoredEvent] = []
    behind = begin
    size = looked_at = 0
    while True:
        found = await fetch(behind.sequence, limit)
        for stored in found.events:
            if matches is None or matches(forms.message(stored, whole=whole)):
                size += len(stored.document)
                if taken and size > MAX_PAGE_BYTES:
                    return Taken(taken, behind, more=True)
                taken.append(stored)
            behind = Cursor.after(begin.epoch, begin.tenant, stored.sequence, stored.event_id)
            if len(taken) == limit and stored is not found.events[-1]:
                return Taken(taken, behind, more=True)
        if not found.more:
            return Taken(taken, max(behind, found.head, key=lambda cursor: cursor.sequence), more=False)
        looked_at += len(found.events)
        if len(taken) == limit or looked_at >= _LOOKED_AT:
            return Taken(taken, behind, more=True)
