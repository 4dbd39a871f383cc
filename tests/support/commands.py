"""Commands as the transport makes them, for tests of what is behind it."""

from __future__ import annotations

from typing import Any

from returns_server.application.caller import Caller, Scope
from returns_server.application.commands.orders import FeedOrder
from returns_server.application.commands.returns import CreateReturn
from returns_server.application.request import Request
from returns_server.domain.drafts import Draft, DraftItem
from returns_server.domain.ids import LineId, Micros, OrderId, ReturnId, TenantId
from returns_server.domain.money import Amount, Price
from returns_server.domain.orders import OrderHead, OrderLine
from returns_server.domain.returns import Reason, UserType
from returns_server.domain.states import Party

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
CALLER = Caller(
    tenant=ACME,
    issuer="https://login.test",
    subject="bob",
    scopes=frozenset({Scope.MANAGE}),
    customer_id="",
    email="",
    verified_email="",
    first_name="",
    last_name="",
    user_type=UserType.EMPLOYEE,
    expire_time=Micros(0),
)
_ids = iter(range(1, 10**9))


def next_id() -> int:
    """A number that was not given before."""
    return next(_ids)


def request(**more: Any) -> Request:
    """A request of staff, with an id of its own."""
    given: dict[str, Any] = {"request_id": f"request-{next_id()}", "given": True, "request_hash": b"hash", **more}
    return Request(CALLER, CALLER.as_actor(Party.STAFF), **given)


def order(order_id: str, quantity: int = 5, tenant: TenantId = ACME) -> FeedOrder:
    """An imported order of one line, 10.00 EUR in all."""
    line = OrderLine(
        order_id=OrderId(order_id),
        line_id=LineId("1"),
        product_id="teapot",
        product_name="Teapot",
        quantity=quantity,
        unit_price="3.33",
        paid=Price(Amount(1000)),
        final_sale=False,
    )
    return FeedOrder(tenant, OrderHead(OrderId(order_id), "c1", "", "EUR", Micros(1), None), (line,))


def create(order_id: str, quantity: int = 1, tenant: TenantId = ACME, **more: Any) -> CreateReturn:
    """A return of units of that line."""
    item = DraftItem(OrderId(order_id), LineId("1"), quantity)
    draft = Draft(items=(item,), reason=Reason("DAMAGED"))
    return CreateReturn(tenant, request(**more), draft, ReturnId(f"return-{next_id()}"))
