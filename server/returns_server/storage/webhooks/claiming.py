"""Claims: a short transaction that takes deliveries that are due, for so long as a lease lasts."""

from __future__ import annotations

from dataclasses import replace

import structlog

from returns_server.application.webhooks.deliveries import Delivery, Happening
from returns_server.application.webhooks.endpoints import Endpoint, Secret
from returns_server.application.webhooks.ports import AT_ONCE, BREAKER_FAILURES, Claimed
from returns_server.domain.ids import Micros, TenantId
from returns_server.storage import tables
from returns_server.storage.dialects import Query
from returns_server.storage.session import Row, WriteSession
from returns_server.storage.webhooks import statements
from returns_server.storage.webhooks.freeing import freed
from returns_server.storage.webhooks.rows import (
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

_EVENT_KEY = ("tenant", "sequence")


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
    due = await _due(session, rows, now, max(1, slots // len(rows)))
    if not due:  # another bridge was faster
        return []
    leased = [_leased(delivery, lease_until, now) for delivery in due]
    claimed = await _with_all_it_takes(session, leased, endpoints)
    have = {one.delivery.key for one in claimed}
    gone = [delivery for delivery in leased if delivery.key not in have]
    progress = [progress_row(one.delivery) for one in claimed] + await _given_up(session, gone, endpoints, now)
    session.later(dialect.update(webhook_deliveries, DELIVERY_KEY, PROGRESS_COLUMNS)(progress))
    served = [(*key, now) for key in sorted(endpoints)]
    session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, ("claim_time",))(served))
    return claimed


async def _given_up(
    session: WriteSession, gone: list[Delivery], endpoints: dict[tuple[TenantId, str], Endpoint], now: Micros
) -> list[Row]:
    """Deliveries whose event the log no longer has: they end, and the next of their returns are due."""
    if not gone:
        return []
    dropped = {delivery.key: delivery.after(Happening.DROPPED, now) for delivery in gone}
    lost: dict[tuple[TenantId, str], Micros] = {}
    for delivery in gone:
        tenant, endpoint_id, sequence = delivery.key
        _log.error("an event is gone before it arrived", tenant=tenant, endpoint=endpoint_id, sequence=sequence)
        if endpoints[tenant, endpoint_id].lost_since is None:
            since = lost.get((tenant, endpoint_id), delivery.event_time)
            lost[tenant, endpoint_id] = min(since, delivery.event_time)
    if lost:
        rows = [(*key, since) for key, since in sorted(lost.items())]
        session.later(session.dialect.update(webhook_endpoints, ENDPOINT_KEY, ("lost_since",))(rows))
    return [progress_row(one) for one in (*dropped.values(), *await freed(session, dropped, now))]


async def rehearse_claim(session: WriteSession, now: Micros) -> None:
    """Run the statements of `claim` for what exists nowhere."""
    dialect = session.dialect
    nobody = {"tenant": "", "endpoint_id": "", "now": now, "limit": 1}
    await session.run([
        Query(statements.claimable(dialect), {"now": Micros(0), "limit": 1, **limits()}),
        Query(statements.due_of(dialect), nobody),
        dialect.select(tables.events, _EVENT_KEY, (*_EVENT_KEY, "event_id", "document"))([("", 0)]),
        dialect.select(webhook_secrets, ENDPOINT_KEY, SECRET_COLUMNS)([("", "")]),
    ])  # fmt: skip
    session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, ("claim_time",))([("", "", now)]))


async def _due(session: WriteSession, endpoints: list[Row], now: Micros, share: int) -> list[Delivery]:
    statement = statements.due_of(session.dialect)
    queries = []
    for row in endpoints:
        tenant, endpoint_id, room = row[0], row[1], row[len(ENDPOINT_COLUMNS)]
        limit = min(int(room), share)
        queries.append(Query(statement, {"tenant": tenant, "endpoint_id": endpoint_id, "now": now, "limit": limit}))
    return [delivery_of(row) for rows in await session.run(queries) for row in rows]


def _leased(delivery: Delivery, lease_until: Micros, now: Micros) -> Delivery:
    leased = delivery.after(Happening.CLAIMED, now, next_time=lease_until)
    return replace(leased, fence=delivery.fence + 1)


async def _with_all_it_takes(
    session: WriteSession, leased: list[Delivery], endpoints: dict[tuple[TenantId, str], Endpoint]
) -> list[Claimed]:
    """The deliveries with their events and secrets; without those whose event is gone."""
    dialect = session.dialect
    events = dialect.select(tables.events, _EVENT_KEY, (*_EVENT_KEY, "event_id", "document"))
    secrets = dialect.select(webhook_secrets, ENDPOINT_KEY, SECRET_COLUMNS)
    event_keys = sorted({(one.key.tenant, one.key.sequence) for one in leased})
    event_rows, secret_rows = await session.run([events(event_keys), secrets(sorted(endpoints))])
    documents = {(row[0], row[1]): (bytes(row[2]), bytes(row[3])) for row in event_rows}
    of_endpoint: dict[tuple[TenantId, str], list[Secret]] = {}
    for row in secret_rows:
        of_endpoint.setdefault((row[0], row[1]), []).append(secret_of(row))
    claimed = []
    for delivery in leased:
        tenant, endpoint_id, sequence = delivery.key
        found = documents.get((tenant, sequence))
        if found is not None:
            key = (tenant, endpoint_id)
            known = tuple(of_endpoint.get(key, ()))
            claimed.append(Claimed(tenant, delivery, endpoints[key], known, *found))
    return claimed
