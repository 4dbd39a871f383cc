"""What customers bought before a moment, as far as bad return lines ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from commerce.returns.v1.order_pb2 import Order
from returns_client.order_files import FoundOrder, Problem
from tools.replay.folder import UnmatchedLine


class Purchases:
    """An index over the orders that pass by; it keeps only customers and products that an unmatched line names."""

    def __init__(self, lines: Iterable[UnmatchedLine]) -> None:
        """Takes the lines that will ask."""
        self._orders: dict[str, list[tuple[datetime, str]]] = {}
        self._lines: dict[tuple[str, str], list[tuple[datetime, str, str]]] = {}
        for line in lines:
            if line.customer_id:
                self._orders.setdefault(line.customer_id, [])
                self._lines.setdefault((line.customer_id, line.product_id), [])

    def noting(self, found: Iterable[FoundOrder | Problem]) -> Iterator[FoundOrder | Problem]:
        """The same orders; what will be asked about them is noted on the way."""
        for each in found:
            if isinstance(each, FoundOrder):
                self._note(each.order)
            yield each

    def latest_order(self, customer_id: str, before: datetime) -> str | None:
        """The customer's latest order that was placed by then."""
        placed = [entry for entry in self._orders.get(customer_id, ()) if entry[0] <= before]
        return max(placed)[1] if placed else None

    def lines_of(self, customer_id: str, product_id: str, before: datetime) -> list[tuple[str, str]]:
        """Order and line of what the customer bought of a product by then, newest first."""
        bought = [entry for entry in self._lines.get((customer_id, product_id), ()) if entry[0] <= before]
        return [(order_id, line_id) for _, order_id, line_id in sorted(bought, reverse=True)]

    def _note(self, order: Order) -> None:
        orders = self._orders.get(order.customer_id)
        if orders is None:
            return
        placed = order.place_time.ToDatetime(UTC)
        order_id = order.name.rpartition("/")[2]
        orders.append((placed, order_id))
        for line in order.lines:
            lines = self._lines.get((order.customer_id, line.product_id))
            if lines is not None:
                lines.append((placed, order_id, line.line_id))
