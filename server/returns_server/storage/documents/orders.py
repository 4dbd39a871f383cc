"""Orders as encoded `Order` messages; they are stored as rows, and encoded when somebody asks."""

from __future__ import annotations

from commerce.returns.v1 import order_pb2
from returns_server.domain.ids import TenantId
from returns_server.domain.orders import Order, OrderLine
from returns_server.storage.documents.money import decimal_money, price
from returns_server.storage.documents.values import Fields, optional_time, order_name, seconds_and_nanos


def encode_order(tenant: TenantId, order: Order) -> bytes:
    """The order as an encoded `Order` message, with what returns claim of each line."""
    head = order.head
    fields: Fields = {
        "name": order_name(tenant, head.order_id),
        "customer_id": head.customer_id,
        "guest_email": head.guest_email,
        "currency_code": head.currency,
        "place_time": seconds_and_nanos(head.place_time),
        "deliver_time": optional_time(head.deliver_time),
        "lines": [_line(line, head.currency) for line in order.lines],
        "create_time": seconds_and_nanos(order.create_time),
        "update_time": seconds_and_nanos(order.update_time),
        "etag": order.etag,
    }
    return order_pb2.Order(**fields).SerializeToString()


def _line(line: OrderLine, currency: str) -> Fields:
    return {
        "line_id": line.line_id,
        "product_id": line.product_id,
        "product_name": line.product_name,
        "quantity": line.quantity,
        "unit_price": decimal_money(line.unit_price, currency),
        "total": price(line.paid, currency),
        "tax_code": line.paid.tax_code,
        "tax_rate": line.paid.tax_rate,
        "final_sale": line.final_sale,
        "returned_quantity": line.claimed_units,
        "returnable_quantity": line.unclaimed_units,
    }
