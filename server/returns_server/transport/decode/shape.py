"""The shape of a message: the rules of the contract (protovalidate), and no NUL in any text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from protovalidate import Validator
from protovalidate import Violation as Found

from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from returns_server.domain.errors import FieldInvalid, Violation
from returns_server.domain.returns import MAX_ITEMS
from returns_server.transport.decode.malformed import Malformed

_MAX_VIOLATIONS = 100
MAX_NAMED_ITEMS = 2 * MAX_ITEMS
"""Items in a draft before those of one line are added up."""
_MAX_DEPTH = 64
_validator = Validator()


def warm(request_type: type[Message]) -> None:
    """Compile the rules of a message now rather than with its first request."""
    _validator.collect_violations(request_type())


def check_shape(request: Message | Malformed) -> None:
    """Raise FieldInvalid with every field that breaks a rule."""
    if isinstance(request, Malformed):
        raise request.refuse()
    _check_drafted(request)
    found = [_violation(one) for one in _validator.collect_violations(request)[:_MAX_VIOLATIONS]]
    # Looking for the byte first spares nearly every message the walk: it also stands in numbers, but rarely.
    if b"\0" in request.SerializeToString():
        found += [Violation(path, "must not hold the character NUL") for path in _texts_with_nul(request, "", 0)]
    if found:
        raise FieldInvalid(tuple(found))


def _check_drafted(request: Message) -> None:
    """Refuse a draft that names far too many items before anything looks at each of them."""
    draft = getattr(request, "draft", None)
    if isinstance(draft, ReturnDraft) and sum(len(order.items) for order in draft.orders) > MAX_NAMED_ITEMS:
        raise FieldInvalid.at("draft.orders", f"names more than {MAX_NAMED_ITEMS} items")


def _violation(found: Found) -> Violation:
    elements = found.proto.field.elements if found.proto.field is not None else ()
    path = ""
    for element in elements:
        path += ("." if path else "") + element.field_name
        if element.subscript is not None:
            value = element.subscript.value
            path += f"[{value}]" if element.subscript.field == "index" else f'["{value}"]'
    message = found.proto.message or found.proto.rule_id
    return Violation(path or "request", message)


def _texts_with_nul(message: Message, path: str, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    for field, value in message.ListFields():
        here = f"{path}.{field.name}" if path else field.name
        yield from _in_field(field, value, here, depth)


def _in_field(field: FieldDescriptor, value: Any, path: str, depth: int) -> Iterator[str]:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        for key, entry in value.items():
            if isinstance(key, str) and "\0" in key:
                yield f"{path}[{key!r}]"
            yield from _in_value(entry, f'{path}["{key}"]', depth)
    elif field.is_repeated:
        for index, entry in enumerate(value):
            yield from _in_value(entry, f"{path}[{index}]", depth)
    else:
        yield from _in_value(value, path, depth)


def _in_value(value: Any, path: str, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if "\0" in value:
            yield path
    elif isinstance(value, Message):
        yield from _texts_with_nul(value, path, depth + 1)
