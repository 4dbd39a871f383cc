"""The body of a message that tells of an event: as Standard Webhooks suggests, or CloudEvents 1.0 in structured mode.

Built from the stored event each time, and the same bytes each time: what is signed is what is sent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1.event_pb2 import ReturnEvent
from returns_server.application.webhooks.endpoints import PayloadFormat
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.events.cursor import Cursor

CONTENT_TYPES = {
    PayloadFormat.STANDARD_WEBHOOKS: "application/json",
    PayloadFormat.CLOUDEVENTS: "application/cloudevents+json",
}
TEST_TYPE = "webhook.test"
_KEPT = 512


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as the log has it."""

    tenant: TenantId
    epoch: bytes
    sequence: int
    event_id: bytes
    document: bytes


class Body(NamedTuple):
    """The bytes that are signed and sent, and the trace of the change that they tell of."""

    content: bytes
    trace_parent: str = ""


@lru_cache(maxsize=_KEPT)
def event_body(event: LoggedEvent, payload_format: PayloadFormat, excluded: tuple[str, ...]) -> Body:
    """The body that tells of an event; many endpoints get the same one."""
    message = event_message(event)
    trace_parent = message.trace_parent
    for path in excluded:
        remove(message.snapshot, path.split("."))
    return Body(told(event.tenant, message, payload_format), trace_parent)


def event_message(event: LoggedEvent) -> ReturnEvent:
    """The event with its sequence and its cursor."""
    message = ReturnEvent.FromString(event.document)
    message.sequence = event.sequence
    message.cursor = str(Cursor.after(event.epoch, event.tenant, event.sequence, event.event_id))
    return message


def told(tenant: TenantId, message: ReturnEvent, payload_format: PayloadFormat) -> bytes:
    """What tells of an event; its snapshot is taken out of the message."""
    shown = MessageToDict(message.snapshot)
    message.ClearField("snapshot")
    data = MessageToDict(message) | {"return": shown}
    if payload_format is PayloadFormat.STANDARD_WEBHOOKS:
        return _encoded({"type": message.type, "timestamp": data["time"], "data": data})
    envelope = _cloudevent(tenant, message.id, message.type, data["time"]) | {
        "subject": message.return_name,
        # Extensions: what follows what (sequence), and what belongs together (partitioning).
        "sequence": str(message.sequence),
        "partitionkey": message.return_name,
    }
    if message.trace_parent:
        envelope["traceparent"] = message.trace_parent
    return _encoded(envelope | {"data": data})


def trial_body(tenant: TenantId, endpoint_name: str, message_id: str, now: Micros, of: PayloadFormat) -> bytes:
    """The body of a message that only tries an endpoint."""
    data = {"webhookEndpoint": endpoint_name}
    if of is PayloadFormat.STANDARD_WEBHOOKS:
        return _encoded({"type": TEST_TYPE, "timestamp": rfc3339(now), "data": data})
    return _encoded(_cloudevent(tenant, message_id, TEST_TYPE, rfc3339(now)) | {"data": data})


def rfc3339(time: Micros) -> str:
    """A time as the messages write it in JSON."""
    seconds, rest = divmod(time, SECOND)
    return Timestamp(seconds=seconds, nanos=rest * 1_000).ToJsonString()


def remove(message: Message, path: Sequence[str]) -> None:
    """Take a field out, through every element of what is repeated; in free-form attributes, a key."""
    name, *rest = path
    if not rest:
        message.ClearField(name)
        return
    field = message.DESCRIPTOR.fields_by_name[name]
    inner = getattr(message, name)
    if field.message_type is not None and field.message_type.full_name == "google.protobuf.Struct":
        _remove_key(inner, rest)
    elif field.is_repeated:
        for element in inner:
            remove(element, rest)
    elif message.HasField(name):
        remove(inner, rest)


def _remove_key(struct: Any, keys: Sequence[str]) -> None:
    key, *rest = keys
    if key not in struct.fields:
        return
    if not rest:
        del struct.fields[key]
    elif struct.fields[key].HasField("struct_value"):
        _remove_key(struct.fields[key].struct_value, rest)


def _cloudevent(tenant: TenantId, event_id: str, event_type: str, time: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/tenants/{tenant}",
        "type": event_type,
        "time": time,
        "datacontenttype": "application/json",
    }


def _encoded(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
