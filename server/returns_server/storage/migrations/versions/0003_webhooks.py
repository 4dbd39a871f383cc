"""Webhooks: endpoints, secrets, deliveries, attempts and redelivery jobs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; answers remember which secret they showed."""
    op.add_column("idempotency_keys", sa.Column("endpoint_id", _TEXT, nullable=True))
    op.add_column("idempotency_keys", sa.Column("secret_id", _TEXT, nullable=True))
    _endpoints()
    _deliveries()
    _jobs()


def _required(name: str, kind: sa.types.TypeEngine[Any], default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, server_default=sa.text(default) if default else None, nullable=False)


def _optional(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        _required("tenant", _TEXT),
        _required("endpoint_id", _TEXT),
        _required("document", sa.LargeBinary()),
        _required("headers", sa.LargeBinary()),
        _required("revision", sa.BigInteger()),
        _required("state", sa.SmallInteger()),
        _required("cursor", sa.BigInteger()),
        _required("cursor_time", sa.BigInteger()),
        _optional("lost_since", sa.BigInteger()),
        _required("failures", sa.Integer(), "0"),
        _required("pause_until", sa.BigInteger(), "0"),
        _required("claim_time", sa.BigInteger(), "0"),
        _optional("last_success_time", sa.BigInteger()),
        _optional("last_failure_time", sa.BigInteger()),
        _required("delivered_count", sa.BigInteger(), "0"),
        _required("exhausted_count", sa.BigInteger(), "0"),
        _required("create_time", sa.BigInteger()),
        _required("update_time", sa.BigInteger()),
        _optional("delete_time", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant", "endpoint_id"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("webhook_endpoints_by_create_time", "webhook_endpoints", ["tenant", "create_time", "endpoint_id"])
    op.create_table(
        "webhook_secrets",
        _required("tenant", _TEXT),
        _required("endpoint_id", _TEXT),
        _required("secret_id", _TEXT),
        _required("sealed", sa.LargeBinary()),
        _required("create_time", sa.BigInteger()),
        _optional("sign_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant", "endpoint_id", "secret_id"),
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        _required("tenant", _TEXT),
        _required("endpoint_id", _TEXT),
        _required("sequence", sa.BigInteger()),
        _required("state", sa.SmallInteger()),
        _required("event_id", _TEXT),
        _required("event_type", _TEXT),
        _required("event_time", sa.BigInteger()),
        _required("return_id", _TEXT),
        _required("attempts", sa.Integer()),
        _required("round_attempts", sa.Integer()),
        _optional("first_attempt_time", sa.BigInteger()),
        _optional("next_time", sa.BigInteger()),
        _required("fence", sa.BigInteger()),
        _required("create_time", sa.BigInteger()),
        _required("update_time", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant", "endpoint_id", "sequence"),
        postgresql_with={"fillfactor": 80},
    )
    table, of_endpoint = "webhook_deliveries", ["tenant", "endpoint_id"]
    _partial_index("webhook_deliveries_due", table, [*of_endpoint, "next_time", "sequence"], "next_time IS NOT NULL")
    open_states = "state IN (1, 2, 3, 4, 7)"
    _partial_index("webhook_deliveries_open", table, [*of_endpoint, "return_id", "sequence"], open_states)
    _partial_index("webhook_deliveries_leased", table, of_endpoint, "state = 3")
    op.create_table(
        "webhook_attempts",
        _required("tenant", _TEXT),
        _required("endpoint_id", _TEXT),
        _required("sequence", sa.BigInteger()),
        _required("number", sa.Integer()),
        _required("time", sa.BigInteger()),
        _required("latency", sa.BigInteger()),
        _required("status", sa.SmallInteger()),
        _required("answer", sa.LargeBinary()),
        _required("error", _TEXT, "''"),
        sa.PrimaryKeyConstraint("tenant", "endpoint_id", "sequence", "number"),
    )


def _jobs() -> None:
    op.create_table(
        "webhook_jobs",
        _required("tenant", _TEXT),
        _required("endpoint_id", _TEXT),
        _required("job_id", _TEXT),
        _required("start_time", sa.BigInteger()),
        _required("end_time", sa.BigInteger()),
        _required("only_failed", sa.Boolean()),
        _required("state", sa.SmallInteger()),
        _required("position", sa.BigInteger()),
        _required("requeued_count", sa.BigInteger()),
        _required("create_time", sa.BigInteger()),
        _required("update_time", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tenant", "endpoint_id", "job_id"),
    )
    _partial_index("webhook_jobs_running", "webhook_jobs", ["tenant"], "state = 1")
