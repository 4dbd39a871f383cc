"""Orders: what was sold, fed by the shop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import grpc

from commerce.returns.v1.order_pb2 import Order
from commerce.returns.v1.orders_service_pb2 import (
    GetOrderRequest,
    ImportOrdersRequest,
    ImportOrdersResponse,
    ListOrdersRequest,
    ListOrdersResponse,
    UpsertOrderRequest,
)
from commerce.returns.v1.orders_service_pb2_grpc import OrdersServiceStub
from returns_client._async.calling import AsyncCalls, bearer
from returns_client._async.paging import AsyncPages
from returns_client.exceptions import error_of


class AsyncOrders:
    """The orders of the tenant. `name` is an order's name or its id alone; see AsyncReturns for what calls share."""

    def __init__(self, calls: AsyncCalls) -> None:
        """Of a client."""
        self._calls = calls
        self._stub = OrdersServiceStub(calls.channel)

    async def upsert(
        self,
        order: Order,
        *,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> Order:
        """Store an order, new or in place of what is known of it. OrderQuantityClaimed, FieldInvalid."""
        request = UpsertOrderRequest(order=order, etag=etag, request_id=request_id, validate_only=validate_only)
        request.order.name = self._calls.name("orders", order.name)
        return await self._calls.unary(self._stub.UpsertOrder, request, timeout)

    async def get(self, name: str, *, timeout: float | None = None) -> Order:
        """One order; OrderNotFound where there is none for this caller."""
        request = GetOrderRequest(name=self._calls.name("orders", name))
        return await self._calls.unary(self._stub.GetOrder, request, timeout)

    def list(
        self,
        *,
        filter: str = "",  # noqa: A002 — as the contract calls it
        page_size: int = 0,
        page_token: str = "",
        include_total_size: bool = False,
        timeout: float | None = None,
    ) -> AsyncPages[Order, ListOrdersResponse]:
        """The orders that match a filter, such as `guest_email="robin@example.com"`. FilterInvalid."""

        async def fetch(token: str) -> ListOrdersResponse:
            request = ListOrdersRequest(
                parent=self._calls.parent,
                filter=filter,
                page_size=page_size,
                page_token=token,
                include_total_size=include_total_size,
            )
            return await self._calls.unary(self._stub.ListOrders, request, timeout)

        return AsyncPages(fetch, lambda page: page.orders, page_token)

    async def import_orders(
        self,
        orders: Iterable[Order],
        *,
        timeout: float | None = None,
    ) -> ImportOrdersResponse:
        """Store any number of orders in one call, in bounded memory; those that are wrong are told in `failures`.

        It has no deadline unless `timeout` gives one, and is not repeated: importing the same orders again is safe.
        """

        async def requests() -> AsyncIterator[ImportOrdersRequest]:
            for order in orders:
                request = ImportOrdersRequest(parent=self._calls.parent, order=order)
                request.order.name = self._calls.name("orders", order.name)
                yield request

        metadata = bearer(await self._calls.token())
        try:
            return await self._stub.ImportOrders(requests(), metadata=metadata, timeout=timeout)
        except grpc.RpcError as error:
            raise error_of(error) from None
