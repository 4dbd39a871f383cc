"""Orders: facts about sales, fed by the shop, and how many units of each line returns claim."""

from __future__ import annotations

from dataclasses import replace

from returns_server.domain.errors import OrderQuantityClaimed
from returns_server.domain.ids import LineId, LineKey, Micros, OrderId
from returns_server.domain.money import NOTHING, Amount, Price
from returns_server.domain.record import record


@record
class OrderHead:
    """The facts of an order that all its lines share."""

    order_id: OrderId
    customer_id: str
    guest_email: str
    currency: str
    place_time: Micros
    deliver_time: Micros | None

    @property
    def anonymous(self) -> bool:
        """Whether the shop does not know who bought: only staff may file returns of it."""
        return not self.customer_id and not self.guest_email


@record
class OrderLine:
    """What was sold on one line, what was paid for it, and what returns claim of both."""

    order_id: OrderId
    line_id: LineId
    product_id: str
    product_name: str
    quantity: int
    unit_price: str
    paid: Price
    final_sale: bool
    claimed_units: int = 0
    claimed: Amount = NOTHING

    @property
    def key(self) -> LineKey:
        """The line's key within the tenant."""
        return LineKey(self.order_id, self.line_id)

    def claimed_at(self, units: int, worth: Amount) -> OrderLine:
        """The same line with so many units claimed at this worth.

        Spelled out: every unit that is filed comes by here, and `dataclasses.replace` takes five times as long.
        """
        return OrderLine(
            self.order_id,
            self.line_id,
            self.product_id,
            self.product_name,
            self.quantity,
            self.unit_price,
            self.paid,
            self.final_sale,
            units,
            worth,
        )

    @property
    def unclaimed_units(self) -> int:
        """Units that can still be returned."""
        return self.quantity - self.claimed_units

    @property
    def unclaimed(self) -> Amount:
        """The value that the unclaimed units share."""
        return self.paid.amount - self.claimed if self.claimed_units else self.paid.amount


@record
class Order:
    """A whole order: its head and its lines in the shop's sequence."""

    head: OrderHead
    lines: tuple[OrderLine, ...]
    create_time: Micros
    update_time: Micros
    etag: str


def revised(stored: Order, said: Order) -> Order:
    """The order as the shop says it now, with the claims that returns already have of it.

    Raises OrderQuantityClaimed where the new facts would contradict those claims: fewer units, less value,
    another currency, a claimed line gone, or value left on a line whose units are all claimed (it could never
    be paid back).
    """
    order_id = said.head.order_id
    claimed = {line.line_id: line for line in stored.lines if line.claimed_units}
    if claimed and said.head.currency != stored.head.currency:
        raise OrderQuantityClaimed(
            f"order {order_id} has returns in {stored.head.currency}; its currency cannot change", order_id
        )
    for line_id in claimed.keys() - {line.line_id for line in said.lines}:
        raise OrderQuantityClaimed(
            f"line {line_id} of order {order_id} has returned units; it cannot go", order_id, line_id
        )
    lines = tuple(_with_claims(line, claimed.get(line.line_id)) for line in said.lines)
    return replace(said, lines=lines, create_time=stored.create_time)


def _with_claims(line: OrderLine, stored: OrderLine | None) -> OrderLine:
    if stored is None:
        return line
    conflict = _conflict(line, stored)
    if conflict:
        raise OrderQuantityClaimed(f"line {line.line_id} of order {line.order_id}: {conflict}", *line.key)
    return line.claimed_at(stored.claimed_units, stored.claimed)


def _conflict(line: OrderLine, stored: OrderLine) -> str:
    """Why the claims on the stored line cannot stand on the new one; empty if they can."""
    paid, claimed = line.paid.amount, stored.claimed
    if line.quantity < stored.claimed_units:
        return f"{stored.claimed_units} units are claimed by returns, {line.quantity} would be left"
    if paid.has_tax != stored.paid.amount.has_tax:
        return "units are claimed by returns, so net and tax can neither appear nor vanish"
    if any(now < then for now, then in zip(_parts(paid), _parts(claimed), strict=True)):
        return f"returns claim {claimed.gross} minor units of its value, {paid.gross} would be left"
    if line.quantity == stored.claimed_units and paid != claimed:
        return "all its units are claimed by returns, so its value cannot rise above what they are worth"
    return ""


def _parts(amount: Amount) -> tuple[int, ...]:
    if amount.net is None or amount.tax is None:
        return (amount.gross,)
    return (amount.net, amount.tax)
