"""Returns, one by one, and those whose time is over. Lists are in `return_pages`."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from returns_server.application.listing import Viewer
from returns_server.application.ports import ReturnDocument
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.domain.returns import GoodsState, State
from returns_server.storage import tables
from returns_server.storage.database import Point
from returns_server.storage.dialects import Dialect
from returns_server.storage.reads.paging import first
from returns_server.storage.reads.viewing import Sight, branches, sight_of, viewer_values
from returns_server.storage.session import Row, Session
from returns_server.storage.statements import built_once

_RETURNS = tables.returns.c
_ANSWERED = (_RETURNS.document, _RETURNS.state, _RETURNS.goods_state, _RETURNS.customer_id, _RETURNS.guest_email)
BY_ID = Point(tables.returns, ("tenant", "return_id"), tuple(column.name for column in _ANSWERED))
"""Finds a return, whoever may see it: the caller asks for the right one."""
_OF_TENANT = _RETURNS.tenant == sa.bindparam("tenant", type_=sa.Text())
_STATES = {int(state): state for state in State}
_GOODS_STATES = {int(state): state for state in GoodsState}


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


async def due(session: Session, now: Micros, limit: int) -> list[tuple[TenantId, ReturnId]]:
    """Returns of any tenant whose time is over, the longest overdue first."""
    rows = await session.fetch(_due(session.dialect), {"now": now, "limit": limit})
    return [(TenantId(tenant), ReturnId(return_id)) for tenant, return_id in rows]


def document(row: Row) -> ReturnDocument:
    """A return from a row that begins with the columns of `BY_ID`."""
    return ReturnDocument(row[0], _STATES[row[1]], _GOODS_STATES[row[2]], row[3], row[4])


@built_once
def _find_many(dialect: Dialect, sight: Sight) -> str:
    named = dialect.any_of(_RETURNS.return_id, "return_ids")
    seen = sa.or_(*branches(sight, tables.returns))
    return dialect.prepare(sa.select(*_ANSWERED, _RETURNS.return_id).where(_OF_TENANT, named, seen))


@built_once
def _due(dialect: Dialect) -> str:
    over = _RETURNS.due_time <= sa.bindparam("now", type_=sa.BigInteger())
    waiting = sa.select(_RETURNS.tenant, _RETURNS.return_id).where(_RETURNS.due_time.is_not(None), over)
    return dialect.prepare(first(waiting.order_by(_RETURNS.due_time)))
