"""Erases a person from some rows in one transaction, which takes locks in the order in which all batches take them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.party_pb2 import Submitter
from commerce.returns.v1.return_pb2 import Return
from returns_server.application.etags import order_etag
from returns_server.application.privacy import Erased, Stage
from returns_server.application.request import Request
from returns_server.domain.events import EventType
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.domain.orders import OrderHead
from returns_server.domain.people import Person
from returns_server.storage import tables
from returns_server.storage.dialects import Dialect, Lock
from returns_server.storage.documents.erasing import erase_from_event, erase_from_return
from returns_server.storage.documents.events import Erasure, encode_erasure
from returns_server.storage.documents.values import order_id_of, seconds_and_nanos
from returns_server.storage.rows import ANSWER_KEY, HEAD_COLUMNS, LINE_COLUMNS, line_of
from returns_server.storage.session import Row, WriteSession
from returns_server.storage.statements import built_once
from returns_server.storage.webhooks.tables import webhook_attempts, webhook_endpoints

_ORDER_KEY = ("tenant", "order_id")
_RETURN_KEY = ("tenant", "return_id")
_EVENT_KEY = ("tenant", "sequence")
_RETURN_COLUMNS = (
    "version",
    "customer_id",
    "guest_email",
    "requestor_email",
    "reason_code",
    "reason_details",
    "rejection_code",
    "submitter_subject",
    "submitter_first_name",
    "submitter_last_name",
    "submitter_email",
    "update_time",
    "document",
)
_ITEM_KEY = ("tenant", "return_id", "order_id", "line_id")
_TENANT = sa.bindparam("tenant", type_=sa.Text())


class Eraser:
    """One request's erasures."""

    def __init__(self, request: Request, person: Person, now: Micros, new_event_id: Callable[[], bytes]) -> None:
        """Takes who asks, who is erased, the time, and where event ids come from."""
        self._request = request
        self._tenant: TenantId = request.caller.tenant
        self._person = person
        self._now = now
        self._new_event_id = new_event_id

    async def erase(self, session: WriteSession, stage: Stage, keys: Sequence[Row]) -> Erased:
        """Erase the person from rows of a stage that may tell of them; how many did."""
        match stage:
            case Stage.ORDERS:
                return Erased(orders=await self._orders(session, keys))
            case Stage.RETURNS:
                return Erased(returns=await self._returns(session, keys))
            case Stage.EVENTS:
                return Erased(events=await self._events(session, keys))
            case Stage.ANSWERS:
                await self._answers(session, keys)
                return Erased()

    async def _orders(self, session: WriteSession, keys: Sequence[Row]) -> int:
        """Have orders be nobody's. Their lines are read under the lock of their heads, as the feed does."""
        dialect, named = session.dialect, sorted((self._tenant, key[0]) for key in keys)
        [heads] = await session.run([dialect.select(tables.orders, _ORDER_KEY, HEAD_COLUMNS, Lock.WAIT)(named)])
        theirs = [row for row in heads if self._person.is_customer(row[2]) or self._person.has_address(row[3])]
        if not theirs:
            return 0
        of = dialect.select(tables.order_lines, _ORDER_KEY, LINE_COLUMNS)
        [lines] = await session.run([of([(self._tenant, row[1]) for row in theirs])])
        changed = []
        for _, order_id, _, _, currency, placed, delivered, *_ in theirs:
            own = sorted((row for row in lines if row[1] == order_id), key=lambda row: row[3])
            head = OrderHead(order_id, "", "", currency, placed, delivered)
            changed.append((self._tenant, order_id, "", "", order_etag(head, tuple(map(line_of, own))), self._now))
        values = ("customer_id", "guest_email", "etag", "update_time")
        session.later(dialect.update(tables.orders, _ORDER_KEY, values)(changed))
        return len(changed)

    async def _returns(self, session: WriteSession, keys: Sequence[Row]) -> int:
        dialect, named = session.dialect, sorted((self._tenant, key[0]) for key in keys)
        select = dialect.select(tables.returns, _RETURN_KEY, ("return_id", "document"), Lock.WAIT)
        [rows] = await session.run([select(named)])
        changed: list[Row] = []
        items: list[Row] = []
        bare: list[Row] = []
        events: list[Row] = []
        for return_id, document in rows:
            ret = Return.FromString(document)
            paths = erase_from_return(self._person, ret)
            if not paths:
                continue
            ret.version += 1
            ret.etag = str(ret.version)
            ret.update_time.CopyFrom(type(ret.update_time)(**seconds_and_nanos(self._now)))
            changed.append((self._tenant, return_id, *_columns(ret)))
            if "attributes" in paths:
                bare.append((self._tenant, return_id, None))
            if "orders" in paths:
                items += [(self._tenant, return_id, *reason) for reason in _item_reasons(ret)]
            events.append(self._event_row(ret, return_id, paths))
        if changed:
            session.later(dialect.update(tables.returns, _RETURN_KEY, _RETURN_COLUMNS)(changed))
        if bare:
            session.later(dialect.update(tables.returns, _RETURN_KEY, ("attributes",))(bare))
        if items:
            session.later(dialect.update(tables.return_items, _ITEM_KEY, ("reason_code", "reason_details"))(items))
        for query in dialect.append_events(events) if events else ():
            session.later(query)
        return len(changed)

    def _event_row(self, ret: Return, return_id: ReturnId, paths: tuple[str, ...]) -> Row:
        event_id = self._new_event_id()
        return (
            self._tenant,
            event_id,
            int(EventType.PERSON_ERASED),
            self._now,
            return_id,
            ret.version,
            ret.requestor.customer_id,
            ret.requestor.guest_email,
            encode_erasure(self._tenant, Erasure(self._request, self._now, paths), return_id, event_id, ret),
        )

    async def _events(self, session: WriteSession, keys: Sequence[Row]) -> int:
        """Rewrite past events where they stand, and forget what receivers answered to them.

        The head goes first, as everywhere: retention takes it before it takes events away.
        """
        dialect, tenant = session.dialect, self._tenant
        await session.execute(_count_up(dialect), {"tenant": tenant})
        named = sorted((tenant, key[0]) for key in keys)
        select = dialect.select(tables.events, _EVENT_KEY, ("sequence", "document"), Lock.WAIT)
        [rows] = await session.run([select(named)])
        changed: list[Row] = []
        subjects: set[str] = set()
        for sequence, document in rows:
            event = ReturnEvent.FromString(document)
            acted = event.actor.subject if event.actor.user_type == Submitter.USER_TYPE_CUSTOMER else ""
            if not erase_from_event(self._person, event):
                continue
            if acted and not event.actor.subject:
                subjects.add(acted)
            whose = event.snapshot.requestor
            changed.append((tenant, sequence, whose.customer_id, whose.guest_email, event.SerializeToString()))
        if not changed:
            return 0
        session.later(dialect.update(tables.events, _EVENT_KEY, ("customer_id", "guest_email", "document"))(changed))
        sequences = dialect.list_value([row[1] for row in changed])
        await session.execute(_forget_attempts(dialect), {"tenant": tenant, "sequences": sequences, "nothing": b""})
        if subjects:
            forget = dialect.delete(tables.idempotency_keys, ("tenant", "subject"))
            session.later(forget([(tenant, subject) for subject in sorted(subjects)]))
        return len(changed)

    async def _answers(self, session: WriteSession, keys: Sequence[Row]) -> None:
        """Forget answers that tell of the person.

        The person's own requests vanish. Of others, such as the feed's, the key stays: a repeat must not be done once
        more, which would bring the person back; it is told to use a new id.
        """
        theirs = [(self._tenant, *key) for key in keys if self._person.is_customer(key[1])]
        others = [(self._tenant, *key, b"", None) for key in keys if not self._person.is_customer(key[1])]
        if theirs:
            session.later(session.dialect.delete(tables.idempotency_keys, ANSWER_KEY)(sorted(theirs)))
        if others:
            blank = session.dialect.update(tables.idempotency_keys, ANSWER_KEY, ("request_hash", "document"))
            session.later(blank(sorted(others, key=lambda row: row[:4])))


def _columns(ret: Return) -> Row:
    """The values of _RETURN_COLUMNS that a document says."""
    return (
        ret.version,
        ret.requestor.customer_id,
        ret.requestor.guest_email,
        ret.requestor.email,
        ret.reason.code,
        ret.reason.details,
        ret.rejection.code if ret.HasField("rejection") else None,
        ret.submitter.subject,
        ret.submitter.first_name,
        ret.submitter.last_name,
        ret.submitter.email,
        ret.update_time.ToMicroseconds(),
        ret.SerializeToString(),
    )


def _item_reasons(ret: Return) -> list[Row]:
    return [
        (order_id_of(order.order), item.line_id, item.reason.code, item.reason.details)
        for order in ret.orders
        for item in order.items
        if item.HasField("reason")
    ]


@built_once
def _count_up(dialect: Dialect) -> str:
    counted = sa.text("UPDATE event_heads SET erasures = erasures + 1 WHERE tenant = :tenant")
    return dialect.prepare(counted)


@built_once
def _forget_attempts(dialect: Dialect) -> str:
    endpoints, attempts = webhook_endpoints.c, webhook_attempts.c
    of_tenant = sa.select(endpoints.endpoint_id).where(endpoints.tenant == _TENANT)
    forgotten = sa.update(webhook_attempts).where(
        attempts.tenant == _TENANT,
        attempts.endpoint_id.in_(of_tenant),
        dialect.any_of(attempts.sequence, "sequences"),
    )
    return dialect.prepare(forgotten.values(answer=sa.bindparam("nothing", type_=sa.LargeBinary())))
