"""The tables (the one description of the schema; migrations are checked against it).

Every key starts with the tenant. Times are microseconds since the Unix epoch; amounts are minor units of the
currency, except `total_mills` (thousandths, so that currencies of 0, 2 and 3 digits sort together). Documents are
encoded protobuf messages, read back whole. Enums are stored by the contract's numbers.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

metadata = sa.MetaData()

_JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
# By code point on both databases, whatever the locale of a PostgreSQL: keys sort and filters compare the same.
_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_TIME = sa.BigInteger
_EMPTY = sa.text("''")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False, server_default=_EMPTY)


orders = sa.Table(
    "orders",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("order_id", _TEXT, primary_key=True),
    _text("customer_id"),
    _text("guest_email"),
    sa.Column("currency", _TEXT, nullable=False),
    sa.Column("place_time", _TIME, nullable=False),
    sa.Column("deliver_time", _TIME),
    sa.Column("create_time", _TIME, nullable=False),
    sa.Column("update_time", _TIME, nullable=False),
    sa.Column("etag", _TEXT, nullable=False),
    sa.Index("orders_by_place_time", "tenant", "place_time", "order_id"),
    sa.Index(
        "orders_by_customer",
        "tenant",
        "customer_id",
        "place_time",
        "order_id",
        sqlite_where=sa.text("customer_id <> ''"),
        postgresql_where=sa.text("customer_id <> ''"),
    ),
    sa.Index(
        "orders_by_guest",
        "tenant",
        "guest_email",
        "place_time",
        "order_id",
        sqlite_where=sa.text("guest_email <> ''"),
        postgresql_where=sa.text("guest_email <> ''"),
    ),
)

order_lines = sa.Table(
    "order_lines",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("order_id", _TEXT, primary_key=True),
    sa.Column("line_id", _TEXT, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("product_id", _TEXT, nullable=False),
    _text("product_name"),
    sa.Column("quantity", sa.Integer, nullable=False),
    _text("unit_price"),
    sa.Column("net", sa.BigInteger),
    sa.Column("tax", sa.BigInteger),
    sa.Column("gross", sa.BigInteger, nullable=False),
    _text("tax_code"),
    _text("tax_rate"),
    sa.Column("final_sale", sa.Boolean, nullable=False),
    sa.Column("claimed_units", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("claimed_net", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("claimed_tax", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("claimed_gross", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.CheckConstraint("quantity >= 1 AND gross >= 0", name="line_sold"),
    sa.CheckConstraint(
        "(net IS NULL AND tax IS NULL) OR (net IS NOT NULL AND tax IS NOT NULL AND net >= 0 AND tax >= 0"
        " AND net + tax = gross)",
        name="line_net_and_tax",
    ),
    sa.CheckConstraint("claimed_units BETWEEN 0 AND quantity", name="line_units_within_bought"),
    sa.CheckConstraint("claimed_gross BETWEEN 0 AND gross", name="line_value_within_paid"),
    sa.CheckConstraint(
        "claimed_net BETWEEN 0 AND COALESCE(net, 0) AND claimed_tax BETWEEN 0 AND COALESCE(tax, 0)"
        " AND (net IS NULL OR claimed_net + claimed_tax = claimed_gross)",
        name="line_net_and_tax_within_paid",
    ),
    sa.CheckConstraint(
        "(claimed_units < quantity OR claimed_gross = gross) AND (claimed_units > 0 OR claimed_gross = 0)",
        name="line_claimed_in_full_is_worth_what_was_paid",
    ),
    sa.Index("order_lines_by_product", "tenant", "product_id", "order_id"),
    # HOT updates of the claims need room in the page.
    postgresql_with={"fillfactor": 80},
)

returns = sa.Table(
    "returns",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("return_id", _TEXT, primary_key=True),
    sa.Column("number", _TEXT, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("goods_state", sa.SmallInteger, nullable=False),
    sa.Column("close_reason", sa.SmallInteger, nullable=False),
    _text("customer_id"),
    _text("guest_email"),
    _text("requestor_email"),
    _text("reason_code"),
    _text("reason_details"),
    # Null while the return is not rejected, and nobody is to approve it.
    sa.Column("rejection_code", _TEXT),
    sa.Column("approver_type", sa.SmallInteger),
    sa.Column("approver_id", _TEXT),
    sa.Column("submitter_type", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    _text("submitter_subject"),
    _text("submitter_first_name"),
    _text("submitter_last_name"),
    _text("submitter_email"),
    sa.Column("currency", _TEXT, nullable=False),
    sa.Column("total_mills", sa.BigInteger, nullable=False),
    # Whole units of the currency, null before approval.
    sa.Column("approved_units", sa.BigInteger),
    sa.Column("create_time", _TIME, nullable=False),
    sa.Column("update_time", _TIME, nullable=False),
    sa.Column("expire_time", _TIME),
    sa.Column("expire_time_given", sa.Boolean, nullable=False),
    # When the timer closes it; null while it will not (received goods, or an end already).
    sa.Column("due_time", _TIME),
    sa.Column("approve_time", _TIME),
    sa.Column("receive_time", _TIME),
    sa.Column("close_time", _TIME),
    # To filter by, null while empty; what is answered is in the document. On SQLite numbers stand in it as integers
    # that sort as they do (see `storage.dialects.sqlite.ordinal`).
    sa.Column("attributes", _JSON),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Index("returns_by_number", "tenant", "number", unique=True),
    sa.Index("returns_by_create_time", "tenant", "create_time", "return_id"),
    sa.Index("returns_by_update_time", "tenant", "update_time", "return_id"),
    sa.Index("returns_by_expire_time", "tenant", "expire_time", "return_id"),
    sa.Index("returns_by_total", "tenant", "total_mills", "return_id"),
    sa.Index("returns_by_state", "tenant", "state", "create_time", "return_id"),
    sa.Index(
        "returns_by_customer",
        "tenant",
        "customer_id",
        "create_time",
        "return_id",
        sqlite_where=sa.text("customer_id <> ''"),
        postgresql_where=sa.text("customer_id <> ''"),
    ),
    sa.Index(
        "returns_by_guest",
        "tenant",
        "guest_email",
        "create_time",
        "return_id",
        sqlite_where=sa.text("guest_email <> ''"),
        postgresql_where=sa.text("guest_email <> ''"),
    ),
    sa.Index(
        "returns_due",
        "due_time",
        sqlite_where=sa.text("due_time IS NOT NULL"),
        postgresql_where=sa.text("due_time IS NOT NULL"),
    ),
)

return_items = sa.Table(
    "return_items",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("return_id", _TEXT, primary_key=True),
    sa.Column("order_id", _TEXT, primary_key=True),
    sa.Column("line_id", _TEXT, primary_key=True),
    sa.Column("product_id", _TEXT, nullable=False),
    # Null where the return's own reason tells.
    sa.Column("reason_code", _TEXT),
    sa.Column("reason_details", _TEXT),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("claimed_units", sa.Integer, nullable=False),
    sa.Column("claimed_net", sa.BigInteger, nullable=False),
    sa.Column("claimed_tax", sa.BigInteger, nullable=False),
    sa.Column("claimed_gross", sa.BigInteger, nullable=False),
    sa.CheckConstraint("quantity >= 1 AND claimed_units BETWEEN 0 AND quantity", name="item_units"),
    sa.Index("return_items_by_line", "tenant", "order_id", "line_id", "return_id"),
    sa.Index("return_items_by_product", "tenant", "product_id", "return_id"),
)

deleted_returns = sa.Table(
    "deleted_returns",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("return_id", _TEXT, primary_key=True),
    sa.Column("number", _TEXT, nullable=False),
    sa.Column("delete_time", _TIME, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("event_id", sa.LargeBinary, nullable=False),
    sa.Column("type", sa.SmallInteger, nullable=False),
    sa.Column("time", _TIME, nullable=False),
    sa.Column("return_id", _TEXT, nullable=False),
    sa.Column("return_version", sa.BigInteger, nullable=False),
    _text("customer_id"),
    _text("guest_email"),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Index("events_by_return", "tenant", "return_id", "return_version", unique=True),
    sa.Index(
        "events_by_customer",
        "tenant",
        "customer_id",
        "sequence",
        sqlite_where=sa.text("customer_id <> ''"),
        postgresql_where=sa.text("customer_id <> ''"),
    ),
    sa.Index(
        "events_by_guest",
        "tenant",
        "guest_email",
        "sequence",
        sqlite_where=sa.text("guest_email <> ''"),
        postgresql_where=sa.text("guest_email <> ''"),
    ),
)

event_heads = sa.Table(
    "event_heads",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("last_sequence", sa.BigInteger, nullable=False),
    # The next number to be given out in a block; a number is never given twice.
    sa.Column("next_number", sa.BigInteger, nullable=False),
    # Streams begin after this event: retention may have taken some up to it. Its id outlives its row.
    sa.Column("floor_sequence", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("floor_event_id", sa.LargeBinary),
    # Rises whenever past events were rewritten to erase a person: who holds copies of them reads them anew.
    sa.Column("erasures", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    postgresql_with={"fillfactor": 50},
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("issuer", _TEXT, primary_key=True),
    sa.Column("subject", _TEXT, primary_key=True),
    sa.Column("request_id", _TEXT, primary_key=True),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    # The answer: the return at a version (its event holds the document), or an encoded order or policy, or neither
    # after a deletion.
    sa.Column("return_id", _TEXT),
    sa.Column("return_version", sa.BigInteger),
    sa.Column("document", sa.LargeBinary),
    sa.Column("expire_time", _TIME, nullable=False),
    # The webhook secret that the answer showed: it is read from its endpoint, and never stands here.
    sa.Column("endpoint_id", _TEXT),
    sa.Column("secret_id", _TEXT),
    sa.Index("idempotency_keys_by_expiry", "expire_time"),
)

return_policies = sa.Table(
    "return_policies",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", _TEXT, primary_key=True),
    sa.Column("holder", _TEXT, nullable=False),
    sa.Column("until", _TIME, nullable=False),
)

instance = sa.Table(
    "instance",
    metadata,
    sa.Column("singleton", sa.Integer, primary_key=True),
    # Tells this log from others; the first four bytes of every cursor's payload.
    sa.Column("log_epoch", sa.LargeBinary, nullable=False),
    # Signs page tokens; all replicas share it.
    sa.Column("token_key", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("singleton = 1", name="one_instance"),
)
