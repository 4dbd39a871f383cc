"""Types for identifiers and times that must not be confused with one another."""

from typing import NamedTuple, NewType

TenantId = NewType("TenantId", str)
ReturnId = NewType("ReturnId", str)
OrderId = NewType("OrderId", str)
LineId = NewType("LineId", str)

Micros = NewType("Micros", int)
"""A point in time or a span, in microseconds; points count from the Unix epoch, UTC."""

SECOND = Micros(1_000_000)
DAY = Micros(86_400 * SECOND)


class LineKey(NamedTuple):
    """One line of one order, within a tenant."""

    order_id: OrderId
    line_id: LineId
