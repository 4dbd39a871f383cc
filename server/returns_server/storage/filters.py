"""Checked filters as SQL conditions: one table of fields a list, so that a new field is a new row.

Every condition is two-valued, as the filter language is: what it compares is never null, or tested for null first.
So `NOT` inverts exactly, and a comparison with something unset is false, `!=` too. The predicates of `filtering` must
agree with this on every input.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.returns import GoodsState
from returns_server.filtering.tree import Operator
from returns_server.storage import tables
from returns_server.storage.attributes import attribute
from returns_server.storage.clauses import Sql
from returns_server.storage.dialects import Dialect
from returns_server.storage.shapes import AllOf, AnyOf, Form, Inverse, Shape, Term
from returns_server.storage.webhooks.tables import webhook_deliveries

Condition = sa.ColumnElement[bool]
Builder = Callable[[Term, Dialect], Condition]
"""The condition that a term of a filter puts on a field."""

_COMPARE: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
_EMPTY: sa.ColumnElement[str] = sa.literal_column("''")
_ZERO: sa.ColumnElement[int] = sa.literal_column("0")


def given(column: sa.Column[str]) -> Condition:
    """Whether a text that is empty while unset is set, in the very words of the partial indexes."""
    return column != _EMPTY


def unindexed(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The same number, by which no index is chosen."""
    return column + _ZERO


def condition(shape: Shape, fields: Mapping[str, Builder], dialect: Dialect) -> Condition:
    """The condition for a filter whose values are parameters (see `shapes.parametrised`)."""
    match shape:
        case Term(path):
            return fields[path](shape, dialect)
        case AllOf(terms):
            return sa.and_(sa.true(), *(condition(term, fields, dialect) for term in terms))
        case AnyOf(terms):
            return sa.or_(sa.false(), *(condition(term, fields, dialect) for term in terms))
        case Inverse(term):
            return sa.not_(condition(term, fields, dialect))


def _test(column: sa.ColumnElement[Any], term: Term, dialect: Dialect) -> Condition:
    """What a term says of a column that is not null here."""
    value = sa.bindparam(term.name, type_=column.type)
    match term.form:
        case Form.VALUE:
            clause: Condition = _COMPARE[term.operator](column, value)
            return clause
        case Form.EMPTY_TEXT:
            return column == _EMPTY
        case Form.PRESENT:
            return _differs_from_default(column)
        case Form.STARTS:
            matching = sa.and_(column >= value, column < sa.bindparam(f"{term.name}e", type_=column.type))
        case Form.STARTS_LAST:
            matching = column >= value
        case Form.ENDS:
            matching = Sql(dialect.ends_with(str(column), term.name))
        case Form.CONTAINS:
            matching = Sql(dialect.contains(str(column), term.name))
    return matching if term.operator is Operator.EQ else sa.not_(matching)


def _differs_from_default(column: sa.ColumnElement[Any]) -> Condition:
    if isinstance(column.type, sa.Boolean):
        return column == sa.true()
    return column != (_ZERO if isinstance(column.type, sa.Integer) else _EMPTY)


def _plain(column: sa.ColumnElement[Any]) -> Builder:
    """A field without presence: it always has a value."""
    return lambda term, dialect: _test(column, term, dialect)


def _indexed_text(column: sa.Column[str]) -> Builder:
    """A text with an index that leaves out the empty ones: a term that no empty text fits says so."""

    def build(term: Term, dialect: Dialect) -> Condition:
        test = _test(column, term, dialect)
        starts = term.form in (Form.STARTS, Form.STARTS_LAST) and term.operator is Operator.EQ
        equals = term.form is Form.VALUE and term.operator in (Operator.EQ, Operator.GT)
        return sa.and_(given(column), test) if starts or equals else test

    return build


def _optional(column: sa.ColumnElement[Any]) -> Builder:
    """A field of a message that may be unset."""
    return lambda term, dialect: sa.and_(column.is_not(None), _test(column, term, dialect))


def _time(column: sa.Column[Any]) -> Builder:
    """A time, null while unset."""

    def build(term: Term, dialect: Dialect) -> Condition:
        if term.form is Form.PRESENT:
            return column.is_not(None)
        test = _test(column, term, dialect)
        return sa.and_(column.is_not(None), test) if column.nullable else test

    return build


def _id(column: sa.Column[str]) -> Builder:
    """The id of the row itself: always there."""
    return lambda term, dialect: sa.true() if term.form is Form.PRESENT else _test(column, term, dialect)


def _of_parts(owner: sa.Column[str], part: sa.Column[str], of: Builder, *, indexed: bool = False) -> Builder:
    """A field of the items of a return, or of the lines of an order; any of them may match.

    Where an index finds the parts, it finds what they are of, not the reverse; else each row looks at its own parts.
    """

    def build(term: Term, dialect: Dialect) -> Condition:
        matching = of(term, dialect)
        tenant = part.table.c.tenant == sa.bindparam("tenant", type_=sa.Text())
        if indexed and term.form is Form.VALUE and term.operator is Operator.EQ and not term.again:
            return owner.in_(sa.select(part).where(tenant, matching))
        own: sa.Select[Any] = (
            sa.select(sa.literal_column("1")).select_from(part.table).where(tenant, part == owner, matching)
        )
        # A bare EXISTS becomes a join in PostgreSQL (as IN does), and to plan a hundred joins takes seconds.
        return own.correlate(owner.table).exists().is_(sa.true())

    return build


_DELIVERIES = webhook_deliveries.c
_RETURNS, _ITEMS = tables.returns.c, tables.return_items.c
_ORDERS, _LINES = tables.orders.c, tables.order_lines.c


def _of_items(of: Builder, *, indexed: bool = False) -> Builder:
    return _of_parts(_RETURNS.return_id, _ITEMS.return_id, of, indexed=indexed)


def _of_lines(of: Builder, *, indexed: bool = False) -> Builder:
    return _of_parts(_ORDERS.order_id, _LINES.order_id, of, indexed=indexed)


_THOUSAND = sa.literal_column("1000", type_=sa.BigInteger())
_RECEIVED: sa.ColumnElement[int] = sa.literal_column(str(int(GoodsState.RECEIVED)))

RETURNS: Mapping[str, Builder] = {
    "name": _id(_RETURNS.return_id),
    "number": _plain(_RETURNS.number),
    "state": _plain(_RETURNS.state),
    "goods_state": _plain(_RETURNS.goods_state),
    "close_reason": _plain(_RETURNS.close_reason),
    "received": _plain(_RETURNS.goods_state == _RECEIVED),
    "reason.code": _plain(_RETURNS.reason_code),
    "reason.details": _plain(_RETURNS.reason_details),
    "rejection.code": _optional(_RETURNS.rejection_code),
    "orders.order": _of_items(_id(_ITEMS.order_id), indexed=True),
    "orders.items.line_id": _of_items(_plain(_ITEMS.line_id)),
    "orders.items.product_id": _of_items(_plain(_ITEMS.product_id), indexed=True),
    "orders.items.reason.code": _of_items(_optional(_ITEMS.reason_code)),
    "orders.items.reason.details": _of_items(_optional(_ITEMS.reason_details)),
    "requestor.customer_id": _indexed_text(_RETURNS.customer_id),
    "requestor.guest_email": _indexed_text(_RETURNS.guest_email),
    "requestor.email": _plain(_RETURNS.requestor_email),
    "submitter.user_type": _plain(_RETURNS.submitter_type),
    "submitter.subject": _plain(_RETURNS.submitter_subject),
    "submitter.first_name": _plain(_RETURNS.submitter_first_name),
    "submitter.last_name": _plain(_RETURNS.submitter_last_name),
    "submitter.email": _plain(_RETURNS.submitter_email),
    "approver.type": _optional(_RETURNS.approver_type),
    "approver.id": _optional(_RETURNS.approver_id),
    "currency_code": _plain(_RETURNS.currency),
    "total.gross.units": _plain(_RETURNS.total_mills // _THOUSAND),
    "approved_total.gross.units": _optional(_RETURNS.approved_units),
    "create_time": _time(_RETURNS.create_time),
    "update_time": _time(_RETURNS.update_time),
    "approve_time": _time(_RETURNS.approve_time),
    "receive_time": _time(_RETURNS.receive_time),
    "close_time": _time(_RETURNS.close_time),
    "expire_time": _time(_RETURNS.expire_time),
    "version": _plain(_RETURNS.version),
    "attributes": attribute(_RETURNS.attributes),
}

RETURNS_AMONG_FEW: Mapping[str, Builder] = {**RETURNS, "state": _plain(unindexed(_RETURNS.state))}
"""The same where the filter or the viewer leaves few returns: planners without statistics take a state for as few."""

ORDERS: Mapping[str, Builder] = {
    "name": _id(_ORDERS.order_id),
    "customer_id": _indexed_text(_ORDERS.customer_id),
    "guest_email": _indexed_text(_ORDERS.guest_email),
    "currency_code": _plain(_ORDERS.currency),
    "place_time": _time(_ORDERS.place_time),
    "deliver_time": _time(_ORDERS.deliver_time),
    "create_time": _time(_ORDERS.create_time),
    "update_time": _time(_ORDERS.update_time),
    "lines.line_id": _of_lines(_plain(_LINES.line_id)),
    "lines.product_id": _of_lines(_plain(_LINES.product_id), indexed=True),
    "lines.product_name": _of_lines(_plain(_LINES.product_name)),
    # A filter's numbers have 64 bits, whatever fits into the column.
    "lines.quantity": _of_lines(_plain(sa.type_coerce(_LINES.quantity, sa.BigInteger()))),
    "lines.final_sale": _of_lines(_plain(_LINES.final_sale)),
}

_BEING_POSTED: sa.ColumnElement[int] = sa.literal_column(str(int(DeliveryState.LEASED)))
# While it is being posted, the time that it has is the end of the lease.
_NEXT_ATTEMPT = sa.case((_DELIVERIES.state != _BEING_POSTED, _DELIVERIES.next_time))

DELIVERIES: Mapping[str, Builder] = {
    "state": _plain(_DELIVERIES.state),
    "event_id": _plain(_DELIVERIES.event_id),
    "event_type": _plain(_DELIVERIES.event_type),
    "event_sequence": _plain(_DELIVERIES.sequence),
    "event_time": _time(_DELIVERIES.event_time),
    "return_name": _id(_DELIVERIES.return_id),
    "next_attempt_time": _optional(_NEXT_ATTEMPT),
    "create_time": _time(_DELIVERIES.create_time),
    "update_time": _time(_DELIVERIES.update_time),
}
