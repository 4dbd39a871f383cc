"""The shape of a message: the rules of the contract (protovalidate), and no NUL in any text."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from protovalidate import Validator
from protovalidate import Violation as Found

from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from returns_server.domain.errors import FieldInvalid, Violation
from returns_server.domain.returns import MAX_ITEMS
from returns_server.transport.decode.malformed import Malformed
from returns_server.transport.decode.nul import texts_with_nul
from returns_server.transport.decode.plain_rules import kept_by

_MAX_VIOLATIONS = 100
MAX_NAMED_ITEMS = 2 * MAX_ITEMS
"""Items in a draft before those of one line are added up."""
_validator = Validator()


Check = Callable[[Message | Malformed, bool], None]
"""Raises FieldInvalid with every field that breaks a rule; told whether the encoded message holds a zero byte.

Without one no text holds a NUL. Nearly all messages are spared that walk; the byte also stands in numbers, but rarely.
"""


def shape_check(request_type: type[Message]) -> Check:
    """The check of requests of a type, its rules compiled now rather than with the first request."""
    _validator.collect_violations(request_type())
    has_draft = "draft" in request_type.DESCRIPTOR.fields_by_name
    # Lists within lists of so many elements name no more items than a draft may.
    kept = kept_by(cast("Descriptor", request_type.DESCRIPTOR), isqrt(MAX_NAMED_ITEMS))

    def check(request: Message | Malformed, holds_zero: bool) -> None:
        if isinstance(request, Malformed):
            raise request.refuse()
        if kept is not None and not holds_zero and kept(request):
            return
        if has_draft:
            _check_drafted(request)
        found = [_violation(one) for one in _validator.collect_violations(request)[:_MAX_VIOLATIONS]]
        if holds_zero:
            found += [Violation(path, "must not hold the character NUL") for path in texts_with_nul(request)]
        if found:
            raise FieldInvalid(tuple(found))

    return check


def _check_drafted(request: Message) -> None:
    """Refuse a draft that names far too many items before anything looks at each of them."""
    draft: ReturnDraft = getattr(request, "draft")  # noqa: B009  (of a type that only the descriptor tells)
    if sum(len(order.items) for order in draft.orders) > MAX_NAMED_ITEMS:
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
