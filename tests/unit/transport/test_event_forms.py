"""Events are encoded together as they are one by one, whatever their sizes and sequences."""

from __future__ import annotations

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsResponse
from returns_server.application.ports import StoredEvent
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Mint
from returns_server.transport.encode.events import EventForms

SEQUENCES = [1, 127, 128, 16_383, 16_384, 16_385, 2**21 - 1, 2**21, 2**35, 2**63 - 1]
SIZES = [0, 1, 100, 127, 128, 16_300, 16_383, 16_384, 20_000, 300_000]


def test_all_at_once_is_one_by_one() -> None:
    forms = EventForms()
    stored = [
        StoredEvent(sequence, bytes(16), ReturnEvent(id="x" * size).SerializeToString(), "", "")
        for sequence in SEQUENCES
        for size in SIZES
    ]
    cursors = Mint(b"abcd", TenantId("acme")).texts([event[:2] for event in stored])
    together = forms.all_encoded(stored, cursors)
    pairs = zip(stored, cursors, strict=True)
    assert together == b"".join(forms.encoded(event, cursor, whole=True) for event, cursor in pairs)
    batch = StreamReturnEventsResponse.Batch.FromString(together)
    assert [event.sequence for event in batch.events] == [event.sequence for event in stored]
    assert [len(event.id) for event in batch.events] == SIZES * len(SEQUENCES)
    assert [event.cursor.encode() for event in batch.events] == cursors
