"""A tenant's log from a place on, as those read it who follow it: events, and what the log was at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from returns_server.application.listing import Viewer
from returns_server.application.ports import EXPECTED, LogPage, StoredEvent
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.storage import tables
from returns_server.storage.database import Point
from returns_server.storage.dialects import Dialect, Query
from returns_server.storage.reads.events import EVENT_COLUMNS
from returns_server.storage.reads.paging import Key, paged
from returns_server.storage.reads.viewing import Sight, branches, sight_of, viewer_values
from returns_server.storage.session import Row, Session
from returns_server.storage.statements import built_once

_EVENTS = tables.events.c
_HEADS = tables.event_heads.c
_TENANT = sa.bindparam("tenant", type_=sa.Text())
_AFTER = sa.bindparam("after", type_=sa.BigInteger())

HEAD = Point(tables.event_heads, ("tenant",), ("last_sequence",))
"""Finds where a tenant's log ends."""

_MAX_CHUNK = 512
_CLOCKS_AGREE = Micros(300 * SECOND)
"""Events stand in the order of commits; the times of two servers' events may differ from that by so much."""


async def read_log(
    session: Session,
    tenant: TenantId,
    viewer: Viewer,
    after_sequence: int,
    limit: int,
    max_bytes: int,
) -> LogPage:
    """Up to `limit` events after a sequence, at least one if there is any, ending early at so many bytes.

    What the log is comes first: without a snapshot for both, later events may be newer than the head, never older.
    """
    asked = _Asked(session.dialect, sight_of(viewer))
    values = {"tenant": tenant, **viewer_values(viewer)}

    def chunk(after: int, wanted: int) -> Query:
        return Query(_page(asked), values | {"after": after, "limit": wanted})

    state = Query(state_statement(session.dialect), {"tenant": tenant, "after": after_sequence})
    if not limit:
        [[what]] = await session.run([state])
        return log_page(what, [], more=True)
    wanted = min(limit, EXPECTED)
    [[what], rows] = await session.run([state, chunk(after_sequence, wanted)])
    taken: list[Row] = []
    size = 0
    while True:
        grown = size + sum([len(row[2]) for row in rows])
        if grown > max_bytes:
            return log_page(what, [*taken, *_fitting(rows, max_bytes - size, at_least=not taken)], more=True)
        size = grown
        taken += rows
        if len(rows) < wanted:
            return log_page(what, taken, more=False)
        if len(taken) == limit:
            return log_page(what, taken, more=True)
        fitting = (max_bytes - size) * len(taken) // max(size, 1) + 1
        wanted = min(limit - len(taken), fitting, _MAX_CHUNK)
        [rows] = await session.run([chunk(taken[-1][0], wanted)])


def _fitting(rows: list[Row], max_bytes: int, *, at_least: bool) -> list[Row]:
    """The first rows whose documents are not larger together; `at_least` the first one."""
    for index, row in enumerate(rows):
        max_bytes -= len(row[2])
        if max_bytes < 0 and (index or not at_least):
            return rows[:index]
    return rows


def log_page(what: Row, rows: list[Row], *, more: bool) -> LogPage:
    """A page of these events, and what `state_of_the_log` answered."""
    epoch, after_id, head, head_id, floor, floor_id, erasures = what
    events = list(map(StoredEvent._make, rows))
    if not more and events and events[-1].sequence > (head or 0):
        head, head_id = events[-1].sequence, events[-1].event_id
    ids = after_id or b"", head or 0, head_id or b"", floor or 0, floor_id or b""
    return LogPage(events, more, epoch, *ids, erasures or 0)


async def log_heads(session: Session, after: str, limit: int) -> list[tuple[TenantId, int]]:
    """The last sequences of logs in the order of their tenants, behind the given one."""
    rows = await session.fetch(_heads(session.dialect), {"after": after, "limit": limit})
    return [(TenantId(row[0]), int(row[1])) for row in rows]


async def last_before(session: Session, tenant: TenantId, time: Micros) -> int:
    """One below the smallest sequence with a time not before this one; the head's sequence where there is none.

    Times nearly rise with the sequence: halving finds a place before which all are surely too early, and what lies
    between that place and the event sought is about as much as happens while clocks may differ.
    """
    dialect = session.dialect
    [[what]] = await session.run([Query(state_statement(dialect), {"tenant": tenant, "after": 0})])
    low, high = what[4] or 0, what[2] or 0
    head = high
    surely_before = time - _CLOCKS_AGREE
    while low < high:
        middle = (low + high) // 2
        rows = await session.fetch(_next(dialect), {"tenant": tenant, "after": middle})
        if rows and rows[0][1] < surely_before:
            low = rows[0][0]
        else:
            high = middle
    rows = await session.fetch(_first_since(dialect), {"tenant": tenant, "after": low, "time": time})
    return rows[0][0] - 1 if rows else head


@dataclass(frozen=True, slots=True)
class _Asked:
    """What makes readers share their statements: all but the values."""

    dialect: Dialect
    sight: Sight


@built_once
def _page(asked: _Asked) -> str:
    wanted = sa.select(*EVENT_COLUMNS).where(_EVENTS.tenant == _TENANT, _EVENTS.sequence > _AFTER)
    selects = [wanted.where(branch) for branch in branches(asked.sight, tables.events)]
    return asked.dialect.prepare(paged(selects, [Key("sequence", descending=False)]))


@built_once
def state_statement(dialect: Dialect) -> str:
    """`state_of_the_log` as text."""
    return dialect.prepare(state_of_the_log())


def state_of_the_log() -> sa.Select[Any]:
    """The epoch, the ids of the event read after and of the head, and the floor: one row, also before any event."""
    last, before = tables.events.alias("l"), tables.events.alias("b")
    joined = (
        tables.instance.outerjoin(tables.event_heads, _HEADS.tenant == _TENANT)
        .outerjoin(last, sa.and_(last.c.tenant == _HEADS.tenant, last.c.sequence == _HEADS.last_sequence))
        .outerjoin(before, sa.and_(before.c.tenant == _HEADS.tenant, before.c.sequence == _AFTER))
    )
    columns = (
        tables.instance.c.log_epoch,
        before.c.event_id.label("after_id"),
        _HEADS.last_sequence,
        last.c.event_id.label("head_id"),
        _HEADS.floor_sequence,
        _HEADS.floor_event_id,
        _HEADS.erasures,
    )
    return sa.select(*columns).select_from(joined)


@built_once
def _next(dialect: Dialect) -> str:
    following = sa.select(_EVENTS.sequence, _EVENTS.time).where(_EVENTS.tenant == _TENANT, _EVENTS.sequence > _AFTER)
    return dialect.prepare(
        following.order_by(_EVENTS.sequence).limit(sa.literal_column("1")).offset(sa.literal_column("0"))
    )


@built_once
def _first_since(dialect: Dialect) -> str:
    late_enough = _EVENTS.time >= sa.bindparam("time", type_=sa.BigInteger())
    found = sa.select(_EVENTS.sequence).where(_EVENTS.tenant == _TENANT, _EVENTS.sequence > _AFTER, late_enough)
    return dialect.prepare(
        found.order_by(_EVENTS.sequence).limit(sa.literal_column("1")).offset(sa.literal_column("0"))
    )


@built_once
def _heads(dialect: Dialect) -> str:
    behind = _HEADS.tenant > sa.bindparam("after", type_=sa.Text())
    found = sa.select(_HEADS.tenant, _HEADS.last_sequence).where(behind).order_by(_HEADS.tenant)
    return dialect.prepare(found.limit(sa.bindparam("limit", type_=sa.Integer())).offset(sa.literal_column("0")))
