"""The details of an error (google.rpc.*), each no longer than helps: a whole status stays under 4 KiB."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as rpc

from returns_server.domain.errors import FieldInvalid, NotFound, Overloaded, ReturnsError, Violation

DOMAIN = "returns.commerce"
MAX_STATUS_BYTES = 3_600
"""A status travels in base64 beside its message, and clients refuse more than 8 KiB of trailers."""
MAX_MESSAGE_BYTES = 480

_MAX_FACT_BYTES = 256
_MAX_PATH_BYTES = 160
_MAX_DESCRIPTION_BYTES = 300
_MAX_VIOLATIONS_BYTES = 2_000


def shortened(text: str, max_bytes: int) -> str:
    """The text, cut to so many bytes of UTF-8 and then ending in dots."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= max_bytes:
        return text if len(raw) == len(text) else raw.decode()
    return raw[: max_bytes - 3].decode("utf-8", "ignore") + "..."


def error_info(reason: str, facts: Mapping[str, str]) -> rpc.ErrorInfo:
    """The detail that every error has."""
    metadata = {key: shortened(value, _MAX_FACT_BYTES) for key, value in facts.items()}
    return rpc.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)


def nothing_more(error: ReturnsError) -> Sequence[Message]:  # noqa: ARG001 - one signature for all
    """No details beside the ErrorInfo."""
    return ()


def violations(error: ReturnsError) -> Sequence[Message]:
    """Every wrong field, as many as fit."""
    assert isinstance(error, FieldInvalid)  # noqa: S101 - the table pairs them
    return (_bad_request(error.violations),)


def field(error: ReturnsError) -> Sequence[Message]:
    """The one field that the error is about, where there is one."""
    path = error.facts.get("field")
    return (_bad_request((Violation(path, str(error)),)),) if path else ()


def resource(error: ReturnsError) -> Sequence[Message]:
    """What does not exist for this caller."""
    assert isinstance(error, NotFound)  # noqa: S101 - the table pairs them
    name = shortened(error.name, _MAX_FACT_BYTES)
    return (rpc.ResourceInfo(resource_type=error.resource_type, resource_name=name, description=_sentence(error)),)


def precondition(error: ReturnsError) -> Sequence[Message]:
    """What stands in the way, and of what."""
    facts = error.facts
    subject = "/".join(facts[key] for key in ("order", "line_id") if key in facts) or facts.get("state", "")
    failure = rpc.PreconditionFailure()
    failure.violations.add(type=error.reason, subject=shortened(subject, _MAX_FACT_BYTES), description=_sentence(error))
    return (failure,)


def retry_after(*, millis: int) -> Callable[[ReturnsError], Sequence[Message]]:
    """How long to wait before the next try."""
    seconds, rest = divmod(millis, 1_000)
    info = rpc.RetryInfo(retry_delay=Duration(seconds=seconds, nanos=rest * 1_000_000))
    return lambda _: (info,)


def overload(error: ReturnsError) -> Sequence[Message]:
    """The field that asks for too much, or how long to wait before the next try, where another can succeed."""
    assert isinstance(error, Overloaded)  # noqa: S101 - the table pairs them
    if error.retry_seconds <= 0:
        return field(error)
    return retry_after(millis=math.ceil(error.retry_seconds * 1_000))(error)


def _sentence(error: ReturnsError) -> str:
    return shortened(str(error), _MAX_DESCRIPTION_BYTES)


def _bad_request(found: Sequence[Violation]) -> rpc.BadRequest:
    request = rpc.BadRequest()
    for index, violation in enumerate(found):
        path = shortened(violation.field, _MAX_PATH_BYTES)
        request.field_violations.add(field=path, description=shortened(violation.description, _MAX_DESCRIPTION_BYTES))
        if request.ByteSize() > _MAX_VIOLATIONS_BYTES and index + 1 < len(found):
            more = len(found) - index - 1
            request.field_violations.add(field=path, description=f"... and {more} more fields are wrong")
            break
    return request
