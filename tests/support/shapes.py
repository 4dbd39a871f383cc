"""Arbitrary requests: messages of any type from its descriptor, with values that are wrong in every way."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

_MAX_DEPTH = 4

TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "tenants/acme",
            "tenants/acme/returns/abc",
            "tenants/acme/orders/o1",
            "tenants/acme/returnPolicy",
            "tenants/-",
            "o1",
            "1",
            "c1",
            "EUR",
            "XXX",
            "a@b",
            "19",
            "*",
            "state=PENDING",
            "create_time desc",
            "\0",
            "'; DROP TABLE returns; --",
            "%s%s{0}",
            "\u202e\ud7ff\U0010ffff",
            "0b5e7a3c-9d41-4f0a-8c2e-1d6f3b7a9e55",
        ]
    ),
    st.text(max_size=80),
)
_INTS = {
    32: st.one_of(st.sampled_from([0, 1, 2, -1, 2**31 - 1, -(2**31)]), st.integers(-(2**31), 2**31 - 1)),
    64: st.one_of(st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63), 253402300800]), st.integers(-(2**63), 2**63 - 1)),
}
_F = FieldDescriptor


def _scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.type == _F.TYPE_STRING:
        return TEXTS
    if field.type == _F.TYPE_BOOL:
        return st.booleans()
    if field.type == _F.TYPE_ENUM:
        return st.one_of(st.sampled_from([0, 1, 2, 3, 99, -1]), _INTS[32])
    if field.type == _F.TYPE_INT32:
        return _INTS[32]
    if field.type == _F.TYPE_INT64:
        return _INTS[64]
    if field.type == _F.TYPE_DOUBLE:
        return st.floats()
    if field.type == _F.TYPE_BYTES:
        return st.binary(max_size=40)
    raise AssertionError(f"no values for {field.full_name}")


def messages(kind: type[Message]) -> st.SearchStrategy[Any]:
    """Any message of a type."""
    return st.composite(_drawn)(kind)


def _drawn(draw: st.DrawFn, kind: type[Message], depth: int = 0) -> Message:
    message = kind()
    fields: Any = kind.DESCRIPTOR.fields
    for field in fields:
        if draw(st.integers(0, 3 if depth else 1)) == 0:
            continue
        _fill(draw, message, field, depth)
    return message


def _fill(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is None:
        if field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(_scalar(field), max_size=3)))
        else:
            setattr(message, field.name, draw(_scalar(field)))
        return
    if depth >= _MAX_DEPTH:
        return
    inner = GetMessageClass(field.message_type)
    target = getattr(message, field.name)
    if field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"]
        for key in draw(st.lists(TEXTS, max_size=2)):
            if value.message_type is None:
                target[key] = draw(_scalar(value))
            else:
                target[key].CopyFrom(_drawn(draw, GetMessageClass(value.message_type), depth + 1))
    elif field.is_repeated:
        target.extend(_drawn(draw, inner, depth + 1) for _ in range(draw(st.integers(0, 2))))
    else:
        target.CopyFrom(_drawn(draw, inner, depth + 1))


def spoiled(message: Message) -> st.SearchStrategy[Any]:
    """The message with one of its fields, at any depth, set to anything at all."""
    return st.composite(_spoiled)(message)


def _spoiled(draw: st.DrawFn, message: Message) -> Message:
    spoilt = type(message)()
    spoilt.CopyFrom(message)
    part: Any = spoilt
    depth = 0
    while True:
        field = draw(st.sampled_from(list(part.DESCRIPTOR.fields)))
        inner = _inside(draw, part, field)
        if inner is None or draw(st.integers(0, 3)) == 0:
            part.ClearField(field.name)
            _fill(draw, part, field, depth)
            return spoilt
        part, depth = inner, min(depth + 1, _MAX_DEPTH - 1)


def _inside(draw: st.DrawFn, message: Any, field: FieldDescriptor) -> Any:
    """A message that a field holds, to go on in; None where it holds none."""
    if field.message_type is None or field.message_type.GetOptions().map_entry or not field.message_type.fields:
        return None
    value = getattr(message, field.name)
    if not field.is_repeated:
        return value if message.HasField(field.name) else None
    return draw(st.sampled_from(list(value))) if len(value) else None
