"""Tidying: what has ended long ago, secrets that nobody asks for any more, and what deleted endpoints left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from returns_server.application.webhooks.deliveries import OPEN
from returns_server.domain.ids import Micros
from returns_server.storage.dialects import Dialect, Query
from returns_server.storage.session import Row, Session, WriteSession
from returns_server.storage.statements import built_once
from returns_server.storage.webhooks.rows import DELIVERY_KEY, ENDPOINT_KEY, JOB_KEY
from returns_server.storage.webhooks.tables import (
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
    webhook_jobs,
    webhook_secrets,
)


@dataclass(slots=True)
class Found:
    """Keys of what can go."""

    deliveries: list[Row] = field(default_factory=list)
    secrets: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    endpoints: list[Row] = field(default_factory=list)

    def __len__(self) -> int:
        """How many rows, beside the attempts of deliveries."""
        return len(self.deliveries) + len(self.secrets) + len(self.jobs) + len(self.endpoints)


async def found(session: Session, before: Micros, answers_before: Micros, limit: int) -> Found:
    """What can go: deliveries and jobs that ended before a time, secrets that were shown and replaced before another.

    Deliveries go from the begin of an endpoint's list on, and no further than the first `limit` that are there: so it
    costs the same however many there are.
    """
    dialect = session.dialect
    gone = Found()
    for tenant, endpoint_id, delete_time in await session.fetch(_endpoints(dialect)):
        key = {"tenant": tenant, "endpoint_id": endpoint_id, "limit": limit}
        oldest = await session.fetch(_oldest(dialect), key)
        ended = [(tenant, endpoint_id, row[0]) for row in oldest if _ended(row, before) or delete_time is not None]
        gone.deliveries += ended
        jobs = await session.fetch(_jobs(dialect), key)
        done = [(tenant, endpoint_id, row[0]) for row in jobs if (row[1] != 1 and row[2] < before) or delete_time]
        gone.jobs += done
        if delete_time is not None and len(oldest) < limit and len(jobs) < limit:
            gone.endpoints.append((tenant, endpoint_id))
        if len(gone) >= limit:
            break
    gone.secrets = [tuple(row) for row in await session.fetch(_secrets(dialect), {"before": answers_before})]
    return gone


def _ended(row: Row, before: Micros) -> bool:
    _, state, update_time = row
    return state not in OPEN and bool(update_time < before)


async def remove(session: WriteSession, gone: Found) -> int:
    """Delete it; how many rows there were, beside the attempts of deliveries."""
    dialect = session.dialect
    todo: list[tuple[sa.Table, Any, list[Row]]] = [
        (webhook_attempts, DELIVERY_KEY, gone.deliveries),
        (webhook_deliveries, DELIVERY_KEY, gone.deliveries),
        (webhook_jobs, JOB_KEY, gone.jobs),
        (webhook_secrets, (*ENDPOINT_KEY, "secret_id"), gone.secrets),
        (webhook_endpoints, ENDPOINT_KEY, gone.endpoints),
    ]
    queries: list[Query] = [dialect.delete(table, key)(rows) for table, key, rows in todo if rows]
    for query in queries:
        session.later(query)
    return len(gone)


@built_once
def _endpoints(dialect: Dialect) -> str:
    return dialect.prepare(sa.text("SELECT tenant, endpoint_id, delete_time FROM webhook_endpoints"))


@built_once
def _oldest(dialect: Dialect) -> str:
    sql = (
        "SELECT sequence, state, update_time FROM webhook_deliveries"
        " WHERE tenant = :tenant AND endpoint_id = :endpoint_id ORDER BY sequence LIMIT :limit"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def _jobs(dialect: Dialect) -> str:
    sql = (
        "SELECT job_id, state, update_time FROM webhook_jobs"
        " WHERE tenant = :tenant AND endpoint_id = :endpoint_id ORDER BY job_id LIMIT :limit"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def _secrets(dialect: Dialect) -> str:
    sql = (
        "SELECT tenant, endpoint_id, secret_id FROM webhook_secrets"
        " WHERE sign_until IS NOT NULL AND sign_until < :before AND create_time < :before LIMIT 1000"
    )
    return dialect.prepare(sa.text(sql))
