"""Order lines with their heads: what the policy needs to say which can go back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from returns_server.application.listing import Position, Viewer
from returns_server.application.ports import ReturnableLine
from returns_server.domain.ids import OrderId, TenantId
from returns_server.storage import tables
from returns_server.storage.dialects import Dialect
from returns_server.storage.filters import given
from returns_server.storage.reads.orders import head_of
from returns_server.storage.reads.paging import Key, paged
from returns_server.storage.reads.viewing import Sight, branches, sight_of, viewer_values
from returns_server.storage.rows import HEAD_COLUMNS, LINE_COLUMNS, line_of
from returns_server.storage.session import Row, Session
from returns_server.storage.statements import built_once

_ORDERS, _LINES = tables.orders.c, tables.order_lines.c
_LINE = tuple(_LINES[name] for name in LINE_COLUMNS)
_HEAD = tuple(_ORDERS[name].label(f"head_{name}") for name in HEAD_COLUMNS)
_PLACED, _ORDER, _POSITION = _ORDERS.place_time, _ORDERS.order_id, _LINES.position
_KEYS = (
    Key("head_place_time", descending=True),
    Key("head_order_id", descending=True),
    Key("position", descending=False),
)


class _OrdersFirst(sql.Join):
    """A join whose left side SQLite must read first: without statistics it might walk all lines of the tenant."""

    inherit_cache = True


@compiles(_OrdersFirst, "sqlite")
def _cross_join(join: _OrdersFirst, compiler: SQLCompiler, **keywords: Any) -> str:
    """CROSS JOIN is an ordinary join to SQL, and to SQLite an order not to swap its sides."""
    left, right = (compiler.process(side, **(keywords | {"asfrom": True})) for side in (join.left, join.right))
    condition = sa.true() if join.onclause is None else join.onclause
    return f"{left} CROSS JOIN {right} ON {compiler.process(condition)}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What makes lists share their statements: all but the values."""

    dialect: Dialect
    sight: Sight
    of_order: bool
    of_customer: bool
    of_guest: bool
    resumed: bool


async def list_order_lines(
    session: Session,
    tenant: TenantId,
    viewer: Viewer,
    order_id: OrderId | None,
    customer_id: str,
    guest_email: str,
    after: Position | None,
    limit: int,
) -> list[ReturnableLine]:
    """Lines of what is asked for, within what the viewer sees; each with its position.

    The latest placed order comes first, its lines in the shop's sequence: a position is the order's place time, its
    id, and the number of the line within it.
    """
    asked = _Asked(
        dialect=session.dialect,
        sight=sight_of(viewer),
        of_order=order_id is not None,
        of_customer=bool(customer_id),
        of_guest=bool(guest_email),
        resumed=after is not None,
    )
    values: dict[str, Any] = {"tenant": tenant, "limit": limit, **viewer_values(viewer)}
    values |= {"order_id": order_id, "customer_id": customer_id, "guest_email": guest_email}
    values |= {f"after{i}": value for i, value in enumerate(after.values if after else ())}
    return [_returnable(row) for row in await session.fetch(_page(asked), values)]


def _returnable(row: Row) -> ReturnableLine:
    line, head = row[: len(LINE_COLUMNS)], head_of(row[len(LINE_COLUMNS) :])
    number = line[LINE_COLUMNS.index("position")]
    return ReturnableLine(line_of(line), head, Position((head.place_time, head.order_id, number)))


@built_once
def _page(asked: _Asked) -> str:
    tenant = sa.bindparam("tenant", type_=sa.Text())
    of_their_orders = sa.and_(_LINES.tenant == _ORDERS.tenant, _LINES.order_id == _ORDERS.order_id)
    joined = _OrdersFirst(tables.orders, tables.order_lines, of_their_orders)
    wanted = sa.select(*_LINE, *_HEAD).select_from(joined).where(_ORDERS.tenant == tenant)
    if asked.of_order:
        wanted = wanted.where(_ORDERS.order_id == sa.bindparam("order_id", type_=sa.Text()))
    for chosen, column in ((asked.of_customer, _ORDERS.customer_id), (asked.of_guest, _ORDERS.guest_email)):
        if chosen:
            wanted = wanted.where(given(column), column == sa.bindparam(column.name, type_=sa.Text()))
    if asked.resumed:
        wanted = wanted.where(_beyond())
    selects = [wanted.where(branch) for branch in branches(asked.sight, tables.orders)]
    return asked.dialect.prepare(paged(selects, _KEYS))


def _beyond() -> sa.ColumnElement[bool]:
    """Behind a position: the first condition follows from the second, but only it can use an index on orders."""
    placed = sa.bindparam("after0", type_=sa.BigInteger())
    order = sa.bindparam("after1", type_=sa.Text())
    number = sa.bindparam("after2", type_=sa.Integer())
    here, there = sa.tuple_(_PLACED, _ORDER), sa.tuple_(placed, order)
    return sa.and_(here <= there, sa.or_(here < there, number < _POSITION))
