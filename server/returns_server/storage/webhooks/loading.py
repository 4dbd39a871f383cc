"""Loads what a command on an endpoint names; within a transaction the endpoint is locked before anything of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from returns_server.application.webhooks.books import Counted, EndpointBook, Needs
from returns_server.application.webhooks.endpoints import Endpoint, EndpointId, Statistics
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import TenantId
from returns_server.storage.dialects import Lock
from returns_server.storage.reads.log import last_before
from returns_server.storage.session import Row, Session, WriteSession
from returns_server.storage.webhooks import statements
from returns_server.storage.webhooks.rows import (
    ATTEMPT_COLUMNS,
    DELIVERY_KEY,
    ENDPOINT_COLUMNS,
    ENDPOINT_KEY,
    SECRET_COLUMNS,
    attempt_of,
    delivery_of,
    endpoint_of,
    job_of,
    secret_of,
)
from returns_server.storage.webhooks.tables import (
    OPEN_STATES,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
    webhook_secrets,
)

NOT_DELETED = "t.delete_time IS NULL"
_OPEN_OF_RETURN = ("tenant", "endpoint_id", "return_id")


async def load(session: Session, tenant: TenantId, needs: Needs, *, write: WriteSession | None = None) -> EndpointBook:
    """The book of a command; with a `write` session the endpoint is locked until the transaction ends."""
    book = EndpointBook(head=await head(session, tenant))
    if needs.counted is not None:
        book.count = await _count(session, tenant, needs.counted)
    if needs.since is not None:
        book.begin = await last_before(session, tenant, needs.since)
    if needs.endpoint_id is None:
        return book
    key = {"tenant": tenant, "endpoint_id": needs.endpoint_id}
    if write is None:
        rows = await session.fetch(statements.find_endpoint(session.dialect), key)
    else:
        [rows] = await write.run([locked_endpoints(write, [(tenant, needs.endpoint_id)])])
    if not rows:
        return book
    book.endpoint = endpoint_of(rows[0])
    secrets = session.dialect.select(webhook_secrets, ENDPOINT_KEY, SECRET_COLUMNS)([(tenant, needs.endpoint_id)])
    book.secrets = tuple(secret_of(row) for row in await session.fetch(secrets.statement, secrets.parameters))
    if needs.sequence is not None:
        await _load_delivery(session, book, key | {"sequence": needs.sequence})
    if needs.job_id is not None:
        jobs = await session.fetch(statements.find_job(session.dialect), key | {"job_id": needs.job_id})
        book.job = job_of(jobs[0]) if jobs else None
    return book


async def hold_counts(session: WriteSession, tenant: TenantId) -> None:
    """Let nobody else count what the tenant has until the transaction ends; to be asked before anything is locked.

    A row that is not there yet cannot be locked. On SQLite nobody else writes at all.
    """
    if session.dialect.name == "postgresql":
        await session.fetch(statements.hold_counts(session.dialect), {"tenant": tenant})


def locked_endpoints(session: WriteSession, keys: list[tuple[TenantId, EndpointId]]) -> Any:
    """The query for endpoints that were not deleted, locked in the order of their keys."""
    select = session.dialect.select(webhook_endpoints, ENDPOINT_KEY, ENDPOINT_COLUMNS, Lock.WAIT, NOT_DELETED)
    return select(sorted(keys))


async def head(session: Session, tenant: TenantId) -> int:
    """The last sequence of a tenant's log; 0 before the first event."""
    rows = await session.fetch(statements.head(session.dialect), {"tenant": tenant})
    return int(rows[0][0]) if rows else 0


async def _count(session: Session, tenant: TenantId, counted: Counted) -> int:
    count = statements.count_endpoints if counted is Counted.ENDPOINTS else statements.count_jobs
    [(number,)] = await session.fetch(count(session.dialect), {"tenant": tenant})
    return int(number)


async def _event_at(session: Session, tenant: TenantId, sequence: int) -> Row | None:
    rows = await session.fetch(statements.first_event(session.dialect), {"tenant": tenant, "sequence": sequence})
    return rows[0] if rows else None


async def statistics(session: Session, tenant: TenantId, endpoint_id: EndpointId) -> Statistics:
    """What is on its way to an endpoint."""
    key = {"tenant": tenant, "endpoint_id": endpoint_id}
    [(count, oldest)] = await session.fetch(statements.statistics(session.dialect), key)
    return Statistics(int(count), oldest)


async def with_losses(session: Session, tenant: TenantId, endpoint: Endpoint) -> Endpoint:
    """The endpoint, with what it lost while it was off: the event right behind its place is gone."""
    if endpoint.lost_since is not None or await head(session, tenant) <= endpoint.cursor:
        return endpoint
    following = await _event_at(session, tenant, endpoint.cursor + 1)
    there = following is not None and following[0] == endpoint.cursor + 1
    return endpoint if there else replace(endpoint, lost_since=endpoint.cursor_time)


async def attempts_of(session: Session, keys: list[Row]) -> dict[Row, list[Row]]:
    """The attempts of deliveries, oldest first."""
    query = session.dialect.select(webhook_attempts, DELIVERY_KEY, ATTEMPT_COLUMNS)(keys)
    found: dict[Row, list[Row]] = {}
    for row in await session.fetch(query.statement, query.parameters):
        found.setdefault(row[:3], []).append(row)
    return {key: sorted(rows, key=lambda row: row[3]) for key, rows in found.items()}


def open_of_returns(session: WriteSession, keys: list[Row]) -> Any:
    """The query for what is on its way of returns: tenant, endpoint, return, sequence, state."""
    columns = (*_OPEN_OF_RETURN, "sequence", "state")
    return session.dialect.select(webhook_deliveries, _OPEN_OF_RETURN, columns, where=f"t.{OPEN_STATES}")(
        sorted(set(keys))
    )


async def _load_delivery(session: Session, book: EndpointBook, key: dict[str, Any]) -> None:
    rows = await session.fetch(statements.find_delivery(session.dialect), key)
    if not rows:
        return
    delivery = book.delivery = delivery_of(rows[0])
    attempts = await attempts_of(session, [tuple(delivery.key)])
    book.attempts = tuple(attempt_of(row) for row in attempts.get(tuple(delivery.key), []))
    select = session.dialect.select(
        webhook_deliveries, _OPEN_OF_RETURN, ("sequence", "state"), where=f"t.{OPEN_STATES}"
    )([(key["tenant"], key["endpoint_id"], delivery.return_id)])
    others = await session.fetch(select.statement, select.parameters)
    book.crowded = any(seq != delivery.key.sequence and state != DeliveryState.HELD for seq, state in others)
