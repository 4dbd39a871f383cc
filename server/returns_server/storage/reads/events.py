"""The event log, of a tenant or of one return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from returns_server.application.listing import EventScope, Viewer
from returns_server.application.ports import EventPage, StoredEvent
from returns_server.domain.ids import TenantId
from returns_server.storage import tables
from returns_server.storage.dialects import Dialect
from returns_server.storage.reads.paging import Key, paged, read_page
from returns_server.storage.reads.returns import find_return
from returns_server.storage.reads.viewing import Sight, branches, sight_of, viewer_values
from returns_server.storage.session import Row, Session
from returns_server.storage.statements import built_once

_EVENTS = tables.events.c
EVENT_COLUMNS = (_EVENTS.sequence, _EVENTS.event_id, _EVENTS.document, _EVENTS.customer_id, _EVENTS.guest_email)
"""What a StoredEvent is made of."""


async def list_events(
    session: Session, tenant: TenantId, viewer: Viewer, scope: EventScope, after_sequence: int, limit: int
) -> EventPage:
    """Events after a sequence in the order of the log.

    An owner gets those that were the owner's when they happened; of a return only while it is the owner's.
    """
    epoch = await log_epoch(session)
    of_return = scope.return_id is not None
    hidden = (
        scope.return_id is not None
        and not viewer.everything
        and await find_return(session, tenant, scope.return_id, viewer) is None
    )
    if hidden:
        return EventPage([], more=False, epoch=epoch)
    asked = _Asked(session.dialect, sight_of(viewer), of_return)
    values: dict[str, Any] = {"tenant": tenant, "return_id": scope.return_id, **viewer_values(viewer)}

    async def fetch(last: Row | None, wanted: int) -> list[Row]:
        start = last[0] if last else after_sequence
        return await session.fetch(_page(asked), values | {"after": start, "limit": wanted})

    rows, more = await read_page(fetch, limit, document=2)
    return EventPage([StoredEvent(*row[:5]) for row in rows], more, epoch)


async def log_epoch(session: Session) -> bytes:
    """What tells this log from one restored from a backup; four bytes."""
    rows = await session.fetch(_epoch(session.dialect))
    epoch: bytes = rows[0][0]
    return epoch


@dataclass(frozen=True, slots=True)
class _Asked:
    """What makes lists share their statements: all but the values."""

    dialect: Dialect
    sight: Sight
    of_return: bool


@built_once
def _page(asked: _Asked) -> str:
    # A return's events are few: the sum keeps planners from walking the tenant's log for them.
    sequence = _EVENTS.sequence + sa.literal_column("0") if asked.of_return else _EVENTS.sequence
    after = sequence > sa.bindparam("after", type_=sa.BigInteger())
    columns = (*EVENT_COLUMNS, _EVENTS.return_version)
    wanted = sa.select(*columns).where(_EVENTS.tenant == sa.bindparam("tenant", type_=sa.Text()), after)
    key = Key("sequence", descending=False)
    if asked.of_return:
        wanted = wanted.where(_EVENTS.return_id == sa.bindparam("return_id", type_=sa.Text()))
        # Versions of one return rise with the sequence, and only they are in the index that finds its events.
        key = Key("return_version", descending=False)
    selects = [wanted.where(branch) for branch in branches(asked.sight, tables.events)]
    return asked.dialect.prepare(paged(selects, [key]))


@built_once
def _epoch(dialect: Dialect) -> str:
    return dialect.prepare(sa.select(tables.instance.c.log_epoch))
