"""Moves the beginning of a log: streams start later then, and timelines of returns that are deleted go.

A timeline lives as long as its return. That of a deleted one goes as a whole, once its deletion lies before the
beginning: so what is left of any return is complete, and what is left behind the beginning is all that ever was there.
"""

from __future__ import annotations

import sqlalchemy as sa

from returns_server.application.ports import LogSizes
from returns_server.domain.events import EventType
from returns_server.domain.ids import Micros, TenantId
from returns_server.storage import tables
from returns_server.storage.dialects import Dialect
from returns_server.storage.reads.log import last_before
from returns_server.storage.session import Session, WriteSession
from returns_server.storage.statements import built_once
from returns_server.storage.webhooks import statements
from returns_server.storage.webhooks.tables import webhook_attempts, webhook_endpoints

_EVENTS_AT_ONCE = 1_000
"""A step holds the log's head: no change of the tenant can be committed meanwhile."""
_EVENTS = tables.events.c
_HEADS = tables.event_heads.c
_TENANT = sa.bindparam("tenant", type_=sa.Text())


async def logs(session: Session, after: str, limit: int) -> list[TenantId]:
    """Tenants that have a log, in order, behind the given one."""
    rows = await session.fetch(_logs(session.dialect), {"after": after, "limit": limit})
    return [TenantId(row[0]) for row in rows]


async def log_sizes(session: Session, limit: int) -> LogSizes:
    """The sum of all heads, how many logs there are, and the heads of the first `limit` tenants."""
    [(tenants, total)] = await session.fetch(_total(session.dialect))
    rows = await session.fetch(_first_heads(session.dialect), {"limit": limit})
    return LogSizes(int(total), int(tenants), [(TenantId(row[0]), int(row[1])) for row in rows])


async def forget_events(session: WriteSession, tenant: TenantId, before: Micros, lag_before: Micros) -> bool:
    """Have the log begin later, at most at the first event of this time; whether there is more to do.

    What webhook endpoints still need stays, but for what lies before `lag_before`.
    """
    target = await last_before(session, tenant, before)
    needed = await spared(session, tenant, lag_before)
    if needed is not None:
        target = min(target, needed)
    rows = await session.fetch(_floor(session.dialect), {"tenant": tenant})
    floor = rows[0][0] if rows else target
    if target <= floor:
        return False
    step = min(target, floor + _EVENTS_AT_ONCE)
    values = {"tenant": tenant, "floor": floor, "step": step}
    if await session.execute(_move(session.dialect), values):
        # What receivers answered may repeat the events, and nobody would find a person in it once these are gone.
        await session.execute(_forget_answers(session.dialect), {**values, "nothing": b""})
        await session.execute(_forget(session.dialect), values)
    return step < target


async def spared(session: Session, tenant: TenantId, lag_before: Micros) -> int | None:
    """The last event of a log that no endpoint needs any more: retention goes no further. None: no endpoint does.

    An endpoint needs what lies behind its place and what is on its way to it, but nothing from before `lag_before`:
    one that is off for longer loses that.
    """
    rows = await session.fetch(statements.places(session.dialect), {"tenant": tenant})
    if not rows:
        return None
    place = min(int(cursor) if oldest is None else min(int(cursor), int(oldest) - 1) for cursor, oldest in rows)
    return max(place, await last_before(session, tenant, lag_before))


@built_once
def _logs(dialect: Dialect) -> str:
    behind = _HEADS.tenant > sa.bindparam("after", type_=sa.Text())
    limit = sa.bindparam("limit", type_=sa.Integer())
    found = sa.select(_HEADS.tenant).where(behind).order_by(_HEADS.tenant)
    return dialect.prepare(found.limit(limit).offset(sa.literal_column("0")))


@built_once
def _total(dialect: Dialect) -> str:
    # Of several big integers PostgreSQL makes a decimal.
    total = sa.cast(sa.func.coalesce(sa.func.sum(_HEADS.last_sequence), sa.literal_column("0")), sa.BigInteger())
    return dialect.prepare(sa.select(sa.func.count(), total).select_from(tables.event_heads))


@built_once
def _first_heads(dialect: Dialect) -> str:
    limit = sa.bindparam("limit", type_=sa.Integer())
    heads = sa.select(_HEADS.tenant, _HEADS.last_sequence).order_by(_HEADS.tenant)
    return dialect.prepare(heads.limit(limit).offset(sa.literal_column("0")))


@built_once
def _floor(dialect: Dialect) -> str:
    return dialect.prepare(sa.select(_HEADS.floor_sequence).where(_HEADS.tenant == _TENANT))


@built_once
def _move(dialect: Dialect) -> str:
    # Two replicas cannot both take the same step: the second finds the floor moved.
    step = sa.bindparam("step", type_=sa.BigInteger())
    event_id = sa.select(_EVENTS.event_id).where(_EVENTS.tenant == _TENANT, _EVENTS.sequence == step)
    there = _HEADS.floor_sequence == sa.bindparam("floor", type_=sa.BigInteger())
    moved = sa.update(tables.event_heads).where(_HEADS.tenant == _TENANT, there)
    return dialect.prepare(moved.values(floor_sequence=step, floor_event_id=event_id.scalar_subquery()))


@built_once
def _forget(dialect: Dialect) -> str:
    return dialect.prepare(sa.delete(tables.events).where(_of_deleted()))


@built_once
def _forget_answers(dialect: Dialect) -> str:
    attempts, endpoints = webhook_attempts.c, webhook_endpoints.c
    forgotten = sa.update(webhook_attempts).where(
        attempts.tenant == _TENANT,
        attempts.endpoint_id.in_(sa.select(endpoints.endpoint_id).where(endpoints.tenant == _TENANT)),
        attempts.sequence.in_(sa.select(_EVENTS.sequence).where(_of_deleted())),
    )
    return dialect.prepare(forgotten.values(answer=sa.bindparam("nothing", type_=sa.LargeBinary())))


def _of_deleted() -> sa.ColumnElement[bool]:
    """Events of returns whose deletion lies within the step."""
    deletions = tables.events.alias("deletions").c
    deleted = sa.select(deletions.return_id).where(
        deletions.tenant == _TENANT,
        deletions.sequence > sa.bindparam("floor", type_=sa.BigInteger()),
        deletions.sequence <= sa.bindparam("step", type_=sa.BigInteger()),
        deletions.type == sa.literal_column(str(int(EventType.DELETED))),
    )
    return sa.and_(_EVENTS.tenant == _TENANT, _EVENTS.return_id.in_(deleted))
