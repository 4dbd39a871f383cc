"""Conditions on the merchant's own fields: a value there is compared by the type that it has."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from returns_server.filtering.tree import Operator
from returns_server.storage.clauses import Sql
from returns_server.storage.dialects import Dialect, ElementTests
from returns_server.storage.shapes import Form, Term

_EQUALITY = frozenset({Operator.EQ, Operator.NE})


def attribute(column: sa.Column[object]) -> Callable[[Term, Dialect], sa.ColumnElement[bool]]:
    """The builder of conditions on what keys lead to in a column of JSON objects."""
    place = str(column)

    def build(term: Term, dialect: Dialect) -> sa.ColumnElement[bool]:
        if term.form is Form.PRESENT:
            if not term.depth:
                return column.is_not(None)
            return Sql(dialect.json_present(place, term.name, term.depth))
        return Sql(dialect.json_condition(place, term.name, term.depth, _tests(term, dialect)))

    return build


def _tests(term: Term, dialect: Dialect) -> ElementTests:
    """What must hold of a text, a number or a truth that stands in the place; see `filtering.tree.Literal`."""
    unlike = "true" if term.operator is Operator.NE else "false"
    if term.form is not Form.VALUE:
        matching = _pattern(term, dialect)
        texts = matching if term.operator is Operator.EQ else f"NOT ({matching})"
        return ElementTests(texts, unlike, unlike)
    comparison = "<>" if term.operator is Operator.NE else term.operator.value
    by_value = term.operator in _EQUALITY
    return ElementTests(
        text=f"{{}} {comparison} :{term.name}" if by_value or not (term.number or term.truth) else "false",
        number=f"{{}} {comparison} {dialect.json_number_parameter(f'{term.name}n')}" if term.number else unlike,
        truth=f"{{}} {comparison} :{term.name}b" if term.truth and by_value else unlike,
    )


def _pattern(term: Term, dialect: Dialect) -> str:
    match term.form:
        case Form.STARTS:
            return f"{{0}} >= :{term.name} AND {{0}} < :{term.name}e"
        case Form.STARTS_LAST:
            return f"{{}} >= :{term.name}"
        case Form.ENDS:
            return dialect.ends_with("{0}", term.name)
        case _:
            return dialect.contains("{0}", term.name)
