"""Lists of returns, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from returns_server.application.listing import Order, OrderField, Position, Viewer
from returns_server.application.ports import ReturnPage
from returns_server.domain.ids import TenantId
from returns_server.filtering.tree import EVERYTHING, Expression
from returns_server.storage import filters, tables
from returns_server.storage.dialects import Dialect
from returns_server.storage.narrowing import FEW_RETURNS, returns_need_search
from returns_server.storage.reads.paging import CHUNK, Key, beyond, counted, fitting, paged, read_page
from returns_server.storage.reads.viewing import Sight, branches, viewer_values
from returns_server.storage.session import Row, Session
from returns_server.storage.shapes import Shape, narrowed_by, parametrised
from returns_server.storage.statements import built_once

_RETURNS = tables.returns.c
_LISTED = (_RETURNS.document, _RETURNS.state, _RETURNS.goods_state)
_SORT_VALUE, _RETURN_ID = 3, 4  # behind _LISTED in a row
_OF_TENANT = _RETURNS.tenant == sa.bindparam("tenant", type_=sa.Text())
_SORTED_BY: dict[OrderField, sa.Column[Any]] = {
    OrderField.CREATE_TIME: _RETURNS.create_time,
    OrderField.UPDATE_TIME: _RETURNS.update_time,
    OrderField.EXPIRE_TIME: _RETURNS.expire_time,
    OrderField.TOTAL_GROSS: _RETURNS.total_mills,
}
_SHORT_PAGE = CHUNK - 1
"""So many rows behind an index are read in less time than it takes to hand the work to somebody else."""
_KEPT = 256


@dataclass(frozen=True, slots=True)
class _Asked:
    """What makes lists share their statements: all but the values."""

    dialect: Dialect
    sight: Sight
    shape: Shape
    order: Order


@dataclass(slots=True, eq=False)
class Listing:
    """What a list asks for, but from where on and how much: all of its pages have one."""

    asked: _Asked
    filter_values: dict[str, Any]
    counting_searches: bool
    listing_searches: bool
    off_an_index: bool
    statements: dict[tuple[bool | None, bool], str] = field(default_factory=dict)
    """Those of pages; else each page would ask anew for the statement of this shape."""

    def need_search(self, *, count: bool) -> bool:
        """Whether it may have to look at many returns that it does not answer."""
        return self.counting_searches if count else self.listing_searches

    def at_once(self, limit: int, *, count: bool) -> bool:
        """Whether a page is read off an index by one statement, which needs no snapshot of its own.

        Anything filtered or sorted may look at all that one customer or product has, which is too much for an event
        loop.
        """
        return self.off_an_index and limit <= _SHORT_PAGE and not count

    def page(self, *, unset: bool | None, resumed: bool) -> str:
        """The statement of a page, or of its part where the sorted field is set or unset."""
        found = self.statements.get((unset, resumed))
        if found is None:
            found = self.statements[unset, resumed] = _page(self.asked, unset, resumed)
        return found


@lru_cache(maxsize=_KEPT)
def listing(dialect: Dialect, sight: Sight, where: Expression, order: Order) -> Listing:
    """What a list asks for; every page of a list asks the same again."""
    filtered, everything = parametrised(where), sight is Sight.EVERYTHING
    indexed = everything or order.field is OrderField.CREATE_TIME
    return Listing(
        asked=_Asked(dialect, sight, filtered.shape, order),
        filter_values=dialect.json_parameters(filtered.values, filtered.keys),
        counting_searches=returns_need_search(where, order, everything=everything, count=True),
        listing_searches=returns_need_search(where, order, everything=everything, count=False),
        off_an_index=where == EVERYTHING and indexed and not _SORTED_BY[order.field].nullable,
    )


async def list_returns(
    session: Session,
    tenant: TenantId,
    viewer: Viewer,
    wanted: Listing,
    after: Position | None,
    limit: int,
    *,
    count: bool,
) -> ReturnPage:
    """A page of returns in keyset order, the first one with the head of the event log, all from one snapshot."""
    values = {"tenant": tenant, **viewer_values(viewer), **wanted.filter_values}
    if wanted.at_once(limit, count=count):
        return await _at_once(session, wanted, values, after, limit)
    order = wanted.asked.order

    async def fetch(last: Row | None, most: int) -> list[Row]:
        start = _position(last).values if last else after.values if after else None
        rows: list[Row] = []
        for segment in _segments(order, start):
            bound = values | segment.values | {"limit": most - len(rows)}
            rows += await session.fetch(wanted.page(unset=segment.unset, resumed=segment.resumed), bound)
            if len(rows) == most:
                break
        return rows

    rows, more = await read_page(fetch, limit, document=0)
    total = int((await session.fetch(_count(wanted.asked), values))[0][0]) if count else None
    sequence, event_id = (0, b"") if after else await _head(session, tenant)
    return ReturnPage(rows, _position(rows[-1]) if more else None, total, sequence, event_id)


async def _at_once(
    session: Session, wanted: Listing, values: dict[str, Any], after: Position | None, limit: int
) -> ReturnPage:
    """A short page by one statement, whose snapshot is one; so the first page has the head of the log with it."""
    values["limit"] = limit + 1
    sequence, event_id = 0, b""
    if after is not None:
        values["after0"], values["after1"] = after.values
        rows = await session.fetch(wanted.page(unset=None, resumed=True), values)
    elif session.one_snapshot:
        rows = await session.fetch(wanted.page(unset=None, resumed=False), values)
        sequence, event_id = await _head(session, values["tenant"])
    else:
        rows = await session.fetch(_page_and_head(wanted.asked), values)
        sequence, event_id = rows[0][-2] or 0, rows[0][-1] or b""
        rows = [] if rows[0][0] is None else [row[:-2] for row in rows]
    page = fitting(rows[:limit], document=0)
    return ReturnPage(page, _position(page[-1]) if len(page) < len(rows) else None, None, sequence, event_id)


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


def _position(row: Row) -> Position:
    return Position((row[_SORT_VALUE], row[_RETURN_ID]))


async def _head(session: Session, tenant: TenantId) -> tuple[int, bytes]:
    rows = await session.fetch(_head_statement(session.dialect), {"tenant": tenant})
    return (rows[0][0], rows[0][1] or b"") if rows else (0, b"")


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
def _page_and_head(asked: _Asked) -> str:
    """The first page beside the log's head, which stands in every row, and alone in one where the page is empty."""
    page = _selected_page(asked, None, resumed=False).subquery("page")
    head = _selected_head().subquery("head")
    always = sa.select(sa.literal_column("1").label("one")).subquery("always")
    beside = always.outerjoin(head, sa.true()).outerjoin(page, sa.true())
    ordered = [page.c.sort_value, page.c.return_id]
    direction = [column.desc() if asked.order.descending else column.asc() for column in ordered]
    return asked.dialect.prepare(sa.select(page, head).select_from(beside).order_by(*direction))


def _selected_page(asked: _Asked, unset: bool | None, resumed: bool) -> sa.Select[Any]:
    sorted_by, descending = _sort_value(asked), asked.order.descending
    selects = _matching(asked, *_LISTED, sorted_by.label("sort_value"), _RETURNS.return_id)
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
