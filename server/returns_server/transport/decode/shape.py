"""The shape of a message: the rules of the contract (protovalidate), and no NUL in any text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from buf.validate import validate_pb2
from google.protobuf.message import Message
from protovalidate import Validator
from protovalidate import Violation as Found

from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from returns_server.domain.errors import FieldInvalid, Violation
from returns_server.domain.returns import MAX_ITEMS
from returns_server.transport.decode.malformed import Malformed
from returns_server.transport.decode.nul import texts_with_nul

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
    simple = simple_rules(request_type)

    def check(request: Message | Malformed, holds_zero: bool) -> None:
        if isinstance(request, Malformed):
            raise request.refuse()
        if simple is not None and not holds_zero and simple.hold(request):
            return
        if has_draft:
            _check_drafted(request)
        found = [_violation(one) for one in _validator.collect_violations(request)[:_MAX_VIOLATIONS]]
        if holds_zero:
            found += [Violation(path, "must not hold the character NUL") for path in texts_with_nul(request)]
        if found:
            raise FieldInvalid(tuple(found))

    return check


class Simple(NamedTuple):
    """Rules of a message that has no others: patterns of texts, and how much numbers must be at least."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    least: tuple[tuple[str, int], ...]

    def hold(self, request: Message) -> bool:
        """Whether the message keeps them."""
        matching = all(pattern.fullmatch(getattr(request, name)) for name, pattern in self.patterns)
        return matching and all(getattr(request, name) >= least for name, least in self.least)


def simple_rules(request_type: type[Message]) -> Simple | None:
    """The rules of a message, where they are simple ones of single texts and numbers; else None.

    So much is seen without protovalidate, which would take a twentieth of a GetReturn. It says what is wrong where they
    are broken.
    """
    descriptor = request_type.DESCRIPTOR
    if descriptor.GetOptions().HasExtension(validate_pb2.message) or descriptor.oneofs:
        return None
    patterns, least = [], []
    for field in descriptor.fields:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        said = {rule.name for rule, _ in rules.ListFields()}
        if field.is_repeated or field.message_type is not None:
            return None
        if "string" in said and said <= {"required", "string"} and _names(rules.string) == ["pattern"]:
            patterns.append((field.name, re.compile(rules.string.pattern, re.ASCII)))
        elif said == {"int32"} and _names(rules.int32) == ["gte"]:
            least.append((field.name, rules.int32.gte))
        elif said:
            return None
    return Simple(tuple(patterns), tuple(least))


def _names(rules: Message) -> list[str]:
    return [rule.name for rule, _ in rules.ListFields()]


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
