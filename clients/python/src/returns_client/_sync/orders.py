# Made from _async/orders.py by tools/make_sync.py. Do not edit.
"""Orders: what was sold, fed by the shop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
from returns_client._sync.calling import Calls, bearer
from returns_client._sync.paging import Pages
from returns_client.exceptions import error_of


class Orders:
    """The orders of the tenant. `name` is an order's name or its id alone; see Returns for what calls share."""

    def __init__(self, calls: Calls) -> None:
        """Of a client."""
        self._calls = calls
        self._stub = OrdersServiceStub(calls.channel)

    def upsert(
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
        return self._calls.unary(self._stub.UpsertOrder, request, timeout)

    def get(self, name: str, *, timeout: float | None = None) -> Order:
        """One order; OrderNotFound where there is none for this caller."""
        request = GetOrderRequest(name=self._calls.name("orders", name))
        return self._calls.unary(self._stub.GetOrder, request, timeout)

    def list(
        self,
        *,
        filter: str = "",  # noqa: A002 — as the contract calls it
        page_size: int = 0,
        page_token: str = "",
        include_total_size: bool = False,
        timeout: float | None = None,
    ) -> Pages[Order, ListOrdersResponse]:
        """The orders that match a filter, such as `guest_email="robin@example.com"`. FilterInvalid."""

        def fetch(token: str) -> ListOrdersResponse:
            request = ListOrdersRequest(
                parent=self._calls.parent,
                filter=filter,
                page_size=page_size,
                page_token=token,
                include_total_size=include_total_size,
            )
            return self._calls.unary(self._stub.ListOrders, request, timeout)

        return Pages(fetch, lambda page: page.orders, page_token)

    def import_orders(
        self,
        orders: Iterable[Order],
        *,
        timeout: float | None = None,
    ) -> ImportOrdersResponse:
        """Store any number of orders in one call, in bounded memory; those that are wrong are told in `failures`.

        It has no deadline unless `timeout` gives one, and is not repeated: importing the same orders again is safe.
        """

        def requests() -> Iterator[ImportOrdersRequest]:
            for order in orders:
                request = ImportOrdersRequest(parent=self._calls.parent, order=order)
                request.order.name = self._calls.name("orders", order.name)
                yield request

        metadata = bearer(self._calls.token())
        try:
            return self._stub.ImportOrders(requests(), metadata=metadata, timeout=timeout)
        except grpc.RpcError as error:
            raise error_of(error) from None
