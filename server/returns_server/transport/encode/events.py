"""Events as a caller sees them."""

from __future__ import annotations

from collections.abc import Sequence

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.party_pb2 import Actor, Submitter
from commerce.returns.v1.returns_service_pb2 import ListReturnEventsResponse, StreamReturnEventsResponse
from returns_server.application.ports import StoredEvent
from returns_server.events.cursor import Mint
from returns_server.events.entry import Run
from returns_server.transport.encode import returns
from returns_server.transport.encode.event_runs import element, encoded_run

_EVENTS = StreamReturnEventsResponse.Batch.DESCRIPTOR.fields_by_name["events"].number
_HIDDEN_PATHS = frozenset({"approver", "assisted_actions"})

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
        return b"".join(element(document, stored.sequence, cursor))

    def run(self, documents: Sequence[bytes], first: int, mint: Mint) -> Run:
        """Whole events whose sequences follow one another, as one message."""
        return encoded_run(documents, first, mint)


def _trim(event: ReturnEvent) -> None:
    """Take from an event what customers do not see."""
    returns.trim(event.snapshot)
    if event.actor.user_type != Submitter.USER_TYPE_CUSTOMER:
        event.actor.CopyFrom(Actor(user_type=event.actor.user_type))
    shown = [path for path in event.changed_paths.paths if path not in _HIDDEN_PATHS]
    del event.changed_paths.paths[:]
    event.changed_paths.paths.extend(shown)
