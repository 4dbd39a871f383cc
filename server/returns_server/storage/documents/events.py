"""Events as encoded `ReturnEvent` messages, without the sequence and cursor that they get when they are read."""

from __future__ import annotations

import uuid

from commerce.returns.v1 import event_pb2
from returns_server.application.books import Happened
from returns_server.domain.ids import TenantId
from returns_server.storage.documents.returns import return_name
from returns_server.storage.documents.values import Fields, seconds_and_nanos

_LENGTH_DELIMITED = 2
_SNAPSHOT_TAG = bytes([event_pb2.ReturnEvent.SNAPSHOT_FIELD_NUMBER << 3 | _LENGTH_DELIMITED])


def encode_event(tenant: TenantId, happened: Happened, event_id: bytes, snapshot: bytes) -> bytes:
    """The event as an encoded `ReturnEvent` message around an encoded `Return`, which is not encoded anew.

    `event_id` is a UUID's 16 bytes. Encoded fields that follow one another are one message: the snapshot goes last.
    """
    event = happened.event
    fields: Fields = {
        "id": str(uuid.UUID(bytes=event_id)),
        "type": event.type.type_name,
        "time": seconds_and_nanos(happened.time),
        "return_name": return_name(tenant, event.snapshot.return_id),
        "return_version": event.version,
        "actor": {"subject": happened.actor.subject, "user_type": happened.actor.user_type},
        "changed_paths": {"paths": event.changed_paths},
        "request_id": happened.request_id,
        "trace_parent": happened.trace_parent,
    }
    head: bytes = event_pb2.ReturnEvent(**fields).SerializeToString()
    return b"".join((head, _SNAPSHOT_TAG, _varint(len(snapshot)), snapshot))


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
