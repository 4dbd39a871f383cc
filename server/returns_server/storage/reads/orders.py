"""Orders, whole and in lists, built from their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from returns_server.application.listing import MAX_PAGE_BYTES, Position, Viewer
from returns_server.application.ports import OrderPage
from returns_server.domain.ids import OrderId, TenantId
from returns_server.domain.orders import Order, OrderHead
from returns_server.filtering.tree import Expression
from returns_server.storage import filters, tables
from returns_server.storage.dialects import Dialect
from returns_server.storage.documents.orders import encode_order
from returns_server.storage.reads.paging import Key, beyond, counted, paged
from returns_server.storage.reads.viewing import Sight, branches, sight_of, viewer_values
from returns_server.storage.rows import HEAD_COLUMNS, LINE_COLUMNS, line_of
from returns_server.storage.session import Row, Session
from returns_server.storage.shapes import Shape, narrowed_by, parametrised
from returns_server.storage.statements import built_once

# No encoded line is smaller, so that a page never needs more lines than this.
_SMALLEST_LINE_BYTES = 32
_MAX_PAGE_LINES = MAX_PAGE_BYTES // _SMALLEST_LINE_BYTES

_ORDERS, _LINES = tables.orders.c, tables.order_lines.c
_HEAD = tuple(_ORDERS[name] for name in HEAD_COLUMNS)
_LINE = tuple(_LINES[name] for name in LINE_COLUMNS)
_OF_TENANT = _ORDERS.tenant == sa.bindparam("tenant", type_=sa.Text())
_LINES_OF_TENANT = _LINES.tenant == sa.bindparam("tenant", type_=sa.Text())
_LATEST_FIRST = (Key("place_time", descending=True), Key("order_id", descending=True))
_ORDER_ID, _PLACE_TIME = HEAD_COLUMNS.index("order_id"), HEAD_COLUMNS.index("place_time")


async def find_order(session: Session, tenant: TenantId, order_id: OrderId, viewer: Viewer) -> bytes | None:
    """The order as an encoded `Order` message, or None where there is none for this viewer."""
    values = {"tenant": tenant, "order_id": order_id, **viewer_values(viewer)}
    heads = await session.fetch(_find_one(session.dialect, sight_of(viewer)), values)
    if not heads:
        return None
    lines = await _lines_of(session, tenant, [order_id])
    return encode_order(tenant, _order(heads[0], lines[order_id]))


async def list_orders(
    session: Session,
    tenant: TenantId,
    viewer: Viewer,
    where: Expression,
    after: Position | None,
    limit: int,
    *,
    count: bool,
) -> OrderPage:
    """A page of orders, the latest placed first, all from the session's snapshot."""
    filtered = parametrised(where)
    values: dict[str, Any] = {
        "tenant": tenant,
        **viewer_values(viewer),
        **session.dialect.json_parameters(filtered.values, filtered.keys),
    }
    asked = _Asked(session.dialect, sight_of(viewer), filtered.shape)
    start = {} if after is None else {f"after{i}": value for i, value in enumerate(after.values)}
    heads = await session.fetch(_page(asked, after is not None), values | start | {"limit": limit + 1})
    total = int((await session.fetch(_count(asked), values))[0][0]) if count else None
    taken = await _within_bounds(session, tenant, heads[:limit])
    lines = await _lines_of(session, tenant, [head[_ORDER_ID] for head in taken])
    documents = _within_bytes(encode_order(tenant, _order(head, lines[head[_ORDER_ID]])) for head in taken)
    if len(documents) == len(heads):
        return OrderPage(documents, None, total)
    last = heads[len(documents) - 1]
    return OrderPage(documents, Position((last[_PLACE_TIME], last[_ORDER_ID])), total)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What makes lists share their statements: all but the values."""

    dialect: Dialect
    sight: Sight
    shape: Shape


def head_of(row: Row) -> OrderHead:
    """The head that a row of HEAD_COLUMNS holds."""
    _, order_id, customer_id, guest_email, currency, place_time, deliver_time = row[:7]
    return OrderHead(order_id, customer_id, guest_email, currency, place_time, deliver_time)


def _order(head: Row, lines: Sequence[Row]) -> Order:
    create_time, update_time, etag = head[7:10]
    return Order(head_of(head), tuple(line_of(line) for line in lines), create_time, update_time, etag)


async def _lines_of(session: Session, tenant: TenantId, order_ids: Sequence[OrderId]) -> dict[OrderId, list[Row]]:
    """The lines of orders in the shop's sequence, all in one query."""
    if not order_ids:
        return {}
    ids = session.dialect.list_value(order_ids)
    rows = await session.fetch(_lines(session.dialect), {"tenant": tenant, "order_ids": ids})
    return {order_id: list(lines) for order_id, lines in groupby(rows, key=lambda row: OrderId(row[1]))}


async def _within_bounds(session: Session, tenant: TenantId, heads: Sequence[Row]) -> Sequence[Row]:
    """The first orders, as many as have no more lines than fill a page, but at least one."""
    if len(heads) < 2:
        return heads
    ids = session.dialect.list_value([head[_ORDER_ID] for head in heads])
    rows = await session.fetch(_line_counts(session.dialect), {"tenant": tenant, "order_ids": ids})
    counts: dict[str, int] = {order_id: lines for order_id, lines in rows}  # noqa: C416  (says what a row holds)
    lines = 0
    for position, head in enumerate(heads):
        lines += counts.get(head[_ORDER_ID], 0)
        if position and lines > _MAX_PAGE_LINES:
            return heads[:position]
    return heads


def _within_bytes(documents: Any) -> list[bytes]:
    """The first documents, as many as fit a page, but at least one."""
    fitting: list[bytes] = []
    size = 0
    for document in documents:
        size += len(document)
        if fitting and size > MAX_PAGE_BYTES:
            break
        fitting.append(document)
    return fitting


def _matching(asked: _Asked, *columns: sa.ColumnElement[Any]) -> list[sa.Select[Any]]:
    filtered = filters.condition(asked.shape, filters.ORDERS, asked.dialect)
    seen = branches(asked.sight, tables.orders)
    return [sa.select(*columns).where(_OF_TENANT, branch, filtered) for branch in seen]


@built_once
def _find_one(dialect: Dialect, sight: Sight) -> str:
    named = _ORDERS.order_id == sa.bindparam("order_id", type_=sa.Text())
    seen = sa.or_(*branches(sight, tables.orders))
    return dialect.prepare(sa.select(*_HEAD).where(_OF_TENANT, named, seen))


@built_once
def _page(asked: _Asked, resumed: bool) -> str:
    placed: sa.ColumnElement[int] = _ORDERS.place_time
    if "lines.product_id" in narrowed_by(asked.shape):
        # Else a planner without statistics walks the whole tenant in list order rather than sort the few found.
        placed = filters.unindexed(placed)
    head = [placed.label("place_time") if column is _ORDERS.place_time else column for column in _HEAD]
    selects = _matching(asked, *head)
    if resumed:
        further = beyond((placed, _ORDERS.order_id), descending=True)
        selects = [select.where(further) for select in selects]
    return asked.dialect.prepare(paged(selects, _LATEST_FIRST))


@built_once
def _count(asked: _Asked) -> str:
    return asked.dialect.prepare(counted(_matching(asked, _ORDERS.order_id)))


@built_once
def _lines(dialect: Dialect) -> str:
    named = dialect.any_of(_LINES.order_id, "order_ids")
    selected = sa.select(*_LINE).where(_LINES_OF_TENANT, named)
    return dialect.prepare(selected.order_by(_LINES.order_id, _LINES.position, _LINES.line_id))


@built_once
def _line_counts(dialect: Dialect) -> str:
    named = dialect.any_of(_LINES.order_id, "order_ids")
    counted_lines = sa.select(_LINES.order_id, sa.func.count()).where(_LINES_OF_TENANT, named)
    return dialect.prepare(counted_lines.group_by(_LINES.order_id))
