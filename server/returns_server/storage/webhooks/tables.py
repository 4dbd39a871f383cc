"""The tables of webhooks.

A delivery's `next_time` is when it is due: of one that waits, its next attempt; of one that is leased, the end of the
lease; null while it is held back and once it has ended. So one index finds all that can be claimed.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from returns_server.storage.tables import metadata

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_TIME = sa.BigInteger
_EMPTY = sa.text("''")
_ZERO = sa.text("0")
OPEN_STATES = "state IN (1, 2, 3, 4, 7)"
"""The states of `deliveries.OPEN` in the words of the index; queries say it in the same."""
_DUE = "next_time IS NOT NULL"
_LEASED = "state = 3"

webhook_endpoints = sa.Table(
    "webhook_endpoints",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("endpoint_id", _TEXT, primary_key=True),
    # The settings as an encoded WebhookEndpoint whose headers are empty, and the headers' values, each sealed.
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("headers", sa.LargeBinary, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("cursor", sa.BigInteger, nullable=False),
    sa.Column("cursor_time", _TIME, nullable=False),
    sa.Column("lost_since", _TIME),
    sa.Column("failures", sa.Integer, nullable=False, server_default=_ZERO),
    sa.Column("pause_until", _TIME, nullable=False, server_default=_ZERO),
    # When a bridge last took something for it: who waited longest is served first.
    sa.Column("claim_time", _TIME, nullable=False, server_default=_ZERO),
    sa.Column("last_success_time", _TIME),
    sa.Column("last_failure_time", _TIME),
    sa.Column("delivered_count", sa.BigInteger, nullable=False, server_default=_ZERO),
    sa.Column("exhausted_count", sa.BigInteger, nullable=False, server_default=_ZERO),
    sa.Column("create_time", _TIME, nullable=False),
    sa.Column("update_time", _TIME, nullable=False),
    # Set on one that was deleted, until all that belonged to it is gone.
    sa.Column("delete_time", _TIME),
    sa.Index("webhook_endpoints_by_create_time", "tenant", "create_time", "endpoint_id"),
    # It is updated with each claim and result: HOT updates need room in the page.
    postgresql_with={"fillfactor": 50},
)

webhook_secrets = sa.Table(
    "webhook_secrets",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("endpoint_id", _TEXT, primary_key=True),
    sa.Column("secret_id", _TEXT, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("create_time", _TIME, nullable=False),
    # Null for the one that signs until it is replaced.
    sa.Column("sign_until", _TIME),
)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("endpoint_id", _TEXT, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("event_id", _TEXT, nullable=False),
    sa.Column("event_type", _TEXT, nullable=False),
    sa.Column("event_time", _TIME, nullable=False),
    sa.Column("return_id", _TEXT, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("round_attempts", sa.Integer, nullable=False),
    sa.Column("first_attempt_time", _TIME),
    sa.Column("next_time", _TIME),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("create_time", _TIME, nullable=False),
    sa.Column("update_time", _TIME, nullable=False),
    sa.Index(
        "webhook_deliveries_due",
        "tenant",
        "endpoint_id",
        "next_time",
        "sequence",
        sqlite_where=sa.text(_DUE),
        postgresql_where=sa.text(_DUE),
    ),
    sa.Index(
        "webhook_deliveries_open",
        "tenant",
        "endpoint_id",
        "return_id",
        "sequence",
        sqlite_where=sa.text(OPEN_STATES),
        postgresql_where=sa.text(OPEN_STATES),
    ),
    sa.Index(
        "webhook_deliveries_leased",
        "tenant",
        "endpoint_id",
        sqlite_where=sa.text(_LEASED),
        postgresql_where=sa.text(_LEASED),
    ),
    postgresql_with={"fillfactor": 80},
)

webhook_attempts = sa.Table(
    "webhook_attempts",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("endpoint_id", _TEXT, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True),
    # 1, 2, 3 … over all rounds of the schedule.
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("time", _TIME, nullable=False),
    sa.Column("latency", _TIME, nullable=False),
    # 0 where there was no answer.
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
    sa.Column("error", _TEXT, nullable=False, server_default=_EMPTY),
)

webhook_jobs = sa.Table(
    "webhook_jobs",
    metadata,
    sa.Column("tenant", _TEXT, primary_key=True),
    sa.Column("endpoint_id", _TEXT, primary_key=True),
    sa.Column("job_id", _TEXT, primary_key=True),
    sa.Column("start_time", _TIME, nullable=False),
    sa.Column("end_time", _TIME, nullable=False),
    sa.Column("only_failed", sa.Boolean, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("requeued_count", sa.BigInteger, nullable=False),
    sa.Column("create_time", _TIME, nullable=False),
    sa.Column("update_time", _TIME, nullable=False),
    sa.Index(
        "webhook_jobs_running", "tenant", sqlite_where=sa.text("state = 1"), postgresql_where=sa.text("state = 1")
    ),
)
