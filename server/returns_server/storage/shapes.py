"""Filters without their values: those of one shape have one statement, whatever they compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from returns_server.filtering.tree import (
    And,
    Comparison,
    Expression,
    Field,
    Kind,
    Literal,
    Not,
    Operator,
    Or,
    Pattern,
    Present,
)

_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class Form(Enum):
    """What a field is compared with."""

    VALUE = "value"
    EMPTY_TEXT = "empty text"
    STARTS = "starts with"
    STARTS_LAST = "starts with, and nothing sorts behind"
    ENDS = "ends with"
    CONTAINS = "contains"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Term:
    """A comparison whose value are parameters: `NAME`, and where the form says so `NAMEe`, the end of a range.

    A literal of unknown type has `NAMEn` where it may be a number and `NAMEb` where it may be a truth; `depth` is the
    number of keys that lead to a field of the merchant's own. `again` marks a further value that the same field must
    equal: the first one narrows the list enough.
    """

    path: str
    operator: Operator
    form: Form
    name: str
    depth: int = 0
    number: bool = False
    truth: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of the terms."""

    terms: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Any of the terms."""

    terms: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Inverse:
    """Not the term."""

    term: Shape


Shape = Term | AllOf | AnyOf | Inverse


@dataclass(frozen=True, slots=True)
class Parametrised:
    """A shape with the values of its parameters, and by their names the keys to fields of the merchant's own."""

    shape: Shape
    values: dict[str, Any]
    keys: dict[str, tuple[str, ...]]


def parametrised(where: Expression) -> Parametrised:
    """The filter with parameter names in place of its values, and the values."""
    names = (f"f{number}" for number in range(10_000))
    found = Parametrised(AllOf(()), {}, {})
    shape = _with_repeats_marked(_shape(where, names, found), set())
    return Parametrised(shape, found.values, found.keys)


def _with_repeats_marked(shape: Shape, seen: set[str]) -> Shape:
    match shape:
        case Term(path, Operator.EQ, Form.VALUE, depth=0):
            repeated = path in seen
            seen.add(path)
            return replace(shape, again=True) if repeated else shape
        case AllOf(terms):
            return AllOf(tuple(_with_repeats_marked(term, seen) for term in terms))
        case _:
            return shape


def narrowed_by(shape: Shape) -> frozenset[str]:
    """The fields that must equal a value for the filter to hold."""
    match shape:
        case Term(path, Operator.EQ, Form.VALUE, depth=0):
            return frozenset({path})
        case AllOf(terms):
            return frozenset[str]().union(*(narrowed_by(term) for term in terms))
        case _:
            return frozenset()


def terms_of(shape: Shape) -> list[Term] | None:
    """The terms that all must hold; None where the filter is more than their conjunction."""
    match shape:
        case Term():
            return [shape]
        case AllOf(terms):
            parts = [terms_of(term) for term in terms]
            return None if any(part is None for part in parts) else [term for part in parts for term in part or ()]
        case _:
            return None


def _shape(where: Expression, names: Iterator[str], found: Parametrised) -> Shape:
    match where:
        case Comparison(field, compared, value):
            return _term(field, compared, value, next(names), found)
        case Present(field):
            name = next(names)
            found.keys[name] = field.keys
            return Term(field.path, Operator.EQ, Form.PRESENT, name, len(field.keys))
        case And(terms):
            return AllOf(tuple(_shape(term, names, found) for term in terms))
        case Or(terms):
            return AnyOf(tuple(_shape(term, names, found) for term in terms))
        case Not(term):
            return Inverse(_shape(term, names, found))


def _term(field: Field, compared: Operator, value: object, name: str, found: Parametrised) -> Term:
    values, depth = found.values, len(field.keys)
    if depth:
        found.keys[name] = field.keys
    match value:
        case Pattern(text, starts_open, ends_open):
            values[name] = text
            if starts_open:
                form = Form.CONTAINS if ends_open else Form.ENDS
                return Term(field.path, compared, form, name, depth)
            behind = _behind(text)
            if behind is None:
                return Term(field.path, compared, Form.STARTS_LAST, name, depth)
            values[f"{name}e"] = behind
            return Term(field.path, compared, Form.STARTS, name, depth)
        case Literal(text, number, truth):
            values[name] = text
            if number is not None:
                values[f"{name}n"] = number
            if truth is not None:
                values[f"{name}b"] = truth
            has_number, has_truth = number is not None, truth is not None
            return Term(field.path, compared, Form.VALUE, name, depth, has_number, has_truth)
        case _:
            values[name] = value
            empty = field.kind is Kind.TEXT and value == "" and compared is Operator.EQ
            return Term(field.path, compared, Form.EMPTY_TEXT if empty else Form.VALUE, name)


def _behind(text: str) -> str | None:
    """The first text, by code point, behind all that begin with this one; None where there is none."""
    for end in range(len(text), 0, -1):
        code = ord(text[end - 1]) + 1
        if code in _SURROGATES:
            code = _SURROGATES.stop
        if code <= _LAST_CHARACTER:
            return text[: end - 1] + chr(code)
    return None
