"""OrdersService: the order feed, and looking orders up."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass

from commerce.returns.v1 import orders_service_pb2 as pb
from returns_server.application.commands.orders import UpsertOrder
from returns_server.application.listing import Viewer
from returns_server.application.paging import PageTokens, Place, Question, page_limit
from returns_server.application.ports import Reads, Writes
from returns_server.domain.errors import OrderNotFound
from returns_server.filtering.language import parse_orders_filter
from returns_server.transport.call import Call
from returns_server.transport.decode import orders as decode
from returns_server.transport.decode.malformed import Malformed
from returns_server.transport.decode.names import order_id_in
from returns_server.transport.decode.requests import Requests
from returns_server.transport.encode.wire import repeated_field
from returns_server.transport.layers.draining import Gate
from returns_server.transport.layers.errors import Answers
from returns_server.transport.servicers.answers import answered
from returns_server.transport.servicers.order_import import OrderImport

_ORDERS = pb.ListOrdersResponse.DESCRIPTOR.fields_by_name["orders"].number


@dataclass(frozen=True, slots=True)
class OrdersServicer:
    """The methods of OrdersService."""

    writes: Writes
    reads: Reads
    requests: Requests
    tokens: PageTokens
    answers: Answers
    gate: Gate

    async def import_orders(
        self, messages: AsyncIterable[pb.ImportOrdersRequest | Malformed], call: Call
    ) -> pb.ImportOrdersResponse:
        """Take a stream of orders; one that is wrong leaves the others untouched."""
        return await OrderImport(self.writes, self.answers, call, self.gate).take_all(messages)

    async def upsert_order(self, request: pb.UpsertOrderRequest, call: Call) -> bytes:
        """Take one order."""
        head, lines = decode.order(request.order, call.caller.tenant)
        said = self.requests.of(request, "UpsertOrder", call)
        command = UpsertOrder(call.caller.tenant, said, head, lines)
        return answered(await self.writes.submit(command), request.order.name, call)

    async def get_order(self, request: pb.GetOrderRequest, call: Call) -> bytes:
        """One order."""
        tenant = call.caller.tenant
        order_id = order_id_in(request.name, tenant, "name")
        found = await self.reads.find_order(tenant, order_id, Viewer.of(call.actor))
        if found is None:
            raise OrderNotFound(order_id)
        return found

    async def list_orders(self, request: pb.ListOrdersRequest, call: Call) -> bytes:
        """A page of orders, the latest placed first."""
        tenant, viewer = call.caller.tenant, Viewer.of(call.actor)
        question = Question("ListOrders", request.parent, call.caller, viewer, request.filter)
        limit = page_limit(request.page_size)
        where = parse_orders_filter(request.filter, tenant)
        place = self.tokens.open(question, request.page_token)
        page = await self.reads.list_orders(
            tenant, viewer, where, place.position if place else None, limit, request.include_total_size
        )
        answer = pb.ListOrdersResponse(
            next_page_token=self.tokens.seal(question, Place(page.next)) if page.next else "",
            total_size=page.total_size or 0,
        )
        return repeated_field(_ORDERS, page.orders) + answer.SerializeToString()
