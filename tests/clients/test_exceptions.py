"""Every reason of the contract has its exception, with the facts that the contract says it has."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2

from commerce.returns.v1.errors_pb2 import ErrorReason
from returns_client import exceptions
from returns_client.exceptions import BY_CODE, BY_REASON, ReturnsError, error_from
from returns_server.transport.errors import RULES

CONTRACT = Path(__file__).resolve().parents[2] / "protos" / "commerce" / "returns" / "v1" / "errors.proto"
REASONS = [value.name.removeprefix("ERROR_REASON_") for value in ErrorReason.DESCRIPTOR.values if value.number]
KEYS = {
    *("state", "allowed_actions", "order", "line_id", "requested", "available", "etag", "cause", "field", "column"),
    *("earliest_cursor", "incident_id"),
}


def documented() -> dict[str, tuple[str, set[str]]]:
    """The code and the metadata keys that the contract's comments name for each reason."""
    found = {}
    comment = ""
    for line in CONTRACT.read_text().splitlines():
        text = line.strip()
        if text.startswith("//"):
            comment += text.removeprefix("//")
        elif entry := re.match(r"ERROR_REASON_(\w+) = \d+;", text):
            found[entry[1]] = (comment.partition(":")[0].strip(), set(re.findall(r"`(\w+)`", comment)) & KEYS)
            comment = ""
        else:
            comment = ""
    return found


def test_there_is_one_exception_for_each_reason_and_none_besides() -> None:
    assert set(BY_REASON) == set(REASONS)
    assert len(set(BY_REASON.values())) == len(REASONS)


def test_there_is_one_exception_for_each_code() -> None:
    assert set(BY_CODE) == {code.name for code in grpc.StatusCode} - {"OK", "UNKNOWN", "DATA_LOSS"}


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_stands_below_its_code_and_offers_its_facts(reason: str) -> None:
    code, keys = documented()[reason]
    kind = BY_REASON[reason]
    assert issubclass(kind, BY_CODE[code])
    offered = {name for name, member in inspect.getmembers(kind) if isinstance(member, property)}
    assert keys <= offered, "the contract names a fact that the exception does not offer"


def test_the_service_raises_no_reason_under_another_code() -> None:
    for kind, rule in RULES.items():
        assert issubclass(BY_REASON[kind.reason], BY_CODE[rule.code.name])


def status(reason: str, *more: AnyMessage, **metadata: str) -> status_pb2.Status:
    info = AnyMessage()
    info.Pack(error_details_pb2.ErrorInfo(reason=reason, domain="returns.commerce", metadata=metadata))
    return status_pb2.Status(code=1, message="no", details=[info, *more])


def test_facts_have_their_types() -> None:
    error = error_from("FAILED_PRECONDITION", "no", status("QUANTITY_EXCEEDS_RETURNABLE", requested="3", available="1"))
    assert isinstance(error, exceptions.QuantityExceedsReturnable)
    assert (error.requested, error.available, error.order) == (3, 1, "")
    state = error_from("FAILED_PRECONDITION", "no", status("INVALID_STATE", allowed_actions="UPDATE,REOPEN"))
    assert isinstance(state, exceptions.InvalidState)
    assert state.allowed_actions == ("UPDATE", "REOPEN")


def test_a_reason_that_is_newer_than_the_client_is_of_its_code() -> None:
    error = error_from("ABORTED", "no", status("SOMETHING_NEW", etag="7"), "id")
    assert type(error) is exceptions.Aborted
    assert (error.reason, dict(error.metadata), error.request_id) == ("SOMETHING_NEW", {"etag": "7"}, "id")
    assert type(error_from("DATA_LOSS", "no", None)) is ReturnsError


def test_details_that_cannot_be_read_or_are_of_others_are_passed_over() -> None:
    broken = AnyMessage(type_url="type.googleapis.com/google.rpc.BadRequest", value=b"\xff\xff")
    foreign = AnyMessage()
    foreign.Pack(error_details_pb2.ErrorInfo(reason="ETAG_MISMATCH", domain="elsewhere"))
    error = error_from("ABORTED", "no", status_pb2.Status(details=[broken, foreign]))
    assert (type(error), error.reason) == (exceptions.Aborted, "")


def test_the_service_s_own_advice_is_kept() -> None:
    retry = AnyMessage()
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromMilliseconds(1_500)
    retry.Pack(info)
    error = error_from("RESOURCE_EXHAUSTED", "no", status("OVERLOADED", retry))
    assert error.retry_delay_seconds == 1.5
