"""What is seen by patterns alone is what protovalidate says of the same message."""

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
from returns_server.transport.decode.shape import patterns_alone, shape_check

TYPES = {
    method.request_type: patterns_alone(method.request_type)
    for service in SERVICES.values()
    for method in methods_of(service)
    if patterns_alone(method.request_type)
}
_validator = Validator()
_SPOILT = st.sampled_from(["", " ", "\n", "/", "A", "\0", "é", "٣", "ſ", "x" * 70])


@st.composite
def texts(draw: st.DrawFn, pattern: re.Pattern[str]) -> str:
    """Texts that match, texts that nearly do, and others."""
    text = draw(st.one_of(st.from_regex(pattern, fullmatch=True), st.text(max_size=20)))
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(_SPOILT) + text[at + draw(st.integers(0, 1)) :]


def test_single_things_are_looked_up_by_patterns_alone() -> None:
    assert pb.GetReturnRequest in TYPES
    assert pb.ListReturnsRequest not in TYPES


@pytest.mark.parametrize("request_type", TYPES, ids=lambda one: one.DESCRIPTOR.name)
@settings(deadline=None)
@given(data=st.data())
def test_patterns_let_pass_what_protovalidate_does(request_type: type[Message], data: st.DataObject) -> None:
    check = shape_check(request_type)
    request = request_type(**{name: data.draw(texts(pattern)) for name, pattern in TYPES[request_type]})
    accepted = not _validator.collect_violations(request)
    assert all(p.fullmatch(getattr(request, name)) is not None for name, p in TYPES[request_type]) == accepted
    try:
        check(request, b"\0" in request.SerializeToString())
        passed = True
    except FieldInvalid:
        passed = False
    assert passed == accepted
