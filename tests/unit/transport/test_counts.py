"""Everything that a request may repeat has a bound, and what is beyond it is told without looking at each element."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.domain.errors import FieldInvalid
from returns_server.transport.decode.counts import bounds_of
from returns_server.transport.decode.malformed import Malformed, deserializer
from tests.support.methods import METHODS

BOUNDED_BY_CODE = {"google.protobuf.FieldMask", "google.protobuf.Struct", "google.protobuf.ListValue"}
"""Masks and attributes, whose own limits are tested where these are decoded."""


def _repeated(descriptor: Descriptor, names: tuple[str, ...] = ()) -> Iterator[str]:
    """Every field that is repeated and not within another one that is, in the order of the message."""
    for field in descriptor.fields:
        if field.is_repeated:
            yield ".".join((*names, field.name))
        elif field.message_type is not None and field.message_type.full_name not in BOUNDED_BY_CODE:
            yield from _repeated(field.message_type, (*names, field.name))


@pytest.mark.parametrize("name", METHODS)
def test_what_a_request_repeats_has_a_bound(name: str) -> None:
    request_type = METHODS[name].request_type
    descriptor: Any = request_type.DESCRIPTOR
    assert set(_repeated(descriptor)) == {bound.path for bound in bounds_of(request_type)}


@pytest.mark.parametrize("count", [1_001, 300_000])
def test_too_many_are_refused_at_their_field_in_no_time(count: int) -> None:
    request = pb.RecordReceiptRequest(name="x" * 9_000, items=[pb.RecordReceiptRequest().items.add()] * count)
    encoded = request.SerializeToString()
    began = time.process_time()
    refused = deserializer(pb.RecordReceiptRequest)(encoded)
    assert time.process_time() - began < 0.5
    assert isinstance(refused, Malformed)
    with pytest.raises(FieldInvalid, match="must contain no more than 1000 item") as error:
        raise refused.refuse()
    assert [violation.field for violation in error.value.violations] == ["items"]


def test_as_many_as_there_may_be_pass() -> None:
    request = pb.RecordReceiptRequest(name="x" * 9_000, items=[pb.RecordReceiptRequest().items.add()] * 1_000)
    assert deserializer(pb.RecordReceiptRequest)(request.SerializeToString()) == request
