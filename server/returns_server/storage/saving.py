"""Writes what a batch changed in the books: a bulk statement a table, the event log last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from returns_server.application.books import Books, Happened
from returns_server.domain.ids import ReturnId, TenantId
from returns_server.domain.money import CURRENCY_DIGITS
from returns_server.domain.orders import Order, OrderLine
from returns_server.domain.returns import Return, ReturnItem
from returns_server.storage import tables
from returns_server.storage.dialects import Dialect
from returns_server.storage.documents.events import encode_event
from returns_server.storage.documents.policy import encode_policy
from returns_server.storage.rows import HEAD_COLUMNS, LINE_COLUMNS
from returns_server.storage.session import Row, WriteSession

_RETURN_KEY = ("tenant", "return_id")
_RETURN_VALUES = (
    "version",
    "state",
    "goods_state",
    "close_reason",
    "customer_id",
    "guest_email",
    "requestor_email",
    "reason_code",
    "reason_details",
    "rejection_code",
    "approver_type",
    "approver_id",
    "submitter_type",
    "submitter_subject",
    "submitter_first_name",
    "submitter_last_name",
    "submitter_email",
    "currency",
    "total_mills",
    "approved_units",
    "update_time",
    "expire_time",
    "expire_time_given",
    "due_time",
    "approve_time",
    "receive_time",
    "close_time",
    "attributes",
    "document",
)
_RETURN_FIXED = ("number", "create_time")
_ITEM_KEY = ("tenant", "return_id", "order_id", "line_id")
_ITEM_VALUES = (
    "product_id",
    "reason_code",
    "reason_details",
    "quantity",
    "claimed_units",
    "claimed_net",
    "claimed_tax",
    "claimed_gross",
)
_LINE_KEY = ("tenant", "order_id", "line_id")
_CLAIMS = ("claimed_units", "claimed_net", "claimed_tax", "claimed_gross")
_LINE_VALUES = tuple(name for name in LINE_COLUMNS if name not in _LINE_KEY)
_ORDER_KEY = ("tenant", "order_id")
_ORDER_FACTS = tuple(name for name in HEAD_COLUMNS if name not in _ORDER_KEY)
_DELETED = ("tenant", "return_id", "number", "delete_time")

Encode = Callable[[TenantId, Return], bytes]


def total_mills(ret: Return) -> int:
    """What a return is worth in thousandths of its currency's unit, so that currencies sort together."""
    return int(ret.total.amount.gross * 10 ** (3 - CURRENCY_DIGITS[ret.currency]))


def save(session: WriteSession, books: Iterable[Books], encode: Encode, new_event_id: Callable[[], bytes]) -> None:
    """Queue all changes behind one another; they travel with the commit. Tenants come sorted."""
    changed = sorted(books, key=lambda book: book.tenant)
    _save_policies(session, changed)
    _save_orders(session, changed)
    _save_lines(session, changed)
    _save_returns(session, changed, encode)
    _save_deletions(session, changed)
    rows = [row for book in changed for row in _event_rows(book, encode, new_event_id)]
    if rows:
        for query in session.dialect.append_events(rows):
            session.later(query)


def _save_policies(session: WriteSession, books: list[Books]) -> None:
    dialect, table = session.dialect, tables.return_policies
    rows = [(b.tenant, encode_policy(b.tenant, b.policy)) for b in books if b.policy_changed and b.policy_stored]
    new = [(b.tenant, encode_policy(b.tenant, b.policy)) for b in books if b.policy_changed and not b.policy_stored]
    if rows:
        session.later(dialect.update(table, ("tenant",), ("document",))(rows))
    if new:
        session.later(dialect.insert(table, ("tenant", "document"))(new))


def _save_orders(session: WriteSession, books: list[Books]) -> None:
    orders = [(book, order) for book in books for _, order in sorted(book.changed_orders.items())]
    if not orders:
        return
    dialect = session.dialect
    gone = [(book.tenant, *key) for book in books for key in sorted(book.removed_lines)]
    if gone:
        session.later(dialect.delete(tables.order_lines, _LINE_KEY)(gone))
    old = [(book, order) for book, order in orders if order.head.order_id in book.stored_orders]
    new = [(book, order) for book, order in orders if order.head.order_id not in book.stored_orders]
    if old:
        heads = [_head_row(book.tenant, order) for book, order in old]
        session.later(dialect.update(tables.orders, _ORDER_KEY, _ORDER_FACTS)(heads))
    if new:
        session.later(
            dialect.insert(tables.orders, HEAD_COLUMNS)([_head_row(book.tenant, order) for book, order in new])
        )
    lines = [
        (_line_row(book.tenant, position, book.lines[line.key]), line.key in book.stored_lines)
        for book, order in orders
        for position, line in enumerate(order.lines)
    ]
    # Facts and claims together: either alone might contradict the other as it was.
    if changed := [row for row, stored in lines if stored]:
        session.later(dialect.update(tables.order_lines, _LINE_KEY, _LINE_VALUES)(changed))
    if fresh := [row for row, stored in lines if not stored]:
        session.later(dialect.insert(tables.order_lines, LINE_COLUMNS)(fresh))


def _head_row(tenant: TenantId, order: Order) -> Row:
    head = order.head
    return (
        tenant,
        head.order_id,
        head.customer_id,
        head.guest_email,
        head.currency,
        head.place_time,
        head.deliver_time,
        order.create_time,
        order.update_time,
        order.etag,
    )


def _line_row(tenant: TenantId, position: int, line: OrderLine) -> Row:
    paid = line.paid
    return (
        tenant,
        line.order_id,
        line.line_id,
        position,
        line.product_id,
        line.product_name,
        line.quantity,
        line.unit_price,
        paid.amount.net,
        paid.amount.tax,
        paid.amount.gross,
        paid.tax_code,
        paid.tax_rate,
        line.final_sale,
        *_claims(line),
    )


def _claims(claimant: OrderLine | ReturnItem) -> tuple[int, int, int, int]:
    claimed = claimant.claimed
    return (claimant.claimed_units, claimed.net or 0, claimed.tax or 0, claimed.gross)


def _save_lines(session: WriteSession, books: list[Books]) -> None:
    rows = [
        (book.tenant, *key, *_claims(book.lines[key]))
        for book in books
        for key in sorted(book.changed_lines)
        if key.order_id not in book.changed_orders
    ]
    if rows:
        session.later(session.dialect.update(tables.order_lines, _LINE_KEY, _CLAIMS)(rows))


def _save_returns(session: WriteSession, books: list[Books], encode: Encode) -> None:
    dialect = session.dialect
    new = [(b.tenant, r) for b in books for i, r in sorted(b.changed_returns.items()) if i in b.created]
    old = [(b.tenant, r) for b in books for i, r in sorted(b.changed_returns.items()) if i not in b.created]
    if new:
        rows = [
            (tenant, ret.return_id, *_return_values(tenant, ret, encode, dialect), ret.number, ret.create_time)
            for tenant, ret in new
        ]
        session.later(dialect.insert(tables.returns, (*_RETURN_KEY, *_RETURN_VALUES, *_RETURN_FIXED))(rows))
    if old:
        rows = [(tenant, ret.return_id, *_return_values(tenant, ret, encode, dialect)) for tenant, ret in old]
        session.later(dialect.update(tables.returns, _RETURN_KEY, _RETURN_VALUES)(rows))
        session.later(dialect.delete(tables.return_items, _RETURN_KEY)([(t, r.return_id) for t, r in old]))
    items = [
        (tenant, ret.return_id, *item.key, item.product_id, *_reason(item), item.quantity, *_claims(item))
        for tenant, ret in [*new, *old]
        for item in ret.items
    ]
    if items:
        session.later(dialect.insert(tables.return_items, (*_ITEM_KEY, *_ITEM_VALUES))(items))


def _reason(item: ReturnItem) -> tuple[str | None, str | None]:
    return (item.reason.code, item.reason.details) if item.reason else (None, None)


def _return_values(tenant: TenantId, ret: Return, encode: Encode, dialect: Dialect) -> tuple[Any, ...]:
    requestor, submitter, approver, approved = ret.requestor, ret.submitter, ret.approver, ret.approved_total
    return (
        ret.version,
        ret.state,
        ret.goods_state,
        ret.close_reason,
        requestor.customer_id,
        requestor.guest_email,
        requestor.email,
        ret.reason.code,
        ret.reason.details,
        ret.rejection.code if ret.rejection else None,
        approver.type if approver else None,
        approver.id if approver else None,
        submitter.user_type,
        submitter.subject,
        submitter.first_name,
        submitter.last_name,
        submitter.email,
        ret.currency,
        total_mills(ret),
        approved.amount.gross // 10 ** CURRENCY_DIGITS[ret.currency] if approved else None,
        ret.update_time,
        ret.expire_time,
        ret.expire_time_given,
        ret.expires,
        ret.approve_time,
        ret.receive_time,
        ret.close_time,
        dialect.json_value(ret.attributes),
        encode(tenant, ret),
    )


def _save_deletions(session: WriteSession, books: list[Books]) -> None:
    deleted = [(b.tenant, ret, _delete_time(b, i)) for b in books for i, ret in sorted(b.deleted.items())]
    if not deleted:
        return
    dialect = session.dialect
    keys = [(tenant, ret.return_id) for tenant, ret, _ in deleted]
    session.later(dialect.delete(tables.returns, _RETURN_KEY)(keys))
    session.later(dialect.delete(tables.return_items, _RETURN_KEY)(keys))
    rows = [(tenant, ret.return_id, ret.number, time) for tenant, ret, time in deleted]
    session.later(dialect.insert(tables.deleted_returns, _DELETED)(rows))


def _delete_time(book: Books, return_id: ReturnId) -> int:
    return next(h.time for h in reversed(book.happened) if h.event.snapshot.return_id == return_id)


def _event_rows(book: Books, encode: Encode, new_event_id: Callable[[], bytes]) -> Iterator[Row]:
    for happened in book.happened:
        event_id = new_event_id()
        yield _event_row(book.tenant, happened, event_id, encode(book.tenant, happened.event.snapshot))


def _event_row(tenant: TenantId, happened: Happened, event_id: bytes, snapshot: bytes) -> Row:
    event = happened.event
    requestor = event.snapshot.requestor
    return (
        tenant,
        event_id,
        int(event.type),
        happened.time,
        event.snapshot.return_id,
        event.version,
        requestor.customer_id,
        requestor.guest_email,
        encode_event(tenant, happened, event_id, snapshot),
    )
