"""Orders as the shop says them."""

from __future__ import annotations

import re

from commerce.returns.v1.order_pb2 import Order, OrderLine
from returns_server.domain import orders
from returns_server.domain.ids import LineId, OrderId, TenantId
from returns_server.domain.money import Price, digits_of
from returns_server.transport.decode.findings import Findings
from returns_server.transport.decode.money import amount, unit_price
from returns_server.transport.decode.names import order_id_in
from returns_server.transport.decode.parties import email
from returns_server.transport.decode.times import micros

_TAX_RATE = re.compile(r"\d{1,3}(\.\d{1,6})?", re.ASCII)


def order(message: Order, tenant: TenantId) -> tuple[orders.OrderHead, tuple[orders.OrderLine, ...]]:
    """The order's head and lines; raises FieldInvalid with all that is wrong, TenantMismatch."""
    findings = Findings()
    order_id = order_id_in(message.name, tenant, "order.name")
    currency = message.currency_code
    digits = digits_of(currency, "order.currency_code")
    if message.customer_id and message.guest_email:
        findings.add("order.guest_email", "must not come together with customer_id")
    delivered = message.HasField("deliver_time")
    head = orders.OrderHead(
        order_id=order_id,
        customer_id=message.customer_id,
        guest_email=email(message.guest_email),
        currency=currency,
        place_time=micros(message.place_time, "order.place_time", findings),
        deliver_time=micros(message.deliver_time, "order.deliver_time", findings) if delivered else None,
    )
    seen: set[str] = set()
    lines = []
    for index, line in enumerate(message.lines):
        path = f"order.lines[{index}]"
        if line.line_id in seen:
            findings.add(f"{path}.line_id", f"names line {line.line_id} a second time")
        seen.add(line.line_id)
        lines.append(_line(line, order_id, currency, digits, path, findings))
    findings.check()
    return head, tuple(lines)


def _line(
    line: OrderLine, order_id: OrderId, currency: str, digits: int, path: str, findings: Findings
) -> orders.OrderLine:
    total = line.total
    tax_code = _agreed(line.tax_code, total.tax_code, f"{path}.tax_code", findings)
    tax_rate = _agreed(line.tax_rate, total.tax_rate, f"{path}.tax_rate", findings)
    if tax_rate and not _TAX_RATE.fullmatch(tax_rate):
        findings.add(f"{path}.tax_rate", "must be a decimal number such as 19 or 7.7")
    priced = line.HasField("unit_price")
    return orders.OrderLine(
        order_id=order_id,
        line_id=LineId(line.line_id),
        product_id=line.product_id,
        product_name=line.product_name,
        quantity=line.quantity,
        unit_price=unit_price(line.unit_price, currency, f"{path}.unit_price", findings) if priced else "",
        paid=Price(amount(total, currency, digits, f"{path}.total", findings), tax_code, tax_rate),
        final_sale=line.final_sale,
    )


def _agreed(of_line: str, of_total: str, field: str, findings: Findings) -> str:
    """What the line or its total says; both may, if they say the same."""
    if of_line and of_total and of_line != of_total:
        findings.add(field, "differs from that of the total")
    return of_line or of_total


def order_name_of(message: Order) -> str:
    """The order's name as it was sent, no longer than names are."""
    return message.name[:200]
