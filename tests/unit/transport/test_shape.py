"""What is seen without protovalidate is what protovalidate says of the same message."""

from __future__ import annotations

import re

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from protovalidate import Validator

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.domain.errors import FieldInvalid
from returns_server.transport.contract import SERVICES, methods_of
from returns_server.transport.decode.shape import shape_check, simple_rules

TYPES = {
    method.request_type: rules
    for service in SERVICES.values()
    for method in methods_of(service)
    if (rules := simple_rules(method.request_type)) is not None
}
_validator = Validator()
_SPOILT = st.sampled_from(["", " ", "\n", "/", "A", "\0", "é", "٣", "ſ", "x" * 70])


@st.composite
def texts(draw: st.DrawFn, pattern: re.Pattern[str]) -> str:
    """Texts that match, texts that nearly do, and others."""
    text = draw(st.one_of(st.from_regex(pattern, fullmatch=True), st.text(max_size=20)))
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(_SPOILT) + text[at + draw(st.integers(0, 1)) :]


def test_single_things_and_lists_are_seen_without_protovalidate() -> None:
    assert {pb.GetReturnRequest, pb.ListReturnsRequest} <= set(TYPES)
    assert not {pb.CreateReturnRequest, pb.BatchGetReturnsRequest, pb.DeleteReturnRequest} & set(TYPES)


@pytest.mark.parametrize("request_type", TYPES, ids=lambda one: one.DESCRIPTOR.name)
@settings(deadline=None)
@given(data=st.data())
def test_simple_rules_let_pass_what_protovalidate_does(request_type: type[Message], data: st.DataObject) -> None:
    check, rules = shape_check(request_type), TYPES[request_type]
    drawn: dict[str, object] = {name: data.draw(texts(pattern)) for name, pattern in rules.patterns}
    drawn |= {name: data.draw(st.integers(least - 2, least + 2)) for name, least in rules.least}
    request = request_type(**drawn)
    accepted = not _validator.collect_violations(request)
    assert rules.hold(request) == accepted
    try:
        check(request, b"\0" in request.SerializeToString())
        passed = True
    except FieldInvalid:
        passed = False
    assert passed == accepted
