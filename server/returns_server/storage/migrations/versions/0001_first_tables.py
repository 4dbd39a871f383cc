"""The first tables: orders, returns, their ledger and events, and what running the service takes."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LOG_EPOCH_BYTES = 4
_TOKEN_KEY_BYTES = 32
# By code point on both databases, whatever the locale of a PostgreSQL.
_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make all tables, and give this database the identity of its event log."""
    _orders()
    _order_lines()
    _returns()
    _return_items()
    _events()
    _idempotency()
    _settings()
    _instance()
    if op.get_bind().dialect.name == "postgresql":
        # Documents are read back whole: unpacking them would cost more than the bytes that packing saves.
        op.execute("ALTER TABLE returns ALTER COLUMN document SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE events ALTER COLUMN document SET STORAGE EXTERNAL")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, server_default=sa.text("''"), nullable=False)


def _required(name: str, kind: sa.types.TypeEngine[Any], default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, server_default=sa.text(default) if default else None, nullable=False)


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _orders() -> None:
    op.create_table(
        "orders",
        _required("tenant", _TEXT),
        _required("order_id", _TEXT),
        _text("customer_id"),
        _text("guest_email"),
        _required("currency", _TEXT),
        _required("place_time", sa.BigInteger()),
        sa.Column("deliver_time", sa.BigInteger()),
        _required("create_time", sa.BigInteger()),
        _required("update_time", sa.BigInteger()),
        _required("etag", _TEXT),
        sa.PrimaryKeyConstraint("tenant", "order_id"),
    )
    op.create_index("orders_by_place_time", "orders", ["tenant", "place_time", "order_id"])
    customers = ["tenant", "customer_id", "place_time", "order_id"]
    _partial_index("orders_by_customer", "orders", customers, "customer_id <> ''")
    guests = ["tenant", "guest_email", "place_time", "order_id"]
    _partial_index("orders_by_guest", "orders", guests, "guest_email <> ''")


def _order_lines() -> None:
    op.create_table(
        "order_lines",
        _required("tenant", _TEXT),
        _required("order_id", _TEXT),
        _required("line_id", _TEXT),
        _required("position", sa.Integer()),
        _required("product_id", _TEXT),
        _text("product_name"),
        _required("quantity", sa.Integer()),
        _text("unit_price"),
        sa.Column("net", sa.BigInteger()),
        sa.Column("tax", sa.BigInteger()),
        _required("gross", sa.BigInteger()),
        _text("tax_code"),
        _text("tax_rate"),
        _required("final_sale", sa.Boolean()),
        _required("claimed_units", sa.Integer(), "0"),
        _required("claimed_net", sa.BigInteger(), "0"),
        _required("claimed_tax", sa.BigInteger(), "0"),
        _required("claimed_gross", sa.BigInteger(), "0"),
        sa.PrimaryKeyConstraint("tenant", "order_id", "line_id"),
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
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("order_lines_by_product", "order_lines", ["tenant", "product_id", "order_id"])


def _returns() -> None:
    op.create_table(
        "returns",
        _required("tenant", _TEXT),
        _required("return_id", _TEXT),
        _required("number", _TEXT),
        _required("version", sa.BigInteger()),
        _required("state", sa.SmallInteger()),
        _required("goods_state", sa.SmallInteger()),
        _required("close_reason", sa.SmallInteger()),
        _text("customer_id"),
        _text("guest_email"),
        _text("requestor_email"),
        _text("reason_code"),
        _text("reason_details"),
        sa.Column("rejection_code", _TEXT),
        sa.Column("approver_type", sa.SmallInteger()),
        sa.Column("approver_id", _TEXT),
        _required("submitter_type", sa.SmallInteger(), "0"),
        _text("submitter_subject"),
        _text("submitter_first_name"),
        _text("submitter_last_name"),
        _text("submitter_email"),
        _required("currency", _TEXT),
        _required("total_mills", sa.BigInteger()),
        sa.Column("approved_units", sa.BigInteger()),
        _required("create_time", sa.BigInteger()),
        _required("update_time", sa.BigInteger()),
        sa.Column("expire_time", sa.BigInteger()),
        _required("expire_time_given", sa.Boolean()),
        sa.Column("due_time", sa.BigInteger()),
        sa.Column("approve_time", sa.BigInteger()),
        sa.Column("receive_time", sa.BigInteger()),
        sa.Column("close_time", sa.BigInteger()),
        sa.Column("attributes", sa.Text().with_variant(postgresql.JSONB(), "postgresql")),
        _required("document", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("tenant", "return_id"),
    )
    op.create_index("returns_by_number", "returns", ["tenant", "number"], unique=True)
    op.create_index("returns_by_create_time", "returns", ["tenant", "create_time", "return_id"])
    op.create_index("returns_by_update_time", "returns", ["tenant", "update_time", "return_id"])
    op.create_index("returns_by_expire_time", "returns", ["tenant", "expire_time", "return_id"])
    op.create_index("returns_by_total", "returns", ["tenant", "total_mills", "return_id"])
    op.create_index("returns_by_state", "returns", ["tenant", "state", "create_time", "return_id"])
    customers = ["tenant", "customer_id", "create_time", "return_id"]
    _partial_index("returns_by_customer", "returns", customers, "customer_id <> ''")
    guests = ["tenant", "guest_email", "create_time", "return_id"]
    _partial_index("returns_by_guest", "returns", guests, "guest_email <> ''")
    _partial_index("returns_due", "returns", ["due_time"], "due_time IS NOT NULL")


def _return_items() -> None:
    op.create_table(
        "return_items",
        _required("tenant", _TEXT),
        _required("return_id", _TEXT),
        _required("order_id", _TEXT),
        _required("line_id", _TEXT),
        _required("product_id", _TEXT),
        sa.Column("reason_code", _TEXT),
        sa.Column("reason_details", _TEXT),
        _required("quantity", sa.Integer()),
        _required("claimed_units", sa.Integer()),
        _required("claimed_net", sa.BigInteger()),
        _required("claimed_tax", sa.BigInteger()),
        _required("claimed_gross", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant", "return_id", "order_id", "line_id"),
        sa.CheckConstraint("quantity >= 1 AND claimed_units BETWEEN 0 AND quantity", name="item_units"),
    )
    op.create_index("return_items_by_line", "return_items", ["tenant", "order_id", "line_id", "return_id"])
    op.create_index("return_items_by_product", "return_items", ["tenant", "product_id", "return_id"])
    op.create_table(
        "deleted_returns",
        _required("tenant", _TEXT),
        _required("return_id", _TEXT),
        _required("number", _TEXT),
        _required("delete_time", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant", "return_id"),
    )


def _events() -> None:
    op.create_table(
        "events",
        _required("tenant", _TEXT),
        _required("sequence", sa.BigInteger()),
        _required("event_id", sa.LargeBinary()),
        _required("type", sa.SmallInteger()),
        _required("time", sa.BigInteger()),
        _required("return_id", _TEXT),
        _required("return_version", sa.BigInteger()),
        _text("customer_id"),
        _text("guest_email"),
        _required("document", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("tenant", "sequence"),
    )
    op.create_index("events_by_return", "events", ["tenant", "return_id", "return_version"], unique=True)
    _partial_index("events_by_customer", "events", ["tenant", "customer_id", "sequence"], "customer_id <> ''")
    _partial_index("events_by_guest", "events", ["tenant", "guest_email", "sequence"], "guest_email <> ''")
    op.create_table(
        "event_heads",
        _required("tenant", _TEXT),
        _required("last_sequence", sa.BigInteger()),
        _required("next_number", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant"),
        postgresql_with={"fillfactor": 50},
    )


def _idempotency() -> None:
    op.create_table(
        "idempotency_keys",
        _required("tenant", _TEXT),
        _required("issuer", _TEXT),
        _required("subject", _TEXT),
        _required("request_id", _TEXT),
        _required("request_hash", sa.LargeBinary()),
        sa.Column("return_id", _TEXT),
        sa.Column("return_version", sa.BigInteger()),
        sa.Column("document", sa.LargeBinary()),
        _required("expire_time", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant", "issuer", "subject", "request_id"),
    )
    op.create_index("idempotency_keys_by_expiry", "idempotency_keys", ["expire_time"])


def _settings() -> None:
    op.create_table(
        "return_policies",
        _required("tenant", _TEXT),
        _required("document", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("tenant"),
    )
    op.create_table(
        "leases",
        _required("name", _TEXT),
        _required("holder", _TEXT),
        _required("until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name"),
    )


def _instance() -> None:
    instance = op.create_table(
        "instance",
        _required("singleton", sa.Integer()),
        _required("log_epoch", sa.LargeBinary()),
        _required("token_key", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("singleton"),
        sa.CheckConstraint("singleton = 1", name="one_instance"),
    )
    identity = {
        "singleton": 1,
        "log_epoch": secrets.token_bytes(_LOG_EPOCH_BYTES),
        "token_key": secrets.token_bytes(_TOKEN_KEY_BYTES),
    }
    op.bulk_insert(instance, [identity])
