"""Following: the shop's other systems read the log as a stream, lose the connection, and go on where they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import (
    ListReturnEventsRequest,
    StreamReturnEventsRequest,
    StreamReturnEventsResponse,
)
from tools.demo.people import CALL_SECONDS, PARENT, Desk, Person
from tools.demo.stage import Stage

_FILTER = "type=return.approved OR type=return.received"


def follows(stage: Stage, desk: Desk, program: Person) -> None:
    """A program follows what happens."""
    stage.chapter("Following what happens")
    stage.acts(program.name, "follows the log from the beginning", "StreamReturnEvents")
    with _streamed(desk, program, start=StreamReturnEventsRequest.START_EARLIEST) as messages:
        everything = _until_caught_up(messages)
    listed = program.asks(desk.returns.ListReturnEvents, ListReturnEventsRequest(parent=PARENT, page_size=1_000))
    stage.promise(
        everything == list(listed.events),
        f"{len(everything)} events, then `caught_up`: the same as the list, and from here on they come as they happen",
    )
    cut = everything[len(everything) // 2]
    stage.acts(program.name, f"loses the connection after event {cut.sequence}, and goes on after its cursor")
    with _streamed(desk, program, after_cursor=cut.cursor) as messages:
        rest = _until_caught_up(messages)
    stage.promise(
        rest == everything[len(everything) // 2 + 1 :],
        f"events {rest[0].sequence} to {rest[-1].sequence}: none is lost, none comes twice",
    )
    stage.acts(program.name, f"wants only some: {_FILTER}", "StreamReturnEvents")
    with _streamed(desk, program, start=StreamReturnEventsRequest.START_EARLIEST, filter=_FILTER) as messages:
        some = _until_caught_up(messages)
    wanted = [event for event in everything if event.type in ("return.approved", "return.received")]
    stage.promise(some == wanted, f"{len(some)} events, by the same numbers")


@contextmanager
def _streamed(desk: Desk, program: Person, **asked: object) -> Iterator[Iterator[StreamReturnEventsResponse]]:
    request = StreamReturnEventsRequest(parent=PARENT, **asked)  # type: ignore[arg-type]
    call = desk.returns.StreamReturnEvents(request, timeout=CALL_SECONDS, metadata=program.metadata)
    try:
        yield call
    finally:
        call.cancel()


def _until_caught_up(messages: Iterator[StreamReturnEventsResponse]) -> list[ReturnEvent]:
    events: list[ReturnEvent] = []
    for message in messages:
        events += message.batch.events
        if message.HasField("caught_up"):
            break
    return events
