"""Checked filters as SQL conditions: one table of fields a list, so that a new field is a new row.

Every condition is two-valued, as the filter language is: what it compares is never null, or tested for null first.
So `NOT` inverts exactly, and a comparison with something unset is false, `!=` too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from returns_server.filtering.tree import And, Comparison, Expression, Not, Operator, Or
from returns_server.storage import tables

Condition = sa.ColumnElement[bool]
Builder = Callable[[Operator, str], Condition]
"""The condition that compares a field with the value of a named parameter."""

_COMPARE: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}


def given(column: sa.Column[str]) -> Condition:
    """Whether a text that is empty while unset is set, in the very words of the partial indexes."""
    return column != sa.literal_column("''")


def parametrised(where: Expression) -> tuple[Expression, dict[str, Any]]:
    """The filter with parameter names in place of its values, and the values.

    Filters of one shape so have one statement, whatever they compare with.
    """
    values: dict[str, Any] = {}
    return _parametrised(where, values), values


def _parametrised(where: Expression, values: dict[str, Any]) -> Expression:
    match where:
        case Comparison(value=value):
            name = f"f{len(values)}"
            values[name] = value
            return replace(where, value=name)
        case And(terms):
            return And(tuple(_parametrised(term, values) for term in terms))
        case Or(terms):
            return Or(tuple(_parametrised(term, values) for term in terms))
        case Not(term):
            return Not(_parametrised(term, values))


def condition(shape: Expression, fields: Mapping[str, Builder]) -> Condition:
    """The condition for a filter whose values are parameter names (see `parametrised`)."""
    match shape:
        case Comparison(field, compared, name):
            return fields[field.path](compared, str(name))
        case And(terms):
            return sa.and_(sa.true(), *(condition(term, fields) for term in terms))
        case Or(terms):
            return sa.or_(sa.false(), *(condition(term, fields) for term in terms))
        case Not(term):
            return sa.not_(condition(term, fields))


def narrowed_by(shape: Expression) -> frozenset[str]:
    """The fields that must equal a value for the filter to hold."""
    match shape:
        case Comparison(field, Operator.EQ):
            return frozenset({field.path})
        case And(terms):
            return frozenset[str]().union(*(narrowed_by(term) for term in terms))
        case _:
            return frozenset()


def _compare(column: sa.Column[Any], compared: Operator, name: str) -> Condition:
    clause: Condition = _COMPARE[compared](column, sa.bindparam(name, type_=column.type))
    return clause


def _plain(column: sa.Column[Any]) -> Builder:
    """A field that always has a value."""
    return lambda compared, name: _compare(column, compared, name)


def _text(column: sa.Column[str]) -> Builder:
    """A text that is empty while unset."""
    return lambda compared, name: sa.and_(given(column), _compare(column, compared, name))


def _of_items(column: sa.Column[Any]) -> Builder:
    """A field of the items; any item may match. The items' own index finds the returns, not the reverse."""
    items, returns = tables.return_items.c, tables.returns.c

    def build(compared: Operator, name: str) -> Condition:
        matching = sa.select(items.return_id).where(items.tenant == sa.bindparam("tenant"))
        return returns.return_id.in_(matching.where(_compare(column, compared, name)))

    return build


RETURNS: Mapping[str, Builder] = {
    "state": _plain(tables.returns.c.state),
    "requestor.customer_id": _text(tables.returns.c.customer_id),
    "requestor.guest_email": _text(tables.returns.c.guest_email),
    "orders.order": _of_items(tables.return_items.c.order_id),
    "create_time": _plain(tables.returns.c.create_time),
}

ORDERS: Mapping[str, Builder] = {
    "customer_id": _text(tables.orders.c.customer_id),
    "guest_email": _text(tables.orders.c.guest_email),
    "place_time": _plain(tables.orders.c.place_time),
}
