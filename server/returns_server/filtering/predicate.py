"""Checked filters as predicates over messages; the SQL of both databases must agree with them on every input.

Messages are protobuf's, but nothing here imports it: a descriptor says how to reach a field, once for each filter.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from returns_server.domain.ids import SECOND
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

Predicate = Callable[[Any], bool]
"""Whether a filter holds of a message."""
_Values = Callable[[Any], Iterator[Any]]
"""What a message has for a field: one value, any number for a repeated field, none where it is unset."""

_COMPARE: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
_FIELD_MASK = "google.protobuf.FieldMask"
_KEPT = 256


def matches(expression: Expression, message: Any) -> bool:
    """Whether a filter holds of a message."""
    return compiled(expression, message.DESCRIPTOR)(message)


@lru_cache(maxsize=_KEPT)
def compiled(expression: Expression, descriptor: Any) -> Predicate:
    """The predicate of a filter over messages of this descriptor; filters of another kind of message raise KeyError."""
    match expression:
        case Comparison(field, compared, value):
            return _any(_values(field, descriptor), _test(field, compared, value))
        case Present(field):
            return _any(_values(field, descriptor), _is_set(field))
        case And(terms):
            required = tuple(compiled(term, descriptor) for term in terms)
            return lambda message: all(term(message) for term in required)
        case Or(terms):
            sufficient = tuple(compiled(term, descriptor) for term in terms)
            return lambda message: any(term(message) for term in sufficient)
        case Not(term):
            refused = compiled(term, descriptor)
            return lambda message: not refused(message)


def _any(values: _Values, test: Predicate) -> Predicate:
    return lambda message: any(test(value) for value in values(message))


def _values(field: Field, descriptor: Any) -> _Values:
    """Every value of a field, as the filter compares it."""
    reach = _reach(field.path.split("."), descriptor)
    match field.kind:
        case Kind.TIME:
            return lambda message: (time.seconds * SECOND + time.nanos // 1_000 for time in reach(message))
        case Kind.ORDER | Kind.RETURN:
            return lambda message: (name.rpartition("/")[2] for name in reach(message))
        case Kind.JSON:
            return lambda message: _found(reach(message), field.keys)
        case _:
            return reach


def _reach(path: Sequence[str], descriptor: Any) -> _Values:
    """What stands at the end of a path, through every element of what is repeated."""
    name, *rest = path
    field = descriptor.fields_by_name[name]
    if field.message_type is not None and field.message_type.full_name == _FIELD_MASK:
        rest = ["paths"]
    further = _reach(rest, field.message_type) if rest else _itself
    if field.is_repeated:
        return lambda message: (found for element in getattr(message, name) for found in further(element))
    if field.has_presence:
        return lambda message: further(getattr(message, name)) if message.HasField(name) else iter(())
    return lambda message: further(getattr(message, name))


def _itself(value: Any) -> Iterator[Any]:
    """The value itself."""
    yield value


def _found(structs: Iterator[Any], keys: Sequence[str]) -> Iterator[Any]:
    """What the keys lead to in an object; of a list, its elements. The object itself where there are no keys."""
    for struct in structs:
        if not keys:
            yield struct
            continue
        value = None
        for key in keys:
            # Asking a map of messages for a key would put it there.
            value = struct.fields[key] if struct is not None and key in struct.fields else None
            struct = value.struct_value if value is not None and value.HasField("struct_value") else None  # noqa: PLW2901
        if value is None:
            return
        if value.HasField("list_value"):
            yield from value.list_value.values
        else:
            yield value


def _test(field: Field, compared: Operator, value: Any) -> Predicate:
    """Whether one value of the field compares as it should."""
    if isinstance(value, Literal) or (isinstance(value, Pattern) and field.kind is Kind.JSON):
        return _json_test(compared, value)
    if isinstance(value, Pattern):
        expected = compared is Operator.EQ
        return lambda found: value.matches(found) is expected
    compare = _COMPARE[compared]
    return lambda found: compare(found, value)


def _json_test(compared: Operator, value: Literal | Pattern) -> Predicate:
    """Text, numbers and truths each by their own; objects, lists within lists and null are never compared."""
    compare, unlike = _COMPARE[compared], compared is Operator.NE
    literal = value if isinstance(value, Literal) else Literal("")

    def text(found: str) -> bool:
        if isinstance(value, Pattern):
            return value.matches(found) is not unlike
        ordered = compared in (Operator.EQ, Operator.NE) or value.orders_texts
        return ordered and compare(found, value.text)

    def test(found: Any) -> bool:
        match found.WhichOneof("kind"):
            case "string_value":
                return text(found.string_value)
            case "number_value":
                return unlike if literal.number is None else compare(found.number_value, literal.number)
            case "bool_value":
                ordered = compared not in (Operator.EQ, Operator.NE)
                if literal.truth is None or ordered:
                    return unlike
                return compare(found.bool_value, literal.truth)
            case _:
                return False

    return test


def _is_set(field: Field) -> Predicate:
    if field.kind is Kind.TIME:
        return lambda _: True
    if field.kind is Kind.JSON:
        return _json_is_set if field.keys else lambda struct: bool(struct.fields)
    return bool


def _json_is_set(found: Any) -> bool:
    match found.WhichOneof("kind"):
        case "null_value" | None:
            return False
        case "struct_value":
            return bool(found.struct_value.fields)
        case "list_value":
            return bool(found.list_value.values)
        case _:
            return True
