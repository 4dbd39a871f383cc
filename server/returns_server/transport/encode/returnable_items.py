"""What can still go back of an order line, and why something cannot."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from commerce.returns.v1.price_pb2 import PriceBreakdown
from commerce.returns.v1.returnable_item_pb2 import ReturnableItem
from returns_server.application.ports import ReturnableLine
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.money import CURRENCY_DIGITS, Price
from returns_server.domain.policy import ALREADY_RETURNED, Policy


def returnable_item(found: ReturnableLine, tenant: TenantId, policy: Policy, now: Micros) -> ReturnableItem:
    """The message about one line: what is left of it, what that is worth, and what forbids it to a customer."""
    line, head = found.line, found.head
    item = ReturnableItem(
        order=f"tenants/{tenant}/orders/{head.order_id}",
        line_id=line.line_id,
        product_id=line.product_id,
        product_name=line.product_name,
        quantity=line.quantity,
        returned_quantity=line.claimed_units,
        returnable_quantity=line.unclaimed_units,
        returnable_total=_breakdown(line.paid.of(line.unclaimed), head.currency),
        currency_code=head.currency,
        place_time=_timestamp(head.place_time),
        blocks=(ALREADY_RETURNED,) * (line.unclaimed_units == 0) + policy.broken_by(line, head, now),
    )
    if line.unit_price:
        item.unit_price.CopyFrom(_exact(line.unit_price, head.currency))
    if head.deliver_time is not None:
        item.deliver_time.CopyFrom(_timestamp(head.deliver_time))
    deadline = policy.deadline(head)
    if deadline is not None:
        item.return_deadline.CopyFrom(_timestamp(deadline))
    return item


def _timestamp(time: Micros) -> Timestamp:
    seconds, micros = divmod(time, 1_000_000)
    return Timestamp(seconds=seconds, nanos=micros * 1_000)


def _breakdown(price: Price, currency: str) -> PriceBreakdown:
    amount = price.amount
    return PriceBreakdown(
        gross=_money(amount.gross, currency),
        net=None if amount.net is None else _money(amount.net, currency),
        tax=None if amount.tax is None else _money(amount.tax, currency),
        tax_code=price.tax_code,
        tax_rate=price.tax_rate,
    )


def _money(minor: int, currency: str) -> Money:
    digits = CURRENCY_DIGITS[currency]
    units, rest = divmod(minor, 10**digits)
    return Money(currency_code=currency, units=units, nanos=rest * 10 ** (9 - digits))


def _exact(decimal: str, currency: str) -> Money:
    units, _, fraction = decimal.partition(".")
    return Money(currency_code=currency, units=int(units), nanos=int(fraction.ljust(9, "0") or 0))
