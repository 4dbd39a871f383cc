"""What is read of the tables of the books, in which order, and the lines that such rows hold."""

from __future__ import annotations

from returns_server.domain.money import Amount, Price
from returns_server.domain.orders import OrderLine
from returns_server.storage.session import Row

RETURN_COLUMNS = ("tenant", "return_id", "expire_time_given", "document")
ITEM_COLUMNS = (
    "tenant",
    "return_id",
    "order_id",
    "line_id",
    "claimed_units",
    "claimed_net",
    "claimed_tax",
    "claimed_gross",
)
LINE_COLUMNS = (
    "tenant",
    "order_id",
    "line_id",
    "position",
    "product_id",
    "product_name",
    "quantity",
    "unit_price",
    "net",
    "tax",
    "gross",
    "tax_code",
    "tax_rate",
    "final_sale",
    "claimed_units",
    "claimed_net",
    "claimed_tax",
    "claimed_gross",
)
HEAD_COLUMNS = (
    "tenant",
    "order_id",
    "customer_id",
    "guest_email",
    "currency",
    "place_time",
    "deliver_time",
    "create_time",
    "update_time",
    "etag",
)
ANSWER_KEY = ("tenant", "issuer", "subject", "request_id")
ANSWER_COLUMNS = (*ANSWER_KEY, "request_hash", "return_id", "return_version", "document")


def line_of(row: Row) -> OrderLine:
    """The line that a row of LINE_COLUMNS holds."""
    order_id, line_id, _, product_id, product_name, quantity, unit_price, net, tax, gross, code, rate, final = row[1:14]
    units, claimed_net, claimed_tax, claimed_gross = row[14:18]
    claimed = Amount(claimed_gross) if net is None else Amount(claimed_gross, claimed_net, claimed_tax)
    paid = Price(Amount(gross, net, tax), code, rate)
    # By position, as `OrderLine.claimed_at`: every line of a batch comes by here.
    return OrderLine(
        order_id, line_id, product_id, product_name, quantity, unit_price, paid, bool(final), units, claimed
    )
