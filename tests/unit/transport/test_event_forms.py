"""Events are encoded together as they are one by one, whatever their sizes and sequences."""

from __future__ import annotations

from uuid import UUID

import pytest

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsResponse
from returns_server.application.ports import StoredEvent
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Cursor, Mint
from returns_server.transport.encode.events import EventForms

EPOCH = b"abcd"
FIRST = [1, 100, 128, 16_100, 16_384, 2**21 - 7, 2**21, 2**32 - 200, 2**35, 2**63 - 600]
SIZES = {
    "small": [0, 1, 40, 80],
    "usual": [900, 950, 1_000, 120, 16_000],
    "varied": [0, 1, 100, 127, 128, 16_300, 16_383, 16_384, 20_000],
}


def stored_events(first: int, count: int, sizes: list[int]) -> list[StoredEvent]:
    events = []
    for number in range(count):
        event_id = UUID(int=(first + number) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)
        event = ReturnEvent(id=str(event_id), type="x" * sizes[number % len(sizes)])
        events.append(StoredEvent(first + number, event_id.bytes, event.SerializeToString(), "", ""))
    return events


@pytest.mark.parametrize(("count", "tenant"), [(1, "abc"), (130, "acme"), (500, "sixteenletters00")])
@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("first", FIRST)
def test_a_run_is_what_its_events_are_one_by_one(first: int, count: int, sizes: list[int], tenant: str) -> None:
    forms, mint = EventForms(), Mint(EPOCH, TenantId(tenant))
    stored = stored_events(first, count, sizes)
    run = forms.run([event.document for event in stored], first, mint)
    cursors = mint.texts([event[:2] for event in stored])
    one_by_one = b"".join(
        forms.encoded(event, cursor, whole=True) for event, cursor in zip(stored, cursors, strict=True)
    )
    batch = StreamReturnEventsResponse.Batch.FromString(one_by_one)
    said = StreamReturnEventsResponse.FromString(run.message)
    assert said == StreamReturnEventsResponse(batch=batch, cursor=cursors[-1].decode())
    assert said.SerializeToString(deterministic=True) == run.message
    assert (run.cursor, run.last_id) == (cursors[-1], stored[-1].event_id[:8])
    last = Cursor.after(EPOCH, TenantId(tenant), stored[-1].sequence, stored[-1].event_id)
    assert said.batch.events[-1].cursor == str(last)


@pytest.mark.parametrize("written", ["{}", "{{{}}}", "urn:uuid:{}", "{0:X}"])
def test_an_id_that_is_written_otherwise_makes_the_same_cursor(written: str) -> None:
    stored = stored_events(70_000, 3, [900])
    other_id = UUID(bytes=stored[1].event_id)
    text = other_id.hex.upper() if written == "{0:X}" else written.format(other_id)
    odd = ReturnEvent(id=text, type="x" * 900).SerializeToString()
    run = EventForms().run([stored[0].document, odd, stored[2].document], 70_000, Mint(EPOCH, TenantId("acme")))
    said = StreamReturnEventsResponse.FromString(run.message)
    cursors = Mint(EPOCH, TenantId("acme")).texts([event[:2] for event in stored])
    assert [event.cursor.encode() for event in said.batch.events] == cursors
    assert [event.sequence for event in said.batch.events] == [70_000, 70_001, 70_002]
    assert said.batch.events[1].id == text
