"""What the service says about a call that failed: its reason and its facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "returns.commerce"
_DETAILS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call failed; `reason` is a name of the contract's ErrorReason without its prefix, empty where none came."""

    code: str
    reason: str
    message: str
    facts: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """In a line, for people: code, reason, facts and message."""
        facts = "".join(f" {name}={value}" for name, value in sorted(self.facts.items()))
        return f"{self.code} {self.reason or '(no reason)'}{facts}: {self.message}"


def refusal_of(error: grpc.RpcError) -> Refusal:
    """The refusal in an error that a call raised, synchronous or asyncio."""
    # Both kinds of stub raise an object with these three methods; only their types do not say so.
    code: grpc.StatusCode = error.code()
    message: str = error.details() or ""
    status = status_in(error)
    return Refusal(code.name, "", message) if status is None else _refusal(code.name, status)


def status_in(error: grpc.RpcError) -> status_pb2.Status | None:
    """The status with details that came with an error; None where there is none that can be read."""
    for key, value in _pairs(error.trailing_metadata()):
        if key == _DETAILS_KEY and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break  # A proxy's answer, not ours: what gRPC itself says remains.
    return None


def refusal_in(status: status_pb2.Status) -> Refusal:
    """The refusal in a status that stands inside an answer, such as a failure of ImportOrders."""
    names = {code.value[0]: code.name for code in grpc.StatusCode}
    return _refusal(names.get(status.code, str(status.code)), status)


def _refusal(code: str, status: status_pb2.Status) -> Refusal:
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info) and info.domain == DOMAIN:
            return Refusal(code, info.reason, status.message, dict(info.metadata))
    return Refusal(code, "", status.message)


def _pairs(metadata: object) -> Iterable[tuple[str, str | bytes]]:
    if not isinstance(metadata, Iterable):
        return
    for pair in metadata:
        if isinstance(pair, tuple) and len(pair) == 2:
            yield pair
