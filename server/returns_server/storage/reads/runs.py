"""Runs of whole events, for those who are far behind and want all: no more is read than their documents."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from returns_server.application.ports import LogRun
from returns_server.domain.ids import TenantId
from returns_server.storage import tables
from returns_server.storage.dialects import Dialect, Query
from returns_server.storage.reads.log import log_page, state_of_the_log, state_statement
from returns_server.storage.session import Row, Session
from returns_server.storage.statements import built_once

_EVENTS = tables.events.c
_STATE_COLUMNS = 7


async def read_run(session: Session, tenant: TenantId, after_sequence: int, count: int) -> LogRun:
    """The documents of the next events after a sequence, so many where there are, and what the log was then."""
    last = after_sequence + count
    values = {"tenant": tenant, "after": after_sequence, "last": last}
    dialect = session.dialect
    what: Row
    documents: Sequence[bytes]
    if dialect.dear_rows:
        [[row]] = await session.run([Query(_as_one(dialect), values)])
        what, documents = row[:_STATE_COLUMNS], _parted(*row[_STATE_COLUMNS:])
    else:
        statements = state_statement(dialect), _one_by_one(dialect)
        [[what], rows] = await session.run([Query(statement, values) for statement in statements])
        documents = [document for (document,) in rows]
    state = log_page(what, [], more=last < (what[2] or 0))
    wanted = max(0, min(count, state.head_sequence - after_sequence))
    # Sequences are unique: as many as there can be are all of them.
    return LogRun(state, documents if len(documents) == wanted else None)


def _parted(documents: bytes | None, sizes: str | None) -> Sequence[bytes]:
    """Documents that stand one behind the other; their sizes are written as struct wants them."""
    return struct.Struct(f"{sizes}s").unpack(documents or b"") if sizes else ()


@built_once
def _one_by_one(dialect: Dialect) -> str:
    return dialect.prepare(_wanted(_EVENTS.document).order_by(_EVENTS.sequence))


@built_once
def _as_one(dialect: Dialect) -> str:
    """Documents, their sizes, and the state of the log: one statement, so that all is of one snapshot.

    Sums over nothing but a sorted selection are in its order; an order inside them costs four times as much.
    """
    document = _wanted(_EVENTS.document).order_by(_EVENTS.sequence).subquery("wanted").c.document
    nothing: sa.ColumnElement[bytes] = sa.literal_column("CAST('' AS bytea)")
    between: sa.ColumnElement[str] = sa.literal_column("'s'")
    size = sa.cast(sa.func.octet_length(document), sa.Text())
    run = sa.select(
        sa.func.string_agg(document, nothing).label("documents"), sa.func.string_agg(size, between).label("sizes")
    ).subquery("run")
    state = state_of_the_log()
    joined = state.get_final_froms()[0].join(run, sa.true())
    return dialect.prepare(state.add_columns(*run.c).select_from(joined))


def _wanted(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    tenant = sa.bindparam("tenant", type_=sa.Text())
    after, last = (sa.bindparam(name, type_=sa.BigInteger()) for name in ("after", "last"))
    return sa.select(*columns).where(_EVENTS.tenant == tenant, _EVENTS.sequence > after, _EVENTS.sequence <= last)
