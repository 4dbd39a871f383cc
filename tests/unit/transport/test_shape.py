"""What is seen to keep the contract's rules by plain conditions keeps them as protovalidate says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from protovalidate import Validator

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_draft_pb2 import DraftItem, DraftOrder, ReturnDraft
from returns_server.domain.errors import FieldInvalid
from returns_server.transport.contract import SERVICES, methods_of
from returns_server.transport.decode.plain_rules import kept_by
from returns_server.transport.decode.shape import MAX_NAMED_ITEMS, shape_check

LONGEST = 3
TYPES = {
    method.request_type: kept
    for service in SERVICES.values()
    for method in methods_of(service)
    if (kept := kept_by(cast("Descriptor", method.request_type.DESCRIPTOR), LONGEST))
}
_validator = Validator()
_SPOILT = st.sampled_from(["", " ", "\n", "/", "A", "\0", "é", "٣", "ſ", "x" * 70])
_UUID = "018f3c5e-7a3b-7cde-8f01-23456789abcd"


@st.composite
def texts(draw: st.DrawFn, pattern: str) -> str:
    """Texts that match, texts that nearly do, and others."""
    matching = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True) if pattern else st.just("")
    text = draw(st.one_of(matching, st.just(_UUID), st.text(max_size=20)))
    if draw(st.booleans()):
        return text
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(_SPOILT) + text[at + draw(st.integers(0, 1)) :]


def values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    """Values of a field, of which many break its rules, and more keep them."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    if field.message_type is not None:
        return messages(field.message_type)
    if field.enum_type is not None:
        return st.integers(0, max(field.enum_type.values_by_number) + 1)
    if field.type == FieldDescriptor.TYPE_STRING:
        limits = [rules.string.max_len, rules.string.max_len + 1] if rules.string.max_len else [1]
        return texts(rules.string.pattern) | st.sampled_from(limits).map(lambda length: "é" * length)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    if field.type in (FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64):
        bounds = [rules.int32.gte - 1, rules.int32.gte, rules.int32.lte + 1, 2**31 - 1]
        return st.integers(-1, 2) | st.sampled_from(bounds)
    return st.nothing()


@st.composite
def messages(draw: st.DrawFn, of: Descriptor) -> dict[str, Any]:
    """Fields of a message: of the well-known types nothing, for the contract has no rules on what is in them."""
    if of.full_name.startswith("google."):
        return {}
    found = {}
    for field in of.fields:
        if draw(st.integers(0, 3)):
            value = values(field)
            found[field.name] = draw(st.lists(value, max_size=LONGEST) if field.is_repeated else value)
    return found


def creation(orders: int, items: int) -> pb.CreateReturnRequest:
    named = [DraftItem(line_id="1", quantity=1)] * items
    drafted = [DraftOrder(order=f"{number}", items=named) for number in range(orders)]
    draft = ReturnDraft(orders=drafted, reason=Reason(code="TOO_WIDE"))
    return pb.CreateReturnRequest(parent="tenants/acme", draft=draft, request_id=_UUID)


def test_what_is_asked_most_is_seen_without_protovalidate() -> None:
    assert TYPES[pb.GetReturnRequest](pb.GetReturnRequest(name=f"tenants/acme/returns/{_UUID}"))
    assert TYPES[pb.CreateReturnRequest](creation(orders=2, items=3))
    assert TYPES[pb.ListReturnsRequest](pb.ListReturnsRequest(parent="tenants/acme", page_size=50))


SPOILT: dict[str, Callable[[pb.CreateReturnRequest], None]] = {
    "no tenant": lambda request: request.ClearField("parent"),
    "no draft": lambda request: request.ClearField("draft"),
    "no order": lambda request: request.draft.orders[0].ClearField("order"),
    "no items": lambda request: request.draft.orders[0].ClearField("items"),
    "no units": lambda request: setattr(request.draft.orders[0].items[0], "quantity", 0),
    "no reason": lambda request: request.draft.orders[0].items[0].reason.SetInParent(),
    "a long code": lambda request: setattr(request.draft.reason, "code", "x" * 65),
    "a strange number": lambda request: setattr(request.draft.approver, "type", 9),
}


@pytest.mark.parametrize("name", SPOILT)
def test_one_broken_rule_is_enough(name: str) -> None:
    request = creation(orders=1, items=1)
    SPOILT[name](request)
    assert _validator.collect_violations(request)
    assert not TYPES[pb.CreateReturnRequest](request)


def test_long_lists_are_not_looked_at() -> None:
    assert not TYPES[pb.CreateReturnRequest](creation(orders=1, items=LONGEST + 1))
    assert not TYPES[pb.CreateReturnRequest](creation(orders=LONGEST + 1, items=1))


@pytest.mark.parametrize("orders", [1, 45, 100])
def test_a_draft_may_name_so_many_items(orders: int) -> None:
    check = shape_check(pb.CreateReturnRequest)
    each = min(1_000, MAX_NAMED_ITEMS // orders)
    check(creation(orders, each), False)
    with pytest.raises(FieldInvalid) as refused:
        check(creation(orders, each + 1), False)
    assert {violation.field.split("[")[0] for violation in refused.value.violations} == {"draft.orders"}


@pytest.mark.parametrize("request_type", TYPES, ids=lambda one: one.DESCRIPTOR.name)
@given(data=st.data())
def test_what_is_seen_to_keep_the_rules_keeps_them(request_type: type[Message], data: st.DataObject) -> None:
    request = request_type(**data.draw(messages(cast("Descriptor", request_type.DESCRIPTOR))))
    accepted = not _validator.collect_violations(request)
    assert accepted or not TYPES[request_type](request)
    holds_zero = b"\0" in request.SerializeToString()
    try:
        shape_check(request_type)(request, holds_zero)
        passed = True
    except FieldInvalid:
        passed = False
    assert passed == accepted or holds_zero
