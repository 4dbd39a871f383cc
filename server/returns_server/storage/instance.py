"""What belongs to the database itself and is the same for all replicas that serve it."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from returns_server.storage import tables
from returns_server.storage.session import Session


@dataclass(frozen=True, slots=True)
class Instance:
    """The epoch of the event log (four bytes), and the key that authenticates page tokens."""

    log_epoch: bytes
    token_key: bytes = field(repr=False)


async def read_instance(session: Session) -> Instance:
    """The one instance that a migrated database holds."""
    columns = tables.instance.c
    [(epoch, key)] = await session.fetch(session.dialect.prepare(sa.select(columns.log_epoch, columns.token_key)))
    return Instance(bytes(epoch), bytes(key))
