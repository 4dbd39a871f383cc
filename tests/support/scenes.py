"""Returns in every state they can be in, and every verb that can be tried on them."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.return_pb2 import ReceiptItem, Return
from tests.support.messages import create, draft, feed, line, order, reason
from tests.support.service import FEED, Service

UNITS = 4
"""Units of line 1 of every order that `scene` feeds; line 2 has one."""


async def ordered(service: Service, order_id: str = "", **more: Any) -> str:
    """The id of a new order, of c1 unless said otherwise: line 1 has four units for 10.00, line 2 one for 5.00."""
    order_id = order_id or f"order-{uuid.uuid4().hex[:12]}"
    tenant = more.get("tenant", "acme")
    said = order(order_id, line("1", UNITS), line("2", 1, 500), **more)
    await feed(service.client(*FEED, tenant=tenant), said, tenant=tenant)
    return order_id


async def filed(service: Service, quantity: int = UNITS, **more: Any) -> Return:
    """A new pending return of line 1 of an order of its own, filed by its customer c1."""
    order_id = await ordered(service)
    answer: Return = await service.customer("c1").returns.CreateReturn(create((order_id, "1", quantity), **more))
    return answer


def only_order(ret: Return) -> str:
    """The id of the one order of a return."""
    (one,) = ret.orders
    return one.order.rpartition("/")[2]


def units(ret: Return, quantity: int, kind: Any = pb.ApprovalItem) -> list[Any]:
    """So many units of line 1, as the items of an approval or of a receipt."""
    return [kind(order=only_order(ret), line_id="1", quantity=quantity)]


async def claimed(service: Service, order_id: str, line_id: str = "1", tenant: str = "acme") -> int:
    """Units of an order line that returns claim; what is returnable must be the rest."""
    name = f"tenants/{tenant}/orders/{order_id}"
    found = await service.client(tenant=tenant).orders.GetOrder(orders_pb.GetOrderRequest(name=name))
    (one,) = (one for one in found.lines if one.line_id == line_id)
    assert one.returned_quantity + one.returnable_quantity == one.quantity
    return int(one.returned_quantity)


async def approve(staff: Any, ret: Return, quantity: int = 0, **more: Any) -> Return:
    items = units(ret, quantity) if quantity else []
    answer: Return = await staff.returns.ApproveReturn(pb.ApproveReturnRequest(name=ret.name, items=items, **more))
    return answer


async def receive(staff: Any, ret: Return, quantity: int = 0, receipt_id: str = "", **more: Any) -> Return:
    request = pb.RecordReceiptRequest(
        name=ret.name,
        receipt_id=receipt_id or uuid.uuid4().hex,
        items=units(ret, quantity, ReceiptItem) if quantity else [],
        **more,
    )
    answer: Return = await staff.returns.RecordReceipt(request)
    return answer


async def reject(staff: Any, ret: Return, **more: Any) -> Return:
    answer: Return = await staff.returns.RejectReturn(pb.RejectReturnRequest(name=ret.name, reason=reason(), **more))
    return answer


async def close(client: Any, ret: Return, close_reason: Any = 0, **more: Any) -> Return:
    request = pb.CloseReturnRequest(name=ret.name, close_reason=close_reason, **more)
    answer: Return = await client.returns.CloseReturn(request)
    return answer


async def reopen(staff: Any, ret: Return, **more: Any) -> Return:
    answer: Return = await staff.returns.ReopenReturn(pb.ReopenReturnRequest(name=ret.name, **more))
    return answer


async def found(client: Any, name: str) -> Return:
    answer: Return = await client.returns.GetReturn(pb.GetReturnRequest(name=name))
    return answer


async def _in_turn(service: Service, *steps: Callable[[Any, Return], Awaitable[Return]]) -> Return:
    staff, ret = service.client(), await filed(service)
    for step in steps:
        ret = await step(staff, ret)
    return ret


async def _approve_not_expected(staff: Any, ret: Return) -> Return:
    return await approve(staff, ret, goods_not_expected=True)


async def _receive_one(staff: Any, ret: Return) -> Return:
    return await receive(staff, ret, 1)


STATES: dict[str, tuple[Any, ...]] = {
    "pending": (),
    "approved": (approve,),
    "approved, part received": (approve, _receive_one),
    "approved, all received": (approve, receive),
    "approved, not expected": (_approve_not_expected,),
    "rejected": (reject,),
    "cancelled": (close,),
    "cancelled after approval": (approve, close),
    "cancelled after a part was received": (approve, _receive_one, close),
    "completed": (approve, receive, close),
    "cancelled, not expected": (_approve_not_expected, close),
    "reopened": (reject, reopen),
    "reopened after approval": (approve, close, reopen),
}
"""How a return of four units gets into each state that differs in what may be done next."""


async def in_state(service: Service, state: str) -> Return:
    """A new return of c1 in this state, as staff see it."""
    ret = await _in_turn(service, *STATES[state])
    return await found(service.client(), ret.name)


VERBS: dict[str, Callable[[str], tuple[str, Any]]] = {
    "UPDATE": lambda name: (
        "UpdateReturn",
        pb.UpdateReturnRequest(name=name, draft=draft(code="", attributes={"n": uuid.uuid4().hex})),
    ),
    "APPROVE": lambda name: ("ApproveReturn", pb.ApproveReturnRequest(name=name)),
    "REJECT": lambda name: ("RejectReturn", pb.RejectReturnRequest(name=name, reason=reason())),
    "RECORD_RECEIPT": lambda name: (
        "RecordReceipt",
        pb.RecordReceiptRequest(name=name, receipt_id=uuid.uuid4().hex),
    ),
    "CLOSE": lambda name: ("CloseReturn", pb.CloseReturnRequest(name=name)),
    "REOPEN": lambda name: ("ReopenReturn", pb.ReopenReturnRequest(name=name)),
    "DELETE": lambda name: ("DeleteReturn", pb.DeleteReturnRequest(name=name)),
}
"""A request of each verb, by the name of the action."""


def actions(ret: Return) -> set[str]:
    """The names of the actions that a return offers."""
    return {Return.Action.Name(action).removeprefix("ACTION_") for action in ret.allowed_actions}


async def tried(client: Any, verb: str, name: str, **more: Any) -> Any:
    """What a client's try of a verb answers."""
    method, request = VERBS[verb](name)
    for field, value in more.items():
        setattr(request, field, value)
    return await getattr(client.returns, method)(request)
