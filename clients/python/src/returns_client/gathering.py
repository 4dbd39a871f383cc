"""Gathers the rows of a file into orders, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from commerce.returns.v1.order_pb2 import Order
from returns_client.order_rows import Row
from returns_client.reading_notes import ReadingNotes

MAX_LINES = 10_000
"""The most lines that the service takes in one order."""


@dataclass(slots=True)
class _Open:
    """An order whose rows are still coming; `spoilt` when one of them was wrong."""

    line_number: int
    order: Order
    placed: datetime | None
    delivered: datetime | None
    several_times: bool = False
    spoilt: bool = False


class Gathering:
    """Orders in the making. Rows of one order stand together, or at most `window` other orders apart.

    An order is complete when rows of `window` other orders came after its last one, or when more than `max_rows` rows
    are waiting. A row that comes later than that is refused, and so said: its order may be sent already, without it.
    """

    def __init__(self, parent: str, notes: ReadingNotes, window: int = 64, max_rows: int = 20_000) -> None:
        """Takes the tenant as `parent`, `tenants/{tenant}`."""
        self._parent = parent
        self._notes = notes
        self._window = window
        self._max_rows = max_rows
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._rows = 0
        self._done: set[int] = set()

    def add(self, row: Row, line_number: int) -> str:
        """Put a row to its order; answers what is wrong with it, or an empty text."""
        gathered = self._open.get(row.order_id)
        if gathered is None:
            if _short(row.order_id) in self._done:
                return "comes too late: the rows of an order must stand together (sort the file by order_id)"
            gathered = self._begun(row, line_number)
        self._open.move_to_end(row.order_id)
        if gathered.spoilt or gathered.placed is None:
            return ""
        problem = _contradiction(gathered.order, row)
        if problem:
            self.spoil(row.order_id)
            return problem
        gathered.several_times |= row.ordered_at != gathered.placed
        gathered.placed = min(gathered.placed, row.ordered_at)
        gathered.delivered = max(filter(None, (gathered.delivered, row.delivered_at)), default=None)
        gathered.order.lines.append(row.line)
        self._rows += 1
        return ""

    def spoil(self, order_id: str) -> None:
        """Leave out this order: one of its rows is wrong."""
        if not order_id or _short(order_id) in self._done:
            return
        gathered = self._open.get(order_id)
        if gathered is None:
            gathered = self._open[order_id] = _Open(0, Order(), None, None)
        gathered.spoilt = True
        self._rows -= len(gathered.order.lines)
        gathered.order.ClearField("lines")

    def overdue(self) -> Iterator[tuple[int, Order]]:
        """The orders that are complete by now, each with the line on which it began."""
        while len(self._open) > self._window or (self._rows > self._max_rows and len(self._open) > 1):
            yield from self._closed()

    def rest(self) -> Iterator[tuple[int, Order]]:
        """All that are left, at the end of the file."""
        while self._open:
            yield from self._closed()

    def open_orders(self) -> list[str]:
        """The ids of the orders whose rows may still come."""
        return list(self._open)

    def _begun(self, row: Row, line_number: int) -> _Open:
        order = Order(
            name=f"{self._parent}/orders/{row.order_id}",
            customer_id=row.customer_id,
            guest_email=row.guest_email,
            currency_code=row.currency,
        )
        gathered = self._open[row.order_id] = _Open(line_number, order, row.ordered_at, None)
        return gathered

    def _closed(self) -> Iterator[tuple[int, Order]]:
        order_id, gathered = self._open.popitem(last=False)
        self._done.add(_short(order_id))
        self._rows -= len(gathered.order.lines)
        if gathered.spoilt or gathered.placed is None:
            return
        self._notes.orders_with_several_times += gathered.several_times
        gathered.order.place_time.FromDatetime(gathered.placed)
        if gathered.delivered is not None:
            gathered.order.deliver_time.FromDatetime(gathered.delivered)
        yield gathered.line_number, gathered.order


def _contradiction(order: Order, row: Row) -> str:
    if len(order.lines) >= MAX_LINES:
        return f"has more than {MAX_LINES:,} lines"
    for column, of_order, of_row in (
        ("customer_id", order.customer_id, row.customer_id),
        ("guest_email", order.guest_email, row.guest_email),
        ("currency", order.currency_code, row.currency),
    ):
        if of_order != of_row:
            return f"{column} is {of_row!r} here and {of_order!r} in an earlier row of the order"
    return ""


def _short(order_id: str) -> int:
    return int.from_bytes(blake2b(order_id.encode(errors="surrogateescape"), digest_size=8).digest())
