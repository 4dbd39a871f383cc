"""People in the books: found, told and erased, over a database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.return_pb2 import Return
from returns_server.application.listing import Viewer
from returns_server.application.privacy import Erased, Place, Stage, Told, next_stage
from returns_server.application.request import Request
from returns_server.domain.errors import RequestIdReused, StorageUnavailable
from returns_server.domain.ids import Micros, OrderId, TenantId
from returns_server.domain.people import Person
from returns_server.storage import tables
from returns_server.storage.database import Database
from returns_server.storage.dialects import Keyed
from returns_server.storage.documents.erasing import event_tells_of, tells_of
from returns_server.storage.failures import Conflicting, Unavailable
from returns_server.storage.privacy.erasing import Eraser
from returns_server.storage.privacy.statements import indexed, walked
from returns_server.storage.reads.orders import find_order
from returns_server.storage.rows import ANSWER_KEY
from returns_server.storage.session import Row, Session, WriteSession
from returns_server.storage.webhooks.retrying import committed

T = TypeVar("T")

_AT_ONCE = 50
"""Rows that one transaction changes: the largest return has some 200 KB."""
_STAFF = Viewer(everything=True)


@dataclass(frozen=True, slots=True)
class StoredPeople:
    """The port People over a database, which the caller closes.

    `tell` hears whose logs grew or were rewritten; answers to requests are kept for so long.
    """

    database: Database
    new_event_id: Callable[[], bytes]
    tell: Callable[[frozenset[TenantId]], None]
    answers_kept: Micros

    async def erase_step(
        self, request: Request, person: Person, place: Place, now: Micros
    ) -> tuple[Erased, Place | None]:
        """Erase what comes next, durably and in one transaction; where to go on, None at the end."""
        tenant = request.caller.tenant
        keys, onward = await self._read(lambda session: _next(session, tenant, person, place))
        if not keys:
            return Erased(), onward
        eraser = Eraser(request, person, now, self.new_event_id)

        async def job(session: WriteSession) -> Erased:
            return await eraser.erase(session, place.stage, keys)

        erased = await committed(self.database, job)
        if erased.returns or erased.events:
            self.tell(frozenset({tenant}))
        if not place.found and erased == Erased():
            # Somebody else was faster, or the index knows more than the rows say: do not look there again.
            return erased, replace(place, found=True)
        return erased, onward

    async def count_step(self, tenant: TenantId, person: Person, place: Place) -> tuple[Erased, Place | None]:
        """What `erase_step` would erase next, and where to go on."""
        place = replace(place, found=True)

        async def query(session: Session) -> tuple[Erased, Place | None]:
            keys, onward = await _next(session, tenant, person, place)
            match place.stage:
                case Stage.ORDERS:
                    return Erased(orders=len(keys)), onward
                case Stage.RETURNS:
                    return Erased(returns=len(await _returns(session, tenant, person, keys))), onward
                case Stage.EVENTS:
                    return Erased(events=len(await _events(session, tenant, person, keys))), onward
                case Stage.ANSWERS:
                    return Erased(), onward

        return await self._read(query)

    async def tell_step(self, tenant: TenantId, person: Person, place: Place, limit: int) -> tuple[Told, Place | None]:
        """Up to `limit` more of what is stored, and where to go on, None at the end."""
        if place.stage is Stage.ANSWERS:
            return Told(), None
        place = replace(place, found=True)

        async def query(session: Session) -> tuple[Told, Place | None]:
            keys, onward = await _next(session, tenant, person, place, limit)
            match place.stage:
                case Stage.ORDERS:
                    found = [await find_order(session, tenant, OrderId(key[0]), _STAFF) for key in keys]
                    return Told(orders=[order for order in found if order is not None]), onward
                case Stage.RETURNS:
                    return Told(returns=await _returns(session, tenant, person, keys)), onward
                case _:
                    return Told(events=await _events(session, tenant, person, keys)), onward

        return await self._read(query)

    async def said(self, request: Request) -> bytes | None:
        """What the same request was answered before; raises RequestIdReused where it was another one."""
        select = self.database.dialect.select(tables.idempotency_keys, ANSWER_KEY, ("request_hash", "document"))
        asked = select([_key(request)])
        rows = await self._read(lambda session: session.fetch(asked.statement, asked.parameters))
        if not rows:
            return None
        if bytes(rows[0][0]) != request.request_hash:
            raise RequestIdReused
        return bytes(rows[0][1] or b"")

    async def remember(self, request: Request, answer: bytes, now: Micros) -> None:
        """Keep the answer to a request; where two were answered at once, the first."""
        columns = (*ANSWER_KEY, "request_hash", "document", "expire_time")
        insert = self.database.dialect.insert(tables.idempotency_keys, columns, skip_existing=True)

        async def job(session: WriteSession) -> None:
            session.later(insert([(*_key(request), request.request_hash, answer, now + self.answers_kept)]))

        await committed(self.database, job)

    async def _read(self, query: Callable[[Session], Awaitable[T]]) -> T:
        try:
            return await self.database.read(query, heavy=True)
        except (Unavailable, Conflicting) as error:
            raise StorageUnavailable from error


def _key(request: Request) -> Row:
    return (request.caller.tenant, request.key.issuer, request.key.subject, request.key.request_id)


async def _next(
    session: Session, tenant: TenantId, person: Person, place: Place, limit: int = _AT_ONCE
) -> tuple[list[Row], Place | None]:
    """Keys of what comes next in a stage, and the place behind them."""
    limit = min(limit, _AT_ONCE)
    if not place.found:
        keys = await indexed(session, tenant, person, place.stage, limit)
        return keys, place if keys else replace(place, found=True)
    keys, key = await walked(session, tenant, person, place, limit)
    return keys, next_stage(place) if key is None else replace(place, key=key)


async def _returns(session: Session, tenant: TenantId, person: Person, keys: Sequence[Row]) -> list[bytes]:
    select = session.dialect.select(tables.returns, ("tenant", "return_id"), ("document",))
    rows = await _selected(session, select, [(tenant, key[0]) for key in keys])
    return [document for (document,) in rows if tells_of(person, Return.FromString(document))]


async def _events(session: Session, tenant: TenantId, person: Person, keys: Sequence[Row]) -> list[bytes]:
    """Events with their numbers."""
    select = session.dialect.select(tables.events, ("tenant", "sequence"), ("sequence", "document"))
    rows = await _selected(session, select, [(tenant, key[0]) for key in keys])
    return [
        document + ReturnEvent(sequence=sequence).SerializeToString()
        for sequence, document in sorted(rows, key=lambda row: row[0])
        if event_tells_of(person, ReturnEvent.FromString(document))
    ]


async def _selected(session: Session, select: Keyed, keys: Sequence[Row]) -> list[Row]:
    if not keys:
        return []
    [rows] = await session.run([select(keys)])
    return rows
