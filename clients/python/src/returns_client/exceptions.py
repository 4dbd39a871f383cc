"""What a failed call raises: one exception for each reason of the contract, with its facts as attributes.

Each reason of `commerce.returns.v1.ErrorReason` has a class here (a test holds the two together), below a class for its
gRPC code. Catch as finely as you need: `EtagMismatch`, `Aborted`, or `ReturnsError` for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from returns_client.errors import DOMAIN, status_in


@dataclass(frozen=True, slots=True)
class Violation:
    """A field of the request that is wrong, as a path such as `draft.orders[0].items[1].quantity`."""

    field: str
    description: str


class ReturnsError(Exception):
    """A call failed; `code` says how, `reason` and `metadata` say why, where it was the service that answered."""

    code: str
    """The name of the gRPC status, such as FAILED_PRECONDITION."""
    reason: str
    """A name of the contract's ErrorReason without its prefix, such as INVALID_STATE."""
    message: str
    """A sentence for people; not to be parsed."""
    metadata: Mapping[str, str]
    """The facts, by the keys that the contract names for the reason."""
    violations: tuple[Violation, ...]
    """All fields that are wrong."""
    retry_delay_seconds: float | None
    """When another try has a chance, where the service says so."""
    request_id: str
    """What the call was sent with: the same call with it again has one effect. Empty for calls that change nothing."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: Iterable[Violation] = (),
        retry_delay_seconds: float | None = None,
        request_id: str = "",
    ) -> None:
        """Takes what the service said."""
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retry_delay_seconds = retry_delay_seconds
        self.request_id = request_id
        super().__init__(message)

    def __str__(self) -> str:
        """In a line, for people: reason, facts and message."""
        facts = "".join(f" {name}={value}" for name, value in sorted(self.metadata.items()))
        return f"{self.reason or self.code}{facts}: {self.message}"

    def _number(self, key: str) -> int:
        value = self.metadata.get(key, "")
        return int(value) if value.isdecimal() else 0


class _OfLine(ReturnsError):
    @property
    def order(self) -> str:
        """The order, as it was named in the request."""
        return self.metadata.get("order", "")

    @property
    def line_id(self) -> str:
        """The line of the order."""
        return self.metadata.get("line_id", "")


class _OfQuantity(_OfLine):
    @property
    def requested(self) -> int:
        """The units that were asked for."""
        return self._number("requested")

    @property
    def available(self) -> int:
        """The units that there are."""
        return self._number("available")


class _OfField(ReturnsError):
    @property
    def field(self) -> str:
        """The first field that is wrong, as a path."""
        return self.metadata.get("field", "")


class _WithCause(ReturnsError):
    @property
    def cause(self) -> str:
        """Which rule it is; the contract lists them."""
        return self.metadata.get("cause", "")


# One class for each gRPC code.


class Cancelled(ReturnsError):
    """The call was cancelled, by this program or on its way."""


class InvalidArgument(ReturnsError):
    """The request is wrong, whatever the state of things."""


class DeadlineExceeded(ReturnsError):
    """The call's time ran out; whether it was done is unknown. Repeat it with the same `request_id`."""


class NotFound(ReturnsError):
    """What was named does not exist, or not for this caller."""


class AlreadyExists(ReturnsError):
    """What was to be made exists."""


class PermissionDenied(ReturnsError):
    """The token does not allow this."""


class ResourceExhausted(ReturnsError):
    """Too much at a time; nothing was done."""


class FailedPrecondition(ReturnsError):
    """The state of things does not allow this."""


class Aborted(ReturnsError):
    """Others were faster; nothing was done. Read again, then decide."""


class OutOfRange(ReturnsError):
    """The log does not reach that far."""


class Unimplemented(ReturnsError):
    """The server does not know this method, or is not set up for it."""


class InternalError(ReturnsError):
    """A fault of the service or of something between."""


class Unavailable(ReturnsError):
    """No server could answer, after several tries."""


class Unauthenticated(ReturnsError):
    """The token is missing, or cannot be trusted."""


# One class for each reason.


class FieldInvalid(InvalidArgument, _OfField):
    """A field is wrong; `violations` has all of them."""


class FilterInvalid(InvalidArgument):
    """The filter or the order cannot be understood."""

    @property
    def column(self) -> int:
        """Where in the filter, counted in characters from 1; 0 where no place can be said."""
        return self._number("column")


class PageTokenInvalid(InvalidArgument):
    """The page token is not the service's own, or an argument changed between pages."""


class CursorInvalid(InvalidArgument):
    """The cursor is garbled or of another tenant."""


class RequestIdReused(InvalidArgument):
    """The request id came before with another request."""


class CurrencyMismatch(InvalidArgument, _OfLine):
    """The orders of a return are in different currencies."""


class ReturnNotFound(NotFound):
    """No such return, or none that this caller may see."""


class OrderNotFound(NotFound, _OfLine):
    """No such order, or none that this caller may see."""


class LineNotFound(NotFound, _OfLine):
    """The order, or the return, has no such line."""


class WebhookEndpointNotFound(NotFound):
    """No such webhook endpoint, or nothing of that name belongs to it."""


class ReturnExists(AlreadyExists):
    """The return id is taken, perhaps by a return that was deleted."""


class InvalidState(FailedPrecondition):
    """The return's state does not allow this."""

    @property
    def state(self) -> str:
        """The state that it is in, such as CLOSED."""
        return self.metadata.get("state", "")

    @property
    def allowed_actions(self) -> tuple[str, ...]:
        """What this caller may do instead, such as REOPEN."""
        return tuple(filter(None, self.metadata.get("allowed_actions", "").replace(",", " ").split()))


class QuantityExceedsReturnable(FailedPrecondition, _OfQuantity):
    """More units than are left of the line."""


class QuantityExceedsApproved(FailedPrecondition, _OfQuantity):
    """More units than are approved and still to come."""


class NotReturnable(FailedPrecondition, _WithCause):
    """The policy does not let customers return this: WINDOW_EXPIRED or FINAL_SALE."""


class OrderQuantityClaimed(FailedPrecondition, _OfLine):
    """The order would fall below what returns claim of it."""


class OrderNotOfRequestor(FailedPrecondition, _OfLine):
    """An order belongs to somebody else than the return's requestor."""


class TargetRefused(FailedPrecondition, _WithCause):
    """The address of a webhook is not allowed: its form (URL), or where it leads (ADDRESS)."""


class EtagMismatch(Aborted):
    """The thing changed since it was read."""

    @property
    def etag(self) -> str:
        """The current one."""
        return self.metadata.get("etag", "")


class Conflict(Aborted):
    """Others kept changing the same things and nothing was done."""


class TokenMissing(Unauthenticated):
    """The call brought no bearer token."""


class TokenInvalid(Unauthenticated):
    """The token cannot be trusted."""


class TokenExpired(Unauthenticated):
    """The token's time is over."""


class ScopeMissing(PermissionDenied):
    """The token lacks every scope that allows this method."""


class RequiresManageScope(PermissionDenied, _OfField):
    """Only staff may set this field."""


class TenantMismatch(PermissionDenied):
    """A name in the request belongs to another tenant than the token."""


class Overloaded(ResourceExhausted, _OfField, _WithCause):
    """Too much is waiting already; with the field `filter`, the list takes too long to search.

    The cause is RATE where these were more calls a second than the caller or its tenant may make, and QUOTA where the
    tenant has as many of these as it may. Where `retry_delay_seconds` is None another try changes nothing.
    """


class TooManyStreams(ResourceExhausted):
    """Too many streams are open."""


class StorageUnavailable(Unavailable):
    """The database does not answer."""


class Draining(Unavailable):
    """The server is shutting down, and no other answered."""


class CursorExpired(OutOfRange):
    """The log does not reach that cursor, any longer or yet: list, then follow from the list's `event_cursor`."""

    @property
    def earliest_cursor(self) -> str:
        """The one that reaches back the farthest."""
        return self.metadata.get("earliest_cursor", "")


class Internal(InternalError):
    """A fault of the service."""

    @property
    def incident_id(self) -> str:
        """Finds the story in the service's log."""
        return self.metadata.get("incident_id", "")


class NotImplementedYet(Unimplemented):
    """The method comes with a later release, or this server is not set up for it."""


class DeadlineExceededByService(DeadlineExceeded):
    """The service noticed that the call's time was over."""


_UNUSUAL = {"NOT_IMPLEMENTED": NotImplementedYet, "DEADLINE_EXCEEDED": DeadlineExceededByService}


def _below(parent: type[ReturnsError]) -> Iterable[type[ReturnsError]]:
    for child in parent.__subclasses__():
        yield child
        yield from _below(child)


def _shouted(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name).removeprefix("_")


_PLAIN = (
    *(Cancelled, InvalidArgument, DeadlineExceeded, NotFound, AlreadyExists, PermissionDenied, ResourceExhausted),
    *(FailedPrecondition, Aborted, OutOfRange, Unimplemented, InternalError, Unavailable, Unauthenticated),
)
BY_CODE: Mapping[str, type[ReturnsError]] = {
    "INTERNAL" if plain is InternalError else _shouted(plain.__name__): plain for plain in _PLAIN
}
"""The class of each gRPC code."""

BY_REASON: Mapping[str, type[ReturnsError]] = {
    **{_shouted(kind.__name__): kind for plain in _PLAIN for kind in _below(plain) if kind not in _UNUSUAL.values()},
    **_UNUSUAL,
}
"""The class of each reason."""


def error_of(error: grpc.RpcError, request_id: str = "") -> ReturnsError:
    """The exception for an error that a stub raised, synchronous or asyncio."""
    # Both kinds of stub raise an object with these methods; only their types do not say so.
    code: grpc.StatusCode = error.code()
    return error_from(code.name, error.details() or "", status_in(error), request_id)


def error_from(code: str, message: str, status: status_pb2.Status | None, request_id: str = "") -> ReturnsError:
    """The exception for a code and what came with it."""
    reason, metadata, violations, delay = "", dict[str, str](), list[Violation](), None
    for detail in status.details if status is not None else ():
        try:
            kind_of_detail = detail.type_url.rpartition(".")[2]
            if kind_of_detail == "ErrorInfo":
                info = error_details_pb2.ErrorInfo.FromString(detail.value)
                if info.domain == DOMAIN:
                    reason, metadata = info.reason, dict(info.metadata)
            elif kind_of_detail == "BadRequest":
                bad = error_details_pb2.BadRequest.FromString(detail.value)
                violations = [Violation(found.field, found.description) for found in bad.field_violations]
            elif kind_of_detail == "RetryInfo":
                delay = error_details_pb2.RetryInfo.FromString(detail.value).retry_delay.ToMilliseconds() / 1_000
        except DecodeError:
            continue  # Whoever wrote this, it was not the service.
    kind = BY_REASON.get(reason) or BY_CODE.get(code, ReturnsError)
    return kind(
        code,
        message,
        reason=reason,
        metadata=metadata,
        violations=violations,
        retry_delay_seconds=delay,
        request_id=request_id,
    )
