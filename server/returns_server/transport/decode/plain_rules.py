"""Rules of the contract as plain conditions, by which most messages are seen to keep them.

protovalidate would take a twentieth of a CreateReturn. A condition says of a message that it keeps all rules, or
nothing: what is wrong with it, and rules of other kinds, are protovalidate's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

Holds = Callable[[Any], object]
"""A condition: what it answers is true where it holds."""

_PLAIN = {
    "string": {"min_len", "max_len", "pattern", "uuid"},
    "int32": {"gte", "lte"},
    "enum": {"defined_only"},
    "repeated": {"min_items", "max_items"},
}
"""The rules that are conditions here, by the kind of their field."""
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def kept_by(message: Descriptor, longest: int) -> Holds | None:
    """Whether a message of this type surely keeps the contract; None where that is to be seen of none.

    What is in a list of more than `longest` elements is not looked at.
    """
    if message.GetOptions().HasExtension(validate_pb2.message) or any(
        oneof.GetOptions().HasExtension(validate_pb2.oneof) for oneof in message.oneofs
    ):
        return None
    conditions = []
    for field in message.fields:
        if _has_rules(field, set()):
            condition = _condition(field, longest)
            if condition is None:
                return None
            conditions.append(condition)

    def holds(value: Any) -> bool:
        for condition in conditions:  # noqa: SIM110  (a generator for all() would take as long again)
            if not condition(value):
                return False
        return True

    return holds


def _rules(field: FieldDescriptor) -> validate_pb2.FieldRules:
    return field.GetOptions().Extensions[validate_pb2.field]


def _has_rules(field: FieldDescriptor, seen: set[str]) -> bool:
    """Whether a rule stands on the field or anywhere below it."""
    if field.GetOptions().HasExtension(validate_pb2.field):
        return True
    below = field.message_type
    if below is None or below.full_name in seen:
        return False
    seen.add(below.full_name)
    return below.GetOptions().HasExtension(validate_pb2.message) or any(_has_rules(one, seen) for one in below.fields)


def _condition(field: FieldDescriptor, longest: int) -> Holds | None:
    """The condition on a field of a message; None where some of its rules cannot be seen here."""
    rules, name = _rules(field), field.name
    kind = rules.WhichOneof("type")
    named = {rule.name for rule, _ in rules.ListFields()}
    ours = {rule.name for rule, _ in getattr(rules, kind).ListFields()} if kind else set()
    plain = named <= {"required", "ignore", kind} and ours <= _PLAIN.get(kind or "", set())
    plain = plain and rules.ignore in (validate_pb2.IGNORE_UNSPECIFIED, validate_pb2.IGNORE_IF_ZERO_VALUE)
    inner = kept_by(field.message_type, longest) if field.message_type is not None else None
    if field.is_repeated:
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        if not plain or is_map or (field.message_type is not None and inner is None):
            return None
        return _list(name, rules, inner, longest)
    if field.message_type is not None:
        if inner is None or not plain:
            return None if rules.required else lambda message: not message.HasField(name)
        return _nested(name, inner, rules.required)
    if not plain or field.has_presence:
        return None
    tests = _tests(rules, field)
    may_be_zero = rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE or all(test(field.default_value) for test in tests)
    return _value(name, tests, may_be_zero and not rules.required)


def _value(name: str, tests: list[Holds], may_be_zero: bool) -> Holds:
    def holds(message: Any) -> bool:
        value = getattr(message, name)
        if not value:
            return may_be_zero
        for test in tests:  # noqa: SIM110
            if not test(value):
                return False
        return True

    return holds


def _tests(rules: validate_pb2.FieldRules, field: FieldDescriptor) -> list[Holds]:
    """What must hold of a text or a number."""
    tests: list[Holds] = []
    text, number = rules.string, rules.int32
    shortest, longest, least, most = text.min_len, text.max_len, number.gte, number.lte
    if text.HasField("min_len"):
        tests.append(lambda value: len(value) >= shortest)
    if text.HasField("max_len"):
        tests.append(lambda value: len(value) <= longest)
    if text.HasField("pattern"):
        tests.append(re.compile(text.pattern, re.ASCII).fullmatch)
    if text.uuid:
        tests.append(_UUID.fullmatch)
    if number.HasField("gte"):
        tests.append(lambda value: value >= least)
    if number.HasField("lte"):
        tests.append(lambda value: value <= most)
    if rules.enum.defined_only and field.enum_type is not None:
        tests.append(frozenset(field.enum_type.values_by_number).__contains__)
    return tests


def _nested(name: str, inner: Holds, required: bool) -> Holds:
    def holds(message: Any) -> object:
        if not message.HasField(name):
            return not required
        return inner(getattr(message, name))

    return holds


def _list(name: str, rules: validate_pb2.FieldRules, inner: Holds | None, longest: int) -> Holds:
    bounds = rules.repeated
    least = max(bounds.min_items, int(rules.required))
    most = min(bounds.max_items, longest) if bounds.HasField("max_items") else longest

    def holds(message: Any) -> bool:
        values = getattr(message, name)
        if not least <= len(values) <= most:
            return False
        if inner is not None:
            for value in values:
                if not inner(value):
                    return False
        return True

    return holds
