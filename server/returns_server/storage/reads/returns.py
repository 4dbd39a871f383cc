"""Returns, one by one and in lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from returns_server.application.listing import Order, OrderField, Position, Viewer
from returns_server.application.ports import ReturnDocument, ReturnPage
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.domain.returns import GoodsState, State
from returns_server.filtering.tree import EVERYTHING, Expression
from returns_server.storage import filters, tables
from returns_server.storage.database import Point
from returns_server.storage.dialects import Dialect
from returns_server.storage.narrowing import FEW_RETURNS
from returns_server.storage.reads.paging import CHUNK, Key, beyond, counted, first, paged, read_page
from returns_server.storage.reads.viewing import Sight, branches, sight_of, viewer_values
from returns_server.storage.session import Row, Session
from returns_server.storage.shapes import Shape, narrowed_by, parametrised
from returns_server.storage.statements import built_once

_RETURNS = tables.returns.c
_ANSWERED = (_RETURNS.document, _RETURNS.state, _RETURNS.goods_state, _RETURNS.customer_id, _RETURNS.guest_email)
BY_ID = Point(tables.returns, ("tenant", "return_id"), tuple(column.name for column in _ANSWERED))
"""Finds a return, whoever may see it: the caller asks for the right one."""
_OF_TENANT = _RETURNS.tenant == sa.bindparam("tenant", type_=sa.Text())
_SORTED_BY: dict[OrderField, sa.Column[Any]] = {
    OrderField.CREATE_TIME: _RETURNS.create_time,
    OrderField.UPDATE_TIME: _RETURNS.update_time,
    OrderField.EXPIRE_TIME: _RETURNS.expire_time,
    OrderField.TOTAL_GROSS: _RETURNS.total_mills,
}
_SHORT_PAGE = CHUNK - 1
"""So many rows behind an index are read in less time than it takes to hand the work to somebody else."""
_PLANS_KEPT = 256
_STATES = {int(state): state for state in State}
_GOODS_STATES = {int(state): state for state in GoodsState}
_SORT_VALUE, _RETURN_ID = 5, 6  # behind _ANSWERED in a listed row


async def find_return(session: Session, tenant: TenantId, return_id: ReturnId, viewer: Viewer) -> ReturnDocument | None:
    """The return, or None where there is none for this viewer."""
    found = await find_returns(session, tenant, (return_id,), viewer)
    return found.get(return_id)


async def find_returns(
    session: Session, tenant: TenantId, return_ids: Sequence[ReturnId], viewer: Viewer
) -> dict[ReturnId, ReturnDocument]:
    """Those of the returns that exist for this viewer."""
    statement = _find_many(session.dialect, sight_of(viewer))
    ids = session.dialect.list_value(return_ids)
    rows = await session.fetch(statement, {"tenant": tenant, "return_ids": ids, **viewer_values(viewer)})
    return {row[-1]: document(row) for row in rows}


async def list_returns(
    session: Session,
    tenant: TenantId,
    viewer: Viewer,
    where: Expression,
    order: Order,
    after: Position | None,
    limit: int,
    *,
    count: bool,
) -> ReturnPage:
    """A page of returns in keyset order with the head of the event log, all from the session's snapshot."""
    asked, filter_values = _asked(session.dialect, sight_of(viewer), where, order)
    values = {"tenant": tenant, **viewer_values(viewer), **filter_values}

    if not session.one_snapshot:
        return await _at_once(session, asked, values, after, limit)

    async def fetch(last: Row | None, wanted: int) -> list[Row]:
        start = _position(last).values if last else after.values if after else None
        rows: list[Row] = []
        for segment in _segments(order, start):
            bound = values | segment.values | {"limit": wanted - len(rows)}
            rows += await session.fetch(_page(asked, segment.unset, segment.resumed), bound)
            if len(rows) == wanted:
                break
        return rows

    rows, more = await read_page(fetch, limit, document=0)
    total = int((await session.fetch(_count(asked), values))[0][0]) if count else None
    sequence, event_id = await _head(session, tenant)
    return ReturnPage([document(row) for row in rows], _position(rows[-1]) if more else None, total, sequence, event_id)


def in_one_statement(viewer: Viewer, where: Expression, order: Order, limit: int, *, count: bool) -> bool:
    """Whether a page is read off an index and had with the log's head by one statement, without a snapshot of its own.

    Anything filtered or sorted may look at all that one customer or product has, which is too much for an event loop.
    """
    off_an_index = viewer.everything or order.field is OrderField.CREATE_TIME
    simple = where == EVERYTHING and off_an_index and not _SORTED_BY[order.field].nullable
    return simple and limit <= _SHORT_PAGE and not count


async def _at_once(
    session: Session, asked: _Asked, values: dict[str, Any], after: Position | None, limit: int
) -> ReturnPage:
    """A short page and the head of the event log by one statement, whose snapshot is one."""
    start = {} if after is None else {f"after{i}": value for i, value in enumerate(after.values)}
    rows = await session.fetch(_page_and_head(asked, after is not None), values | start | {"limit": limit + 1})
    sequence, event_id = rows[0][-2:]
    listed = [] if rows[0][0] is None else rows

    async def read_already(_last: Row | None, _wanted: int) -> list[Row]:
        return listed

    page, more = await read_page(read_already, limit, document=0)
    end = _position(page[-1]) if more else None
    return ReturnPage([document(row) for row in page], end, None, sequence or 0, event_id or b"")


async def due(session: Session, now: Micros, limit: int) -> list[tuple[TenantId, ReturnId]]:
    """Returns of any tenant whose time is over, the longest overdue first."""
    rows = await session.fetch(_due(session.dialect), {"now": now, "limit": limit})
    return [(TenantId(tenant), ReturnId(return_id)) for tenant, return_id in rows]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What makes lists share their statements: all but the values."""

    dialect: Dialect
    sight: Sight
    shape: Shape
    order: Order


@lru_cache(maxsize=_PLANS_KEPT)
def _asked(dialect: Dialect, sight: Sight, where: Expression, order: Order) -> tuple[_Asked, dict[str, Any]]:
    """What a list asks for, and the values of its filter; every page of a list asks the same again."""
    filtered = parametrised(where)
    return _Asked(dialect, sight, filtered.shape, order), dialect.json_parameters(filtered.values, filtered.keys)


@dataclass(frozen=True, slots=True)
class _Segment:
    """A part of a list: where the sorted field is set or unset (`unset` is None where it always is set).

    `values` say from where on, if it is resumed.
    """

    unset: bool | None
    resumed: bool
    values: dict[str, Any]


def _segments(order: Order, start: tuple[Any, ...] | None) -> list[_Segment]:
    """The parts of the list from a position on, in list order.

    Rows whose sorted field is unset are a part of their own, since SQL orders and compares nulls as it likes; unset
    sorts as the smallest.
    """
    values = {} if start is None else {f"after{i}": value for i, value in enumerate(start)}
    if not _SORTED_BY[order.field].nullable:
        return [_Segment(None, start is not None, values)]
    parts = [False, True] if order.descending else [True, False]
    if start is None:
        return [_Segment(unset, False, {}) for unset in parts]
    inside = start[0] is None
    segments = [_Segment(inside, True, {"after0": start[1]} if inside else values)]
    if parts[0] is inside:
        segments.append(_Segment(not inside, False, {}))
    return segments


def document(row: Row) -> ReturnDocument:
    """A return from a row that begins with the columns of `BY_ID`."""
    return ReturnDocument(row[0], _STATES[row[1]], _GOODS_STATES[row[2]], row[3], row[4])


def _position(row: Row) -> Position:
    return Position((row[_SORT_VALUE], row[_RETURN_ID]))


async def _head(session: Session, tenant: TenantId) -> tuple[int, bytes]:
    rows = await session.fetch(_head_statement(session.dialect), {"tenant": tenant})
    return (rows[0][0], rows[0][1] or b"") if rows else (0, b"")


def _seen_by(sight: Sight) -> sa.ColumnElement[bool]:
    return sa.or_(*branches(sight, tables.returns))


@built_once
def _find_many(dialect: Dialect, sight: Sight) -> str:
    named = dialect.any_of(_RETURNS.return_id, "return_ids")
    return dialect.prepare(sa.select(*_ANSWERED, _RETURNS.return_id).where(_OF_TENANT, named, _seen_by(sight)))


def _matching(asked: _Asked, *columns: sa.ColumnElement[Any]) -> list[sa.Select[Any]]:
    """What the list selects, a disjoint selection for each of the viewer's branches."""
    fields = filters.RETURNS_AMONG_FEW if _among_few(asked) else filters.RETURNS
    filtered = filters.condition(asked.shape, fields, asked.dialect)
    seen = branches(asked.sight, tables.returns)
    return [sa.select(*columns).where(_OF_TENANT, branch, filtered) for branch in seen]


def _among_few(asked: _Asked) -> bool:
    return asked.sight is not Sight.EVERYTHING or bool(FEW_RETURNS & narrowed_by(asked.shape))


def _sort_value(asked: _Asked) -> sa.ColumnElement[Any]:
    """The sorted column; hidden from its own index where another index finds the few rows that are wanted.

    Else a planner without statistics (SQLite's) walks the whole tenant in list order rather than sort those few.
    """
    column = _SORTED_BY[asked.order.field]
    narrowed = narrowed_by(asked.shape)
    owned = asked.sight is not Sight.EVERYTHING or narrowed & {"requestor.customer_id", "requestor.guest_email"}
    of_items = narrowed & {"orders.order", "orders.items.product_id"}
    if of_items or (owned and asked.order.field is not OrderField.CREATE_TIME):
        return filters.unindexed(column)
    return column


@built_once
def _page(asked: _Asked, unset: bool | None, resumed: bool) -> str:
    return asked.dialect.prepare(_selected_page(asked, unset, resumed))


@built_once
def _page_and_head(asked: _Asked, resumed: bool) -> str:
    """The page beside the log's head, which stands in every row, and alone in one where the page is empty."""
    page = _selected_page(asked, None, resumed).subquery("page")
    head = _selected_head().subquery("head")
    always = sa.select(sa.literal_column("1").label("one")).subquery("always")
    beside = always.outerjoin(head, sa.true()).outerjoin(page, sa.true())
    ordered = [page.c.sort_value, page.c.return_id]
    direction = [column.desc() if asked.order.descending else column.asc() for column in ordered]
    return asked.dialect.prepare(sa.select(page, head).select_from(beside).order_by(*direction))


def _selected_page(asked: _Asked, unset: bool | None, resumed: bool) -> sa.Select[Any]:
    sorted_by, descending = _sort_value(asked), asked.order.descending
    selects = _matching(asked, *_ANSWERED, sorted_by.label("sort_value"), _RETURNS.return_id)
    key = (_RETURNS.return_id,) if unset else (sorted_by, _RETURNS.return_id)
    if unset is not None:
        selects = [select.where(sorted_by.is_(None) if unset else sorted_by.is_not(None)) for select in selects]
    if resumed:
        selects = [select.where(beyond(key, descending=descending)) for select in selects]
    names = ("return_id",) if unset else ("sort_value", "return_id")
    return paged(selects, [Key(name, descending) for name in names])


@built_once
def _count(asked: _Asked) -> str:
    return asked.dialect.prepare(counted(_matching(asked, _RETURNS.return_id)))


@built_once
def _head_statement(dialect: Dialect) -> str:
    return dialect.prepare(_selected_head())


def _selected_head() -> sa.Select[Any]:
    heads, events = tables.event_heads.c, tables.events.c
    last = sa.and_(events.tenant == heads.tenant, events.sequence == heads.last_sequence)
    joined = tables.event_heads.outerjoin(tables.events, last)
    of_tenant = heads.tenant == sa.bindparam("tenant", type_=sa.Text())
    return sa.select(heads.last_sequence, events.event_id).select_from(joined).where(of_tenant)


@built_once
def _due(dialect: Dialect) -> str:
    over = _RETURNS.due_time <= sa.bindparam("now", type_=sa.BigInteger())
    waiting = sa.select(_RETURNS.tenant, _RETURNS.return_id).where(_RETURNS.due_time.is_not(None), over)
    return dialect.prepare(first(waiting.order_by(_RETURNS.due_time)))
