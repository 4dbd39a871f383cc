"""Events as a caller sees them."""

from __future__ import annotations

from collections.abc import Sequence

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.party_pb2 import Actor, Submitter
from commerce.returns.v1.returns_service_pb2 import ListReturnEventsResponse, StreamReturnEventsResponse
from returns_server.application.ports import StoredEvent
from returns_server.transport.encode import returns
from returns_server.transport.encode.wire import varint

_SEQUENCE = ReturnEvent.DESCRIPTOR.fields_by_name["sequence"].number
_CURSOR = ReturnEvent.DESCRIPTOR.fields_by_name["cursor"].number
_EVENTS = StreamReturnEventsResponse.Batch.DESCRIPTOR.fields_by_name["events"].number
_HIDDEN_PATHS = frozenset({"approver", "assisted_actions"})
_LENGTH_DELIMITED = 2
_EVENTS_TAG = varint(_EVENTS << 3 | _LENGTH_DELIMITED)
_SEQUENCE_TAG = varint(_SEQUENCE << 3)
_CURSOR_TAG = varint(_CURSOR << 3 | _LENGTH_DELIMITED)
_PAIR = 1 << 14
_LENGTHS = [varint(number) for number in range(_PAIR)]
"""Varints of up to two bytes."""
_PAIRS = [bytes((number & 0x7F | 0x80, number >> 7 | 0x80)) for number in range(_PAIR)]
"""The first two bytes of longer ones."""

if ListReturnEventsResponse.DESCRIPTOR.fields_by_name["events"].number != _EVENTS:
    raise ImportError("batches and pages hold their events in the same field, so that both are encoded once")


class EventForms:
    """The forms in which events travel: `whole` to staff, else as customers see them. See the port `Forms`."""

    def message(self, stored: StoredEvent, *, whole: bool) -> ReturnEvent:
        """The event as a message, without sequence and cursor."""
        event = ReturnEvent.FromString(stored.document)
        if not whole:
            _trim(event)
        return event

    def encoded(self, stored: StoredEvent, cursor: bytes, *, whole: bool) -> bytes:
        """The stored document with sequence and cursor, as an element of the field `events` of a batch or a page."""
        document = stored.document if whole else self.message(stored, whole=False).SerializeToString()
        place = b"".join((_SEQUENCE_TAG, varint(stored.sequence), _CURSOR_TAG, varint(len(cursor)), cursor))
        return b"".join((_EVENTS_TAG, varint(len(document) + len(place)), document, place))

    def all_encoded(self, events: Sequence[StoredEvent], cursors: Sequence[bytes]) -> bytes:
        """Whole events as the elements of the field `events`, in one go: this is most of what catching up costs."""
        parts: list[bytes] = []
        high, above = -1, b""
        lengths, beyond, pairs = _LENGTHS, len(_LENGTHS), _PAIRS
        for (sequence, _, document, _, _), cursor in zip(events, cursors, strict=True):
            if sequence < _PAIR:
                number = lengths[sequence]
            else:
                if sequence >> 14 != high:
                    high = sequence >> 14
                    above = varint(high)
                number = pairs[sequence & (_PAIR - 1)] + above
            # Two tags and the length of the cursor are a byte each.
            size = len(document) + len(number) + len(cursor) + 3
            length = lengths[size] if size < beyond else varint(size)
            parts += (_EVENTS_TAG, length, document, _SEQUENCE_TAG, number, _CURSOR_TAG, lengths[len(cursor)], cursor)
        return b"".join(parts)


def _trim(event: ReturnEvent) -> None:
    """Take from an event what customers do not see."""
    returns.trim(event.snapshot)
    if event.actor.user_type != Submitter.USER_TYPE_CUSTOMER:
        event.actor.CopyFrom(Actor(user_type=event.actor.user_type))
    shown = [path for path in event.changed_paths.paths if path not in _HIDDEN_PATHS]
    del event.changed_paths.paths[:]
    event.changed_paths.paths.extend(shown)
