"""Short ways to say orders, drafts and requests in tests."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable
from typing import Any

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from commerce.returns.v1 import (
    order_pb2,
    orders_service_pb2,
    party_pb2,
    price_pb2,
    reason_pb2,
    return_draft_pb2,
    returns_service_pb2,
)

PLACED = Timestamp(seconds=1_750_000_000)
DIGITS = {"JPY": 0, "KWD": 3}


def money(minor: int, currency: str = "EUR") -> Money:
    scale = 10 ** DIGITS.get(currency, 2)
    units, rest = divmod(minor, scale)
    return Money(currency_code=currency, units=units, nanos=rest * (10**9 // scale))


def minor(amount: Money) -> int:
    scale = 10 ** DIGITS.get(amount.currency_code, 2)
    return amount.units * scale + amount.nanos * scale // 10**9


def line(line_id: str = "1", quantity: int = 1, gross: int = 1000, currency: str = "EUR", **more: Any) -> Any:
    """An order line; `net` and `tax` in minor units make a taxed one."""
    net, tax = more.pop("net", None), more.pop("tax", None)
    total = price_pb2.PriceBreakdown(gross=money(gross, currency))
    if net is not None:
        total.net.CopyFrom(money(net, currency))
        total.tax.CopyFrom(money(tax, currency))
    more.setdefault("product_id", f"product-{line_id}")
    return order_pb2.OrderLine(line_id=line_id, quantity=quantity, total=total, **more)


def order(order_id: str, *lines: Any, tenant: str = "acme", currency: str = "EUR", **more: Any) -> order_pb2.Order:
    """An order of the customer c1 with one line of one unit at 10.00, unless said otherwise."""
    if "guest_email" not in more and "anonymous" not in more:
        more.setdefault("customer_id", "c1")
    more.pop("anonymous", None)
    more.setdefault("place_time", PLACED)
    return order_pb2.Order(
        name=f"tenants/{tenant}/orders/{order_id}", currency_code=currency, lines=lines or [line()], **more
    )


def draft(*items: tuple[str, str, int], code: str = "DEFECT", **more: Any) -> return_draft_pb2.ReturnDraft:
    """A draft of (order, line, quantity) items."""
    orders: dict[str, list[return_draft_pb2.DraftItem]] = {}
    for order_id, line_id, quantity in items:
        orders.setdefault(order_id, []).append(return_draft_pb2.DraftItem(line_id=line_id, quantity=quantity))
    if isinstance(more.get("attributes"), dict):
        attributes = Struct()
        attributes.update(more["attributes"])
        more["attributes"] = attributes
    if isinstance(more.get("requestor"), dict):
        more["requestor"] = party_pb2.Requestor(**more["requestor"])
    return return_draft_pb2.ReturnDraft(
        orders=[return_draft_pb2.DraftOrder(order=key, items=value) for key, value in orders.items()],
        reason=reason_pb2.Reason(code=code) if code else None,
        **more,
    )


def create(*items: tuple[str, str, int], tenant: str = "acme", **more: Any) -> returns_service_pb2.CreateReturnRequest:
    """A request to file a return; what belongs to the draft may be given by name."""
    names = {field.name for field in return_draft_pb2.ReturnDraft.DESCRIPTOR.fields} | {"code"}
    drafted = {name: more.pop(name) for name in list(more) if name in names}
    return returns_service_pb2.CreateReturnRequest(parent=f"tenants/{tenant}", draft=draft(*items, **drafted), **more)


def reason(code: str = "DAMAGED", details: str = "") -> reason_pb2.Reason:
    return reason_pb2.Reason(code=code, details=details)


def new_request_id() -> str:
    return str(uuid.uuid4())


async def feed(client: Any, *orders: order_pb2.Order, tenant: str = "acme") -> orders_service_pb2.ImportOrdersResponse:
    """Import orders, all of which must be accepted."""
    answer = await client.orders.ImportOrders(_stream(orders, tenant))
    assert not answer.failed_count, answer
    return answer


async def _stream(orders: Iterable[order_pb2.Order], tenant: str) -> AsyncIterator[Any]:
    for one in orders:
        yield orders_service_pb2.ImportOrdersRequest(parent=f"tenants/{tenant}", order=one)
