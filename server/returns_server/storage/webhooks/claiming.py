"""Claims: a short transaction that takes deliveries that are due, for so long as a lease lasts."""

from __future__ import annotations

from dataclasses import replace

import structlog

from returns_server.application.webhooks.deliveries import Delivery, Happening
from returns_server.application.webhooks.endpoints import Endpoint, Secret
from returns_server.application.webhooks.ports import AT_ONCE, BREAKER_FAILURES, Claimed
from returns_server.domain.ids import Micros, TenantId
from returns_server.storage.dialects import Query
from returns_server.storage.session import Row, WriteSession
from returns_server.storage.webhooks import statements
from returns_server.storage.webhooks.freeing import freed, next_of_returns, return_of
from returns_server.storage.webhooks.rows import (
    DELIVERY_COLUMNS,
    DELIVERY_KEY,
    ENDPOINT_COLUMNS,
    ENDPOINT_KEY,
    PROGRESS_COLUMNS,
    SECRET_COLUMNS,
    delivery_of,
    endpoint_of,
    progress_row,
    secret_of,
)
from returns_server.storage.webhooks.tables import webhook_deliveries, webhook_endpoints, webhook_secrets

_log = structlog.get_logger(__name__)

EndpointKey = tuple[TenantId, str]


def limits() -> dict[str, int]:
    """The parameters that say how many of an endpoint may be leased at a time."""
    return {"at_once": AT_ONCE, "breaker": BREAKER_FAILURES}


async def claim(session: WriteSession, now: Micros, lease_until: Micros, slots: int) -> list[Claimed]:
    """Take up to `slots` deliveries that are due, of as many endpoints as there are, the longest waiting first."""
    dialect = session.dialect
    values = {"now": now, "limit": slots, **limits()}
    [rows] = await session.run([Query(statements.claimable(dialect), values)])
    if not rows:
        return []
    endpoints = {(row[0], row[1]): endpoint_of(row) for row in rows}
    due, secrets = await _due(session, rows, now, max(1, slots // len(rows)))
    if not due:  # another bridge was faster
        return []
    claimed: list[Claimed] = []
    gone: list[Delivery] = []
    for row in due:
        delivery = _leased(delivery_of(row), lease_until, now)
        tenant, endpoint_id, _ = delivery.key
        event_id, document = row[len(DELIVERY_COLUMNS) :]
        if document is None:
            gone.append(delivery)
            continue
        endpoint, known = endpoints[tenant, endpoint_id], tuple(secrets.get((tenant, endpoint_id), ()))
        claimed.append(Claimed(tenant, delivery, endpoint, known, bytes(event_id), bytes(document)))
    progress = [progress_row(one.delivery) for one in claimed] + await _given_up(session, gone, endpoints, now)
    session.later(dialect.update(webhook_deliveries, DELIVERY_KEY, PROGRESS_COLUMNS)(progress))
    served = [(*key, now) for key in sorted(endpoints)]
    session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, ("claim_time",))(served))
    return claimed


async def _given_up(
    session: WriteSession, gone: list[Delivery], endpoints: dict[EndpointKey, Endpoint], now: Micros
) -> list[Row]:
    """Deliveries whose event the log no longer has: they end, and the next of their returns are due."""
    if not gone:
        return []
    dropped = {delivery.key: delivery.after(Happening.DROPPED, now) for delivery in gone}
    lost: dict[EndpointKey, Micros] = {}
    for delivery in gone:
        tenant, endpoint_id, sequence = delivery.key
        _log.error("an event is gone before it arrived", tenant=tenant, endpoint=endpoint_id, sequence=sequence)
        if endpoints[tenant, endpoint_id].lost_since is None:
            since = lost.get((tenant, endpoint_id), delivery.event_time)
            lost[tenant, endpoint_id] = min(since, delivery.event_time)
    if lost:
        rows = [(*key, since) for key, since in sorted(lost.items())]
        session.later(session.dialect.update(webhook_endpoints, ENDPOINT_KEY, ("lost_since",))(rows))
    [following] = await session.run([next_of_returns(session, map(return_of, gone))])
    return [progress_row(one) for one in (*dropped.values(), *freed(dropped, following, now))]


async def rehearse_claim(session: WriteSession, now: Micros) -> None:
    """Run the statements of `claim` for what exists nowhere."""
    dialect = session.dialect
    nobody = {"tenant": "", "endpoint_id": "", "now": now, "limit": 1}
    await session.run([
        Query(statements.claimable(dialect), {"now": Micros(0), "limit": 1, **limits()}),
        Query(statements.due_of(dialect), nobody),
        dialect.select(webhook_secrets, ENDPOINT_KEY, SECRET_COLUMNS)([("", "")]),
    ])  # fmt: skip
    session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, ("claim_time",))([("", "", now)]))


async def _due(
    session: WriteSession, endpoints: list[Row], now: Micros, share: int
) -> tuple[list[Row], dict[EndpointKey, list[Secret]]]:
    """What is due of endpoints, with events, and the endpoints' secrets."""
    statement = statements.due_of(session.dialect)
    queries = []
    for row in endpoints:
        tenant, endpoint_id, room = row[0], row[1], row[len(ENDPOINT_COLUMNS)]
        limit = min(int(room), share)
        queries.append(Query(statement, {"tenant": tenant, "endpoint_id": endpoint_id, "now": now, "limit": limit}))
    select = session.dialect.select(webhook_secrets, ENDPOINT_KEY, SECRET_COLUMNS)
    secret_rows, *due = await session.run([select(sorted((row[0], row[1]) for row in endpoints)), *queries])
    secrets: dict[EndpointKey, list[Secret]] = {}
    for row in secret_rows:
        secrets.setdefault((row[0], row[1]), []).append(secret_of(row))
    return [row for rows in due for row in rows], secrets


def _leased(delivery: Delivery, lease_until: Micros, now: Micros) -> Delivery:
    leased = delivery.after(Happening.CLAIMED, now, next_time=lease_until)
    return replace(leased, fence=delivery.fence + 1)
