"""How each refusal travels over gRPC: the one table of codes and details, and the status that it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message
from google.rpc import status_pb2
from grpc import StatusCode

from returns_server.domain import errors
from returns_server.domain.errors import ReturnsError
from returns_server.transport import details
from returns_server.transport.details import MAX_STATUS_BYTES, error_info, shortened

Details = Callable[[ReturnsError], Sequence[Message]]


@dataclass(frozen=True, slots=True)
class Rule:
    """The code of an error, and what its details say beside the ErrorInfo that all have."""

    code: StatusCode
    details: Details = details.nothing_more


_NOT_FOUND = Rule(StatusCode.NOT_FOUND, details.resource)
_PRECONDITION = Rule(StatusCode.FAILED_PRECONDITION, details.precondition)
_UNAUTHENTICATED = Rule(StatusCode.UNAUTHENTICATED)
_DENIED = Rule(StatusCode.PERMISSION_DENIED, details.field)

INTERNAL = "INTERNAL"
"""The reason of what is a bug of ours."""

RULES: dict[type[ReturnsError], Rule] = {
    errors.FieldInvalid: Rule(StatusCode.INVALID_ARGUMENT, details.violations),
    errors.FilterInvalid: Rule(StatusCode.INVALID_ARGUMENT, details.field),
    errors.PageTokenInvalid: Rule(StatusCode.INVALID_ARGUMENT, details.field),
    errors.CursorInvalid: Rule(StatusCode.INVALID_ARGUMENT),
    errors.RequestIdReused: Rule(StatusCode.INVALID_ARGUMENT, details.field),
    errors.CurrencyMismatch: Rule(StatusCode.INVALID_ARGUMENT),
    errors.ReturnNotFound: _NOT_FOUND,
    errors.OrderNotFound: _NOT_FOUND,
    errors.LineNotFound: _NOT_FOUND,
    errors.WebhookEndpointNotFound: _NOT_FOUND,
    errors.ReturnExists: Rule(StatusCode.ALREADY_EXISTS),
    errors.InvalidState: _PRECONDITION,
    errors.QuantityExceedsReturnable: _PRECONDITION,
    errors.QuantityExceedsApproved: _PRECONDITION,
    errors.NotReturnable: _PRECONDITION,
    errors.OrderQuantityClaimed: _PRECONDITION,
    errors.OrderNotOfRequestor: _PRECONDITION,
    errors.TargetRefused: _PRECONDITION,
    errors.EtagMismatch: Rule(StatusCode.ABORTED),
    errors.Conflict: Rule(StatusCode.ABORTED, details.retry_after(millis=100)),
    errors.TokenMissing: _UNAUTHENTICATED,
    errors.TokenInvalid: _UNAUTHENTICATED,
    errors.TokenExpired: _UNAUTHENTICATED,
    errors.ScopeMissing: _DENIED,
    errors.RequiresManageScope: _DENIED,
    errors.TenantMismatch: _DENIED,
    errors.Overloaded: Rule(StatusCode.RESOURCE_EXHAUSTED, details.overload),
    errors.TooManyStreams: Rule(StatusCode.RESOURCE_EXHAUSTED, details.retry_after(millis=5_000)),
    errors.StorageUnavailable: Rule(StatusCode.UNAVAILABLE, details.retry_after(millis=1_000)),
    errors.Draining: Rule(StatusCode.UNAVAILABLE, details.retry_after(millis=100)),
    errors.CursorExpired: Rule(StatusCode.OUT_OF_RANGE),
    errors.NotImplementedYet: Rule(StatusCode.UNIMPLEMENTED),
    errors.DeadlineExceeded: Rule(StatusCode.DEADLINE_EXCEEDED),
}


REASONS = frozenset({INTERNAL, *(kind.reason for kind in RULES)})
"""Every reason that an error can have."""


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error as it is answered."""

    code: StatusCode
    message: str
    details: tuple[Message, ...]

    def status(self, max_bytes: int = MAX_STATUS_BYTES) -> status_pb2.Status:
        """The whole as a `google.rpc.Status` of at most so many bytes: what does not fit is left off from the end."""
        number: int = self.code.value[0]
        status = status_pb2.Status(code=number, message=self.message)
        for detail in self.details:
            status.details.add().Pack(detail)
            if status.ByteSize() > max_bytes:
                del status.details[-1]
        return status


def refusal(error: ReturnsError) -> ErrorAnswer:
    """The answer to a refusal, by the table."""
    rule = next(RULES[kind] for kind in type(error).__mro__ if kind in RULES)
    message = shortened(str(error) or type(error).reason.replace("_", " ").lower(), details.MAX_MESSAGE_BYTES)
    info = error_info(error.reason, error.facts)
    return ErrorAnswer(rule.code, message, (info, *rule.details(error)))


def incident(incident_id: str) -> ErrorAnswer:
    """The answer to a bug: where its story can be found, and nothing of the story."""
    message = f"an internal error; its incident id is {incident_id}"
    return ErrorAnswer(StatusCode.INTERNAL, message, (error_info(INTERNAL, {"incident_id": incident_id}),))
