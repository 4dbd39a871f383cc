"""Every refusal has one code, one reason of the contract, and details that fit."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as rpc
from grpc import StatusCode

from commerce.returns.v1.errors_pb2 import ErrorReason
from returns_server.domain import errors
from returns_server.domain.errors import ReturnsError, Violation
from returns_server.transport.errors import RULES, incident, refusal

REASONS = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()} - {"UNSPECIFIED"}  # noqa: SIM118

# The table of the contract, section 8; INTERNAL has no refusal, it is a bug's.
CODES = {
    StatusCode.INVALID_ARGUMENT: (
        "FIELD_INVALID FILTER_INVALID PAGE_TOKEN_INVALID CURSOR_INVALID REQUEST_ID_REUSED CURRENCY_MISMATCH"
    ),
    StatusCode.NOT_FOUND: "RETURN_NOT_FOUND ORDER_NOT_FOUND LINE_NOT_FOUND WEBHOOK_ENDPOINT_NOT_FOUND",
    StatusCode.ALREADY_EXISTS: "RETURN_EXISTS",
    StatusCode.FAILED_PRECONDITION: (
        "INVALID_STATE QUANTITY_EXCEEDS_RETURNABLE QUANTITY_EXCEEDS_APPROVED NOT_RETURNABLE ORDER_QUANTITY_CLAIMED "
        "ORDER_NOT_OF_REQUESTOR TARGET_REFUSED"
    ),
    StatusCode.ABORTED: "ETAG_MISMATCH CONFLICT",
    StatusCode.UNAUTHENTICATED: "TOKEN_MISSING TOKEN_INVALID TOKEN_EXPIRED",
    StatusCode.PERMISSION_DENIED: "SCOPE_MISSING REQUIRES_MANAGE_SCOPE TENANT_MISMATCH",
    StatusCode.RESOURCE_EXHAUSTED: "OVERLOADED TOO_MANY_STREAMS",
    StatusCode.UNAVAILABLE: "STORAGE_UNAVAILABLE DRAINING",
    StatusCode.OUT_OF_RANGE: "CURSOR_EXPIRED",
    StatusCode.UNIMPLEMENTED: "NOT_IMPLEMENTED",
    StatusCode.DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
}
LONG = "\N{SNOWMAN}" * 5_000


def subclasses(kind: type[ReturnsError]) -> set[type[ReturnsError]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


CONCRETE = sorted(
    (kind for kind in subclasses(ReturnsError) if hasattr(kind, "reason")), key=lambda kind: kind.__name__
)


def worst(kind: type[ReturnsError]) -> ReturnsError:
    """The error with arguments as long as nobody should send them."""
    if kind is errors.FieldInvalid:
        return errors.FieldInvalid(tuple(Violation(LONG, LONG) for _ in range(100)))
    if not inspect.isfunction(kind.__init__):
        return kind(LONG)
    arguments: dict[str, object] = {}
    for name in inspect.signature(kind).parameters:
        special: dict[str, object] = {
            "currencies": {LONG}, "allowed_actions": (LONG,), "requested": 10**9, "available": 0, "column": 7,
            "facts": {}, "cause": "FINAL_SALE", "retry_seconds": 10.0**6,
        }  # fmt: skip
        arguments[name] = special.get(name, LONG)
    return kind(**arguments)


@pytest.mark.parametrize("kind", CONCRETE)
def test_a_refusal_has_a_rule_and_a_reason_of_the_contract(kind: type[ReturnsError]) -> None:
    assert kind in RULES
    assert kind.reason in REASONS


def test_every_reason_of_the_contract_is_raised_by_one_error() -> None:
    raised = [kind.reason for kind in CONCRETE]

    assert sorted(raised) == sorted(REASONS - {"INTERNAL"})


def test_codes_are_those_of_the_contract() -> None:
    expected = {reason: code for code, reasons in CODES.items() for reason in reasons.split()}

    assert {kind.reason: RULES[kind].code for kind in CONCRETE} == expected


@pytest.mark.parametrize("kind", CONCRETE)
def test_the_longest_error_stays_under_4_kib_and_keeps_its_reason(kind: type[ReturnsError]) -> None:
    answer = refusal(worst(kind))
    status = answer.status()

    assert status.ByteSize() < 4_096
    assert len(answer.message.encode()) <= 480
    infos = unpacked(status.details, rpc.ErrorInfo)
    assert [(info.domain, info.reason) for info in infos] == [("returns.commerce", kind.reason)]


def test_wrong_fields_are_all_named() -> None:
    error = errors.FieldInvalid((Violation("draft.reason", "is required"), Violation("parent", "is no tenant")))

    status = refusal(error).status()

    (bad_request,) = unpacked(status.details, rpc.BadRequest)
    assert [(one.field, one.description) for one in bad_request.field_violations] == [
        ("draft.reason", "is required"),
        ("parent", "is no tenant"),
    ]
    (info,) = unpacked(status.details, rpc.ErrorInfo)
    assert dict(info.metadata) == {"field": "draft.reason"}


def test_fields_that_do_not_fit_are_counted() -> None:
    error = errors.FieldInvalid(tuple(Violation(f"items[{i}]", "x" * 200) for i in range(90)))

    (bad_request,) = unpacked(refusal(error).status().details, rpc.BadRequest)

    named = len(bad_request.field_violations) - 1
    assert bad_request.field_violations[-1].description == f"... and {90 - named} more fields are wrong"


def test_a_conflict_says_when_to_try_again() -> None:
    (retry,) = unpacked(refusal(errors.Conflict()).status().details, rpc.RetryInfo)

    assert retry.retry_delay.ToMilliseconds() == 100


def test_an_overload_says_when_to_try_again_unless_that_would_not_help() -> None:
    (retry,) = unpacked(refusal(errors.Overloaded()).status().details, rpc.RetryInfo)
    assert retry.retry_delay.seconds == 1

    too_slow = refusal(errors.Overloaded("narrow the filter", "filter")).status()
    assert not unpacked(too_slow.details, rpc.RetryInfo)
    (wrong,) = unpacked(too_slow.details, rpc.BadRequest)
    assert wrong.field_violations[0].field == "filter"


def test_what_is_not_found_is_named() -> None:
    (resource,) = unpacked(
        refusal(errors.ReturnNotFound("tenants/acme/returns/r-1")).status().details, rpc.ResourceInfo
    )

    assert (resource.resource_type, resource.resource_name) == ("returns.commerce/Return", "tenants/acme/returns/r-1")


def test_a_bug_answers_its_incident_id_and_nothing_else() -> None:
    status = incident("0197-abc").status()

    assert status.code == StatusCode.INTERNAL.value[0]
    (info,) = unpacked(status.details, rpc.ErrorInfo)
    assert (info.reason, dict(info.metadata)) == ("INTERNAL", {"incident_id": "0197-abc"})


def unpacked(details: Iterable[Any], kind: type[Message]) -> list[Any]:
    found = []
    for detail in details:
        message = kind()
        if detail.Unpack(message):
            found.append(message)
    return found
