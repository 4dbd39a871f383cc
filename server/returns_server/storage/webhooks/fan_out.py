"""Fan-out: from the log to deliveries, and the cursors that say how far."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from returns_server.application.webhooks.deliveries import Delivery, DeliveryKey
from returns_server.application.webhooks.endpoints import Endpoint, EndpointState, Ordering
from returns_server.application.webhooks.ports import AHEAD, Advance, Candidate, Followers
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.events import EventType
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.storage.session import Row, Session, WriteSession
from returns_server.storage.webhooks import statements
from returns_server.storage.webhooks.loading import locked_endpoints, open_of_returns
from returns_server.storage.webhooks.rows import DELIVERY_COLUMNS, ENDPOINT_KEY, delivery_row, endpoint_of
from returns_server.storage.webhooks.tables import webhook_deliveries, webhook_endpoints

_MAX_ENDPOINTS = 1_000
_FOLLOWED = (
    f"SELECT DISTINCT tenant FROM webhook_endpoints WHERE state = {int(EndpointState.ENABLED)} AND delete_time IS NULL"  # noqa: S608
)
ReturnKey = tuple[TenantId, str, ReturnId]


async def followed(session: Session) -> frozenset[TenantId]:
    """The tenants that have an enabled endpoint."""
    return frozenset(tenant for (tenant,) in await session.fetch(_FOLLOWED))


async def followers(
    session: Session,
    tenants: frozenset[TenantId] | None,
    now: Micros,
    limit: int,
    needs_document: Callable[[Endpoint], bool],
) -> list[Followers]:
    """Enabled endpoints whose log has grown past their cursor, with up to `limit` events for each place."""
    values: dict[str, Any] = {"limit": _MAX_ENDPOINTS, "now": now, "ahead": AHEAD}
    if tenants is not None:
        values["tenants"] = session.dialect.list_value(sorted(tenants))
    rows = await session.fetch(statements.followers(session.dialect, tenants is not None), values)
    found = []
    # Endpoints at one place share what is read of the log.
    for (tenant, head), group in groupby(rows, key=lambda row: (row[0], row[-1])):
        endpoints = [endpoint_of(row) for row in group]
        for cursor, together in groupby(endpoints, key=lambda endpoint: endpoint.cursor):
            here = list(together)
            with_document = any(needs_document(endpoint) for endpoint in here)
            events = await candidates(session, tenant, cursor, limit, with_document=with_document)
            to = events[-1].sequence if events else head
            # Sequences have no gap: where there are fewer events, some are gone.
            found.append(Followers(tenant, here, events, len(events) < to - cursor, head))
    return found


async def candidates(
    session: Session, tenant: TenantId, after: int, limit: int, *, with_document: bool
) -> list[Candidate]:
    """The next events of a log."""
    statement = statements.next_events(session.dialect, with_document)
    rows = await session.fetch(statement, {"tenant": tenant, "after": after, "limit": limit})
    return [
        Candidate(
            sequence=sequence,
            event_id=str(uuid.UUID(bytes=bytes(event_id))),
            event_type=EventType(event_type).type_name,
            time=time,
            return_id=ReturnId(return_id),
            document=bytes(document or b""),
        )
        for sequence, event_id, event_type, time, return_id, document in rows
    ]


async def advance(session: WriteSession, moves: Sequence[Advance], now: Micros) -> int:
    """Insert the deliveries and move the cursors of endpoints that nobody changed meanwhile; how many deliveries."""
    returns = [
        (move.tenant, move.endpoint.endpoint_id, ReturnId(event.return_id))
        for move in moves
        if move.endpoint.settings.ordering is Ordering.PER_RETURN
        for event in move.events
    ]
    keys = [(move.tenant, move.endpoint.endpoint_id) for move in moves]
    queries = [locked_endpoints(session, keys)]
    if returns:
        queries.append(open_of_returns(session, returns))
    rows, *on_their_way = await session.run(queries)
    current = {(row[0], row[1]): endpoint_of(row) for row in rows}
    valid = [move for move in moves if _is_current(move, current.get((move.tenant, move.endpoint.endpoint_id)))]
    if not valid:
        return 0
    busy = {(row[0], row[1], row[2]) for found in on_their_way for row in found}
    new = [new_delivery(move.tenant, move.endpoint, event, busy, now) for move in valid for event in move.events]
    if new:
        # An endpoint that was set back in the log has had some of them before: those are not posted again.
        insert = session.dialect.insert(webhook_deliveries, DELIVERY_COLUMNS, skip_existing=True)
        session.later(insert([delivery_row(delivery) for delivery in new]))
    cursors = [_cursor_row(move) for move in valid]
    columns = ("cursor", "cursor_time", "lost_since")
    session.later(session.dialect.update(webhook_endpoints, ENDPOINT_KEY, columns)(cursors))
    return len(new)


def _is_current(move: Advance, found: Endpoint | None) -> bool:
    read = move.endpoint
    return found is not None and (found.revision, found.cursor) == (read.revision, read.cursor)


def _cursor_row(move: Advance) -> Row:
    endpoint = move.endpoint
    lost_since = endpoint.cursor_time if move.lost and endpoint.lost_since is None else endpoint.lost_since
    return (move.tenant, endpoint.endpoint_id, move.to, move.time, lost_since)


async def busy_returns(session: WriteSession, keys: Sequence[ReturnKey]) -> set[ReturnKey]:
    """Those of the returns of which something is on its way to an endpoint."""
    if not keys:
        return set()
    [rows] = await session.run([open_of_returns(session, list(keys))])
    return {(row[0], row[1], row[2]) for row in rows}


def new_delivery(tenant: TenantId, endpoint: Endpoint, event: Candidate, busy: set[ReturnKey], now: Micros) -> Delivery:
    """A new delivery: due at once, unless an earlier event of its return is on its way in order."""
    held = False
    if endpoint.settings.ordering is Ordering.PER_RETURN:
        key = (tenant, endpoint.endpoint_id, ReturnId(event.return_id))
        held = key in busy
        busy.add(key)
    return Delivery(
        key=DeliveryKey(tenant, endpoint.endpoint_id, event.sequence),
        state=DeliveryState.HELD if held else DeliveryState.PENDING,
        event_id=event.event_id,
        event_type=event.event_type,
        event_time=event.time,
        return_id=ReturnId(event.return_id),
        create_time=now,
        update_time=now,
        next_time=None if held else now,
    )


async def rehearse(session: WriteSession) -> None:
    """Run the statements of fan-out for what exists nowhere."""
    dialect = session.dialect
    for hinted in (False, True):
        hint = {"tenants": dialect.list_value([""])} if hinted else {}
        await session.fetch(statements.followers(dialect, hinted), {"limit": 0, "now": 0, "ahead": AHEAD, **hint})
    for with_document in (False, True):
        nothing = {"tenant": "", "after": 0, "limit": 1}
        await session.fetch(statements.next_events(dialect, with_document), nothing)
    dialect.insert(webhook_deliveries, DELIVERY_COLUMNS, skip_existing=True)
    nobody = [("", "", 0, 0, None)]
    session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, ("cursor", "cursor_time", "lost_since"))(nobody))
