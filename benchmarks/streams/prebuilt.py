"""Messages for the bare server, made of events as the product sends them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import grpc

from benchmarks.seed.shop import TENANT
from benchmarks.servers import Server
from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest, StreamReturnEventsResponse
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub

PARENT = f"tenants/{TENANT}"
_EVENTS = 2_000


def earliest() -> StreamReturnEventsRequest:
    """Asks for everything from the beginning."""
    return StreamReturnEventsRequest(parent=PARENT, start=StreamReturnEventsRequest.START_EARLIEST)


def latest() -> StreamReturnEventsRequest:
    """Asks for what comes; a sign of life each second lets the generator look at the clock."""
    request = StreamReturnEventsRequest(parent=PARENT, start=StreamReturnEventsRequest.START_LATEST)
    request.heartbeat_interval.FromSeconds(1)
    return request


def first_events(server: Server, count: int = _EVENTS) -> list[ReturnEvent]:
    """The first events of the product's log, as it sends them."""
    events: list[ReturnEvent] = []
    with grpc.insecure_channel(server.address) as channel:
        metadata = (("authorization", f"Bearer {server.token}"),)
        for message in ReturnsServiceStub(channel).StreamReturnEvents(earliest(), metadata=metadata):
            events += message.batch.events
            if len(events) >= count or message.HasField("caught_up"):
                break
    return events[:count]


def write(file: Path, events: Sequence[ReturnEvent], events_a_message: int) -> int:
    """A file for the bare server: batches of so many events and a caught_up; how many batches."""
    batches = [
        StreamReturnEventsResponse(batch=StreamReturnEventsResponse.Batch(events=part), cursor=part[-1].cursor)
        for part in (events[i : i + events_a_message] for i in range(0, len(events), events_a_message))
        if len(part) == events_a_message
    ]
    end = StreamReturnEventsResponse(caught_up=StreamReturnEventsResponse.CaughtUp(), cursor=events[-1].cursor)
    messages = [message.SerializeToString() for message in (*batches, end)]
    file.write_bytes(b"".join(len(message).to_bytes(4, "big") + message for message in messages))
    return len(batches)
