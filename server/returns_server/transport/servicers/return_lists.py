"""The lists of ReturnsService: returns, and what can still go back. Events are in `return_events`."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.application.listing import MAX_PAGE_BYTES, Viewer
from returns_server.application.pages import AnsweredPages
from returns_server.application.paging import PageTokens, Place, Question, page_limit
from returns_server.application.ports import Reads, ReturnPage, Writes
from returns_server.domain.errors import FieldInvalid, OrderNotFound, RequiresManageScope
from returns_server.domain.ids import Micros, OrderId
from returns_server.events.cursor import Cursor
from returns_server.filtering.language import parse_returns_filter
from returns_server.transport.call import Call
from returns_server.transport.decode.names import order_id_in
from returns_server.transport.decode.order_by import order_by
from returns_server.transport.decode.parties import email
from returns_server.transport.decode.returns import ReturnCommands
from returns_server.transport.encode import returns
from returns_server.transport.encode.returnable_items import returnable_item
from returns_server.transport.encode.wire import Before, bytes_field, number_field, repeated_field

_ANSWER = pb.ListReturnsResponse.DESCRIPTOR.fields_by_name
_BEFORE_RETURN = Before(_ANSWER["returns"].number)
_NEXT, _TOTAL, _CURSOR = (_ANSWER[name].number for name in ("next_page_token", "total_size", "event_cursor"))
_ITEMS = pb.ListReturnableItemsResponse.DESCRIPTOR.fields_by_name["returnable_items"].number


@dataclass(frozen=True, slots=True)
class Lines:
    """Whose order lines are asked for; all empty for an owner means all of the owner's."""

    order_id: OrderId | None
    customer_id: str
    guest_email: str


@dataclass(frozen=True, slots=True)
class ReturnLists:
    """Answers page by page."""

    writes: Writes
    reads: Reads
    commands: ReturnCommands
    tokens: PageTokens
    epoch: bytes
    clock: Callable[[], Micros]
    pages: AnsweredPages

    async def list_returns(self, request: pb.ListReturnsRequest, call: Call) -> bytes:
        """A page of returns, and a cursor from which a stream goes on without a hole."""
        if request.page_token:
            return (await self._page(request, call))[1]
        asked = _asked(request, call)
        if asked in self.pages:
            answered = self.pages.find(asked, await self.reads.log_head(call.caller.tenant))
            if answered is not None:
                return answered
        page, answer = await self._page(request, call)
        self.pages.keep(asked, page.head_sequence, answer)
        return answer

    async def _page(self, request: pb.ListReturnsRequest, call: Call) -> tuple[ReturnPage, bytes]:
        tenant, viewer = call.caller.tenant, Viewer.of(call.actor)
        parent, text, order_text = request.parent, request.filter, request.order_by
        question = Question("ListReturns", parent, call.caller, viewer, text, order_text)
        limit = page_limit(request.page_size)
        order, where = order_by(order_text), parse_returns_filter(text, tenant, sees_all=viewer.everything)
        place = self.tokens.open(question, request.page_token)
        page = await self.reads.list_returns(
            tenant, viewer, where, order, place.position if place else None, limit, request.include_total_size
        )
        if place is None:
            cursor = str(Cursor.after(self.epoch, tenant, page.head_sequence, page.head_event_id))
        else:
            cursor = place.event_cursor
        parts = returns.listed(_BEFORE_RETURN, page.returns, call)
        if page.next:
            parts.append(bytes_field(_NEXT, self.tokens.seal(question, Place(page.next, cursor)).encode()))
        if page.total_size:
            parts.append(number_field(_TOTAL, page.total_size))
        parts.append(bytes_field(_CURSOR, cursor.encode()))
        return page, b"".join(parts)

    async def list_returnable_items(self, request: pb.ListReturnableItemsRequest, call: Call) -> bytes:
        """A page of order lines: what can still go back of each, and why something cannot."""
        tenant, viewer = call.caller.tenant, Viewer.of(call.actor)
        lines = _lines(request, call)
        chosen = f"{lines.order_id or ''}\n{lines.customer_id}\n{lines.guest_email}"
        question = Question("ListReturnableItems", request.parent, call.caller, viewer, chosen)
        limit = page_limit(request.page_size)
        place = self.tokens.open(question, request.page_token)
        policy = await self.reads.policy(tenant)
        # One more than fits, to know whether there is another page.
        found = await self.reads.list_order_lines(
            tenant,
            viewer,
            lines.order_id,
            lines.customer_id,
            lines.guest_email,
            place.position if place else None,
            limit + 1,
        )
        if lines.order_id is not None and not found and place is None:
            raise OrderNotFound(lines.order_id)
        now = self.clock()
        items: list[bytes] = []
        size = 0
        for line in found[:limit]:
            item = returnable_item(line, tenant, policy, now).SerializeToString()
            size += len(item)
            if items and size > MAX_PAGE_BYTES:
                break
            items.append(item)
        answer = pb.ListReturnableItemsResponse()
        if len(items) < len(found):
            answer.next_page_token = self.tokens.seal(question, Place(found[len(items) - 1].position))
        return repeated_field(_ITEMS, items) + answer.SerializeToString()


def _asked(request: pb.ListReturnsRequest, call: Call) -> Hashable:
    """All that an answer depends on beside the books: what was asked, by whom, and what that caller may see and do."""
    caller, viewer = call.caller, Viewer.of(call.actor)
    seen = viewer.everything, viewer.customer_id, viewer.verified_email
    own = caller.customer_id, caller.verified_email, caller.acts_as and caller.acts_as.value
    return request.SerializeToString(), caller.tenant, caller.issuer, caller.subject, seen, own


def _lines(request: pb.ListReturnableItemsRequest, call: Call) -> Lines:
    """Which lines the caller asks for; raises TenantMismatch, RequiresManageScope, FieldInvalid."""
    actor = call.actor
    order_id = order_id_in(request.order, call.caller.tenant, "order") if request.order else None
    guest_email = email(request.guest_email)
    if actor.is_staff:
        if not request.WhichOneof("selection"):
            raise FieldInvalid.at("order", "is required, or customer_id, or guest_email")
    elif request.customer_id and request.customer_id != actor.customer_id:
        raise RequiresManageScope("only staff may ask for another customer's orders", "customer_id")
    elif guest_email and guest_email != actor.verified_email:
        raise RequiresManageScope("only staff may ask for the orders of another address", "guest_email")
    return Lines(order_id, request.customer_id, guest_email)
