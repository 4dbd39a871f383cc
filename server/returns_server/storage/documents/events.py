"""Events as encoded `ReturnEvent` messages, without the sequence and cursor that they get when they are read."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from commerce.returns.v1 import event_pb2, return_pb2
from returns_server.application.books import Happened
from returns_server.application.request import Request
from returns_server.domain.events import EventType
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.storage.documents.returns import return_name
from returns_server.storage.documents.values import Fields, seconds_and_nanos
from returns_server.varint import varint

_LENGTH_DELIMITED = 2
_SNAPSHOT_TAG = bytes([event_pb2.ReturnEvent.SNAPSHOT_FIELD_NUMBER << 3 | _LENGTH_DELIMITED])


@dataclass(frozen=True, slots=True)
class Erasure:
    """Why an erasure's event is written: who asked for it, when, and which fields of the return differ now."""

    request: Request
    time: Micros
    changed_paths: tuple[str, ...]


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
    return _around(fields, snapshot)


def encode_erasure(
    tenant: TenantId, erasure: Erasure, return_id: ReturnId, event_id: bytes, snapshot: return_pb2.Return
) -> bytes:
    """The event of a person's erasure from a return, as `encode_event` encodes others."""
    fields: Fields = {
        "id": str(uuid.UUID(bytes=event_id)),
        "type": EventType.PERSON_ERASED.type_name,
        "time": seconds_and_nanos(erasure.time),
        "return_name": return_name(tenant, return_id),
        "return_version": snapshot.version,
        "actor": {"subject": erasure.request.actor.subject, "user_type": erasure.request.actor.user_type},
        "changed_paths": {"paths": erasure.changed_paths},
        "request_id": erasure.request.request_id if erasure.request.given else "",
        "trace_parent": erasure.request.trace_parent,
    }
    return _around(fields, snapshot.SerializeToString())


def _around(fields: Fields, snapshot: bytes) -> bytes:
    head: bytes = event_pb2.ReturnEvent(**fields).SerializeToString()
    return b"".join((head, _SNAPSHOT_TAG, varint(len(snapshot)), snapshot))
