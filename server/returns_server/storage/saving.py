"""Writes what a batch changed in the books: a bulk statement a table, the event log last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from returns_server.application.books import Books, Happened
from returns_server.domain.ids import LineKey, ReturnId, TenantId
from returns_server.domain.money import CURRENCY_DIGITS
from returns_server.domain.orders import Order, OrderLine
from returns_server.domain.returns import Return, ReturnItem
from returns_server.storage import tables
from returns_server.storage.documents.events import encode_event
from returns_server.storage.documents.policy import encode_policy
from returns_server.storage.loading import HEAD_COLUMNS, LINE_COLUMNS
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
    "currency",
    "total_mills",
    "update_time",
    "expire_time",
    "expire_time_given",
    "due_time",
    "attributes",
    "document",
)
_RETURN_FIXED = ("number", "create_time")
_ITEM_KEY = ("tenant", "return_id", "order_id", "line_id")
_ITEM_VALUES = ("product_id", "quantity", "claimed_units", "claimed_net", "claimed_tax", "claimed_gross")
_LINE_KEY = ("tenant", "order_id", "line_id")
_CLAIMS = ("claimed_units", "claimed_net", "claimed_tax", "claimed_gross")
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
    rows = [(b.tenant, encode_policy(b.tenant, b.policy)) for b in books if b.policy_changed]
    if rows:
        session.later(session.dialect.insert(tables.return_policies, ("tenant", "document"), replace=True)(rows))


def _save_orders(session: WriteSession, books: list[Books]) -> None:
    orders = [(book.tenant, order) for book in books for _, order in sorted(book.changed_orders.items())]
    if not orders:
        return
    dialect = session.dialect
    gone = [(book.tenant, *key) for book in books for key in sorted(book.removed_lines)]
    if gone:
        session.later(dialect.delete(tables.order_lines, _LINE_KEY)(gone))
    heads = [_head_row(tenant, order) for tenant, order in orders]
    lines = [_line_row(tenant, n, line) for tenant, order in orders for n, line in enumerate(order.lines)]
    session.later(dialect.insert(tables.orders, HEAD_COLUMNS, replace=True)(heads))
    session.later(dialect.insert(tables.order_lines, LINE_COLUMNS, replace=True)(lines))


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
        if not _rewritten(book, key)
    ]
    if rows:
        session.later(session.dialect.update(tables.order_lines, _LINE_KEY, _CLAIMS)(rows))


def _rewritten(book: Books, key: LineKey) -> bool:
    """Whether the whole order was said anew in this batch and holds the line's claims as they were then."""
    order = book.changed_orders.get(key.order_id)
    return order is not None and next((x for x in order.lines if x.line_id == key.line_id), None) == book.lines[key]


def _save_returns(session: WriteSession, books: list[Books], encode: Encode) -> None:
    dialect = session.dialect
    new = [(b.tenant, r) for b in books for i, r in sorted(b.changed_returns.items()) if i in b.created]
    old = [(b.tenant, r) for b in books for i, r in sorted(b.changed_returns.items()) if i not in b.created]
    if new:
        rows = [
            (tenant, ret.return_id, *_return_values(tenant, ret, encode), ret.number, ret.create_time)
            for tenant, ret in new
        ]
        session.later(dialect.insert(tables.returns, (*_RETURN_KEY, *_RETURN_VALUES, *_RETURN_FIXED))(rows))
    if old:
        rows = [(tenant, ret.return_id, *_return_values(tenant, ret, encode)) for tenant, ret in old]
        session.later(dialect.update(tables.returns, _RETURN_KEY, _RETURN_VALUES)(rows))
        session.later(dialect.delete(tables.return_items, _RETURN_KEY)([(t, r.return_id) for t, r in old]))
    items = [
        (tenant, ret.return_id, *item.key, item.product_id, item.quantity, *_claims(item))
        for tenant, ret in [*new, *old]
        for item in ret.items
    ]
    if items:
        session.later(dialect.insert(tables.return_items, (*_ITEM_KEY, *_ITEM_VALUES))(items))


def _return_values(tenant: TenantId, ret: Return, encode: Encode) -> tuple[Any, ...]:
    return (
        ret.version,
        ret.state,
        ret.goods_state,
        ret.close_reason,
        ret.requestor.customer_id,
        ret.requestor.guest_email,
        ret.requestor.email,
        ret.currency,
        total_mills(ret),
        ret.update_time,
        ret.expire_time,
        ret.expire_time_given,
        ret.expires,
        json.dumps(ret.attributes) if ret.attributes else None,
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
