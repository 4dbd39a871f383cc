"""Deliveries of an endpoint in pages, the latest event first, perhaps filtered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from returns_server.application.listing import Position
from returns_server.filtering.tree import Expression
from returns_server.storage import filters
from returns_server.storage.dialects import Dialect
from returns_server.storage.reads.paging import first
from returns_server.storage.session import Row, Session
from returns_server.storage.shapes import Shape, parametrised
from returns_server.storage.statements import built_once
from returns_server.storage.webhooks.rows import DELIVERY_COLUMNS
from returns_server.storage.webhooks.tables import webhook_deliveries

_D = webhook_deliveries.c


async def delivery_rows(
    session: Session, key: Mapping[str, Any], where: Expression, after: Position | None, limit: int
) -> list[Row]:
    """Rows of DELIVERY_COLUMNS."""
    filtered = parametrised(where)
    values: dict[str, Any] = {**key, **session.dialect.json_parameters(filtered.values, filtered.keys), "limit": limit}
    if after is not None:
        values["after"] = after.values[0]
    statement = _page(session.dialect, filtered.shape, after is not None)
    return await session.fetch(statement, values)


@built_once
def _page(dialect: Dialect, shape: Shape, resumed: bool) -> str:
    wanted = sa.select(*(_D[name] for name in DELIVERY_COLUMNS)).where(
        _D.tenant == sa.bindparam("tenant", type_=sa.Text()),
        _D.endpoint_id == sa.bindparam("endpoint_id", type_=sa.Text()),
        filters.condition(shape, filters.DELIVERIES, dialect),
    )
    if resumed:
        wanted = wanted.where(_D.sequence < sa.bindparam("after", type_=sa.BigInteger()))
    return dialect.prepare(first(wanted.order_by(_D.sequence.desc())))
