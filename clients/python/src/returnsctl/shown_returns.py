"""How returns, orders and events are shown to people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from google.protobuf.json_format import MessageToDict

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.order_pb2 import Order, OrderLine
from commerce.returns.v1.return_pb2 import AssistedAction, Receipt, Return, ReturnedItem
from commerce.returns.v1.returnable_item_pb2 import ReturnableItem
from returnsctl.output import Column, enum_text, print_facts, print_table, short_name, time_text
from returnsctl.values import last_part
from returnsctl.wording import actor_text, approver_text, person_text, price_text, product_text, reason_text, state_text

RETURNS: list[Column[Return]] = [
    Column("NUMBER", lambda ret: ret.number),
    Column("STATE", state_text),
    Column("GOODS", lambda ret: enum_text(ret, "goods_state")),
    Column("REASON", lambda ret: ret.reason.code or ret.reason.details[:30]),
    Column("REQUESTOR", lambda ret: ret.requestor.customer_id or ret.requestor.guest_email),
    Column("ORDERS", lambda ret: ", ".join(last_part(one.order) for one in ret.orders)),
    Column("TOTAL", lambda ret: price_text(ret.total), right=True),
    Column("FILED", lambda ret: time_text(ret.create_time)),
    Column("ID", lambda ret: last_part(ret.name)),
]

_ITEMS: list[Column[ReturnedItem]] = [
    Column("LINE", lambda item: item.line_id),
    Column("PRODUCT", lambda item: product_text(item.product_id, item.product_name)),
    Column("UNITS", lambda item: str(item.quantity), right=True),
    Column("APPROVED", lambda item: str(item.approved_quantity), right=True),
    Column("RECEIVED", lambda item: str(item.received_quantity), right=True),
    Column("TOTAL", lambda item: price_text(item.total), right=True),
    Column("REASON", lambda item: reason_text(item.reason)),
]

ORDERS: list[Column[Order]] = [
    Column("ORDER", lambda order: last_part(order.name)),
    Column("BUYER", lambda order: order.customer_id or order.guest_email or "(anonymous)"),
    Column("PLACED", lambda order: time_text(order.place_time)),
    Column("LINES", lambda order: str(len(order.lines)), right=True),
    Column("UNITS", lambda order: str(sum(line.quantity for line in order.lines)), right=True),
    Column("RETURNED", lambda order: str(sum(line.returned_quantity for line in order.lines)), right=True),
]

_LINES: list[Column[OrderLine]] = [
    Column("LINE", lambda line: line.line_id),
    Column("PRODUCT", lambda line: product_text(line.product_id, line.product_name)),
    Column("UNITS", lambda line: str(line.quantity), right=True),
    Column("RETURNED", lambda line: str(line.returned_quantity), right=True),
    Column("LEFT", lambda line: str(line.returnable_quantity), right=True),
    Column("PAID", lambda line: price_text(line.total), right=True),
    Column("", lambda line: "final sale" if line.final_sale else ""),
]

RETURNABLE: list[Column[ReturnableItem]] = [
    Column("ORDER", lambda item: last_part(item.order)),
    Column("LINE", lambda item: item.line_id),
    Column("PRODUCT", lambda item: product_text(item.product_id, item.product_name)),
    Column("BOUGHT", lambda item: str(item.quantity), right=True),
    Column("LEFT", lambda item: str(item.returnable_quantity), right=True),
    Column("WORTH", lambda item: price_text(item.returnable_total), right=True),
    Column("UNTIL", lambda item: time_text(item.return_deadline)),
    Column("BLOCKED BY", lambda item: ", ".join(item.blocks)),
]

TIMELINE: list[Column[ReturnEvent]] = [
    Column("TIME", lambda event: time_text(event.time)),
    Column("VERSION", lambda event: str(event.return_version), right=True),
    Column("EVENT", lambda event: event.type),
    Column("STATE", lambda event: state_text(event.snapshot)),
    Column("BY", lambda event: actor_text(event.actor)),
    Column("CHANGED", lambda event: ", ".join(event.changed_paths.paths)),
]


def print_return(ret: Return) -> None:
    """A return with all that it says."""
    print_facts(" ".join(part for part in ("Return", ret.number, state_text(ret)) if part), _facts(ret))
    for order in ret.orders:
        print_facts(f"Order {last_part(order.order)}", [])
        print_table(order.items, _ITEMS)


def print_order(order: Order) -> None:
    """An order with its lines."""
    facts = [
        ("name", order.name),
        ("customer", order.customer_id),
        ("guest", order.guest_email),
        ("placed", time_text(order.place_time)),
        ("delivered", time_text(order.deliver_time)),
        ("etag", order.etag),
    ]
    print_facts(f"Order {last_part(order.name)}", facts)
    print_table(order.lines, _LINES)


def _facts(ret: Return) -> Iterator[tuple[str, str]]:
    yield "name", ret.name
    yield "requestor", person_text(ret.requestor)
    yield "submitter", person_text(ret.submitter)
    yield "approver", approver_text(ret.approver)
    yield "reason", reason_text(ret.reason)
    yield "rejection", reason_text(ret.rejection)
    yield "closing", reason_text(ret.closing)
    yield "total", price_text(ret.total)
    yield "approved", price_text(ret.approved_total) if ret.HasField("approved_total") else ""
    yield "goods", enum_text(ret, "goods_state")
    for receipt in ret.receipts:
        yield "parcel", _receipt_text(receipt)
    yield "filed", time_text(ret.create_time)
    yield "changed", time_text(ret.update_time) if ret.version > 1 else ""
    yield "expires", time_text(ret.expire_time) if not ret.HasField("close_time") else ""
    yield "closed", time_text(ret.close_time)
    if ret.attributes.fields:
        yield "attributes", json.dumps(MessageToDict(ret.attributes), ensure_ascii=False)
    for action in ret.assisted_actions:
        yield "assisted", _assisted_text(action)
    actions = [Return.Action.Name(action) for action in ret.allowed_actions]
    yield "next", ", ".join(short_name("ACTION_UNSPECIFIED", name).lower().replace("_", " ") for name in actions)
    yield "etag", ret.etag


def _receipt_text(receipt: Receipt) -> str:
    units = ", ".join(f"{last_part(item.order)}/{item.line_id}={item.quantity}" for item in receipt.items)
    return f"{receipt.receipt_id} on {time_text(receipt.time)}: {units}"


def _assisted_text(action: AssistedAction) -> str:
    told = f"{enum_text(action, 'operation').lower()} by {action.employee} on {time_text(action.time)}"
    overridden = f" (overrode {', '.join(action.overridden)})" if action.overridden else ""
    return f"{told}: {action.reason}{overridden}" if action.reason else told + overridden
