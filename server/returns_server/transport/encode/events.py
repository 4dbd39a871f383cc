"""Events as a caller sees them."""

from __future__ import annotations

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.party_pb2 import Actor, Submitter
from returns_server.application.ports import StoredEvent
from returns_server.events.cursor import Cursor
from returns_server.transport.call import Call
from returns_server.transport.encode import returns
from returns_server.transport.encode.wire import bytes_field, number_field

_SEQUENCE = ReturnEvent.DESCRIPTOR.fields_by_name["sequence"].number
_CURSOR = ReturnEvent.DESCRIPTOR.fields_by_name["cursor"].number
_HIDDEN_PATHS = frozenset({"approver", "assisted_actions"})


def for_caller(stored: StoredEvent, epoch: bytes, call: Call) -> bytes:
    """An encoded ReturnEvent: the stored document with sequence and cursor, and for customers without the rest."""
    cursor = Cursor.after(epoch, call.caller.tenant, stored.sequence, stored.event_id)
    document = stored.document if call.actor.is_staff else _trimmed(stored.document)
    return document + number_field(_SEQUENCE, stored.sequence) + bytes_field(_CURSOR, str(cursor).encode())


def _trimmed(document: bytes) -> bytes:
    event = ReturnEvent.FromString(document)
    returns.trim(event.snapshot)
    if event.actor.user_type != Submitter.USER_TYPE_CUSTOMER:
        event.actor.CopyFrom(Actor(user_type=event.actor.user_type))
    shown = [path for path in event.changed_paths.paths if path not in _HIDDEN_PATHS]
    del event.changed_paths.paths[:]
    event.changed_paths.paths.extend(shown)
    return event.SerializeToString()
