"""Endpoints as their tenant sets them, and the verbs on them."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from returns_server.application.webhooks.drafts import FIELDS, Draft
from returns_server.application.webhooks.endpoints import EndpointId, EndpointState, Ordering, PayloadFormat
from returns_server.domain.errors import FilterInvalid, TenantMismatch, WebhookEndpointNotFound
from returns_server.domain.events import EventType
from returns_server.domain.ids import DAY, Micros, TenantId
from returns_server.filtering.language import parse_events_filter
from returns_server.transport.decode.findings import Findings
from returns_server.transport.decode.times import micros, span

_EVENT_TYPES = frozenset({"return.*"} | {event.type_name for event in EventType})
_RESERVED = frozenset({
    "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host",
    "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "traceparent", "transfer-encoding",
    "upgrade", "user-agent", "webhook-id", "webhook-signature", "webhook-timestamp",
})  # fmt: skip
"""Headers that the service sets itself, or that are about the connection."""
MAX_EXCLUDED_FIELDS = 50
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


def endpoint_id_in(name: str) -> EndpointId:
    """The endpoint's id in its name, or in that of what belongs to it."""
    return EndpointId(name.split("/")[3])


def sequence_in(name: str) -> int:
    """The sequence in a delivery's name; raises WebhookEndpointNotFound where there can be none of that name."""
    text = name.rpartition("/")[2]
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise WebhookEndpointNotFound(name)
    return int(text)


def draft(message: WebhookEndpoint, tenant: TenantId) -> Draft:
    """What a caller says of an endpoint; raises FieldInvalid, FilterInvalid, TenantMismatch."""
    findings = Findings()
    for index, event_type in enumerate(message.event_types):
        if event_type not in _EVENT_TYPES:
            findings.add(f"webhook_endpoint.event_types[{index}]", f"is none of {', '.join(sorted(_EVENT_TYPES))}")
    headers = tuple(message.headers.items())
    _check_headers(headers, findings)
    excluded = tuple(dict.fromkeys(message.excluded_fields.paths))
    _check_excluded(excluded, findings)
    findings.check()
    _check_filter(message.filter, tenant)
    return Draft(
        url=message.url,
        display_name=message.display_name,
        event_types=tuple(dict.fromkeys(message.event_types)),
        filter=message.filter,
        headers=headers,
        excluded_fields=excluded,
        payload_format=PayloadFormat(message.payload_format or PayloadFormat.STANDARD_WEBHOOKS),
        ordering=Ordering(message.ordering or Ordering.PER_RETURN),
        state=EndpointState(message.state or EndpointState.ENABLED),
    )


def populated(message: WebhookEndpoint) -> tuple[str, ...]:
    """The fields that a caller may set and does."""
    return tuple(field.name for field, _ in message.ListFields() if field.name in FIELDS)


def grace(message: pb.RotateWebhookSecretRequest) -> Micros:
    """How long the old secret signs too; a day where nothing is said."""
    if not message.HasField("grace_period"):
        return DAY
    findings = Findings()
    found = span(message.grace_period, "grace_period", findings)
    findings.check()
    return found


def moment(message: Any, field: str) -> Micros:
    """A time; raises FieldInvalid."""
    findings = Findings()
    found = micros(getattr(message, field), field, findings)
    findings.check()
    return found


def optional_moment(message: Any, field: str) -> Micros | None:
    """A time where it is said; raises FieldInvalid."""
    return moment(message, field) if message.HasField(field) else None


def _check_headers(headers: tuple[tuple[str, str], ...], findings: Findings) -> None:
    seen: set[str] = set()
    for name, value in headers:
        path = f'webhook_endpoint.headers["{name}"]'
        if name.lower() in _RESERVED:
            findings.add(path, "is set by the service itself")
        if name.lower() in seen:
            findings.add(path, "is there a second time")
        seen.add(name.lower())
        if value and not _HEADER_VALUE.fullmatch(value):
            findings.add(path, "must be printable ASCII, without a space at its begin or end")


def _check_excluded(paths: tuple[str, ...], findings: Findings) -> None:
    if len(paths) > MAX_EXCLUDED_FIELDS:
        findings.add("webhook_endpoint.excluded_fields", f"names more than {MAX_EXCLUDED_FIELDS} fields")
        return  # nobody waits for a look at each of a million
    for path in paths:
        if len(path) > 200 or not _is_field(path):
            findings.add("webhook_endpoint.excluded_fields", f"{path[:100]!r} is no field of a return")


def _is_field(path: str) -> bool:
    """Whether a path leads to a field of a return, through what is repeated, or to a key of the attributes."""
    descriptor = Return.DESCRIPTOR
    names = path.split(".")
    for index, name in enumerate(names):
        field: FieldDescriptor | None = descriptor.fields_by_name.get(name)
        if field is None:
            return False
        if index == len(names) - 1:
            return True
        if field.message_type is None:
            return False
        if field.message_type.full_name == "google.protobuf.Struct":
            return all(names[index + 1 :])
        descriptor = field.message_type
    return False


def _check_filter(text: str, tenant: TenantId) -> None:
    field = "webhook_endpoint.filter"
    try:
        parse_events_filter(text, tenant, sees_all=True)
    except FilterInvalid as error:
        raise FilterInvalid(error.problem, error.column, field) from None
    except TenantMismatch as error:
        raise TenantMismatch(str(error), field) from None
