"""Streams of events as a consumer reads them: messages one by one, events and cursors as they accumulate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf.duration_pb2 import Duration

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest, StreamReturnEventsResponse
from tests.support.service import Client

EARLIEST = StreamReturnEventsRequest.START_EARLIEST
LATEST = StreamReturnEventsRequest.START_LATEST
_PATIENCE_SECONDS = 60.0


class Stream:
    """One open stream, and everything that came of it."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.messages: list[StreamReturnEventsResponse] = []
        self.events: list[ReturnEvent] = []
        self._answers = aiter(call)

    @property
    def cursor(self) -> str:
        """The cursor of the last message."""
        return self.messages[-1].cursor

    @property
    def sequences(self) -> list[int]:
        return [event.sequence for event in self.events]

    @property
    def kinds(self) -> list[str | None]:
        """What each message was: batch, checkpoint, caught_up, goodbye."""
        return [message.WhichOneof("content") for message in self.messages]

    async def read(self) -> StreamReturnEventsResponse:
        """The next message; raises StopAsyncIteration at the end of the stream, AioRpcError at its failure."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            message: StreamReturnEventsResponse = await anext(self._answers)
        assert message.cursor
        self.messages.append(message)
        self.events += message.batch.events
        return message

    async def until(self, reached: Callable[[Stream], bool]) -> None:
        """Read on until something is reached."""
        while not reached(self):
            await self.read()

    async def until_sequence(self, sequence: int) -> None:
        """Read on until this event has come."""
        await self.until(lambda stream: bool(stream.events) and stream.events[-1].sequence >= sequence)

    async def until_caught_up(self) -> None:
        await self.until(lambda stream: "caught_up" in stream.kinds)

    async def to_the_end(self) -> None:
        """Read until the server ends the stream."""
        try:
            while True:
                await self.read()
        except StopAsyncIteration:
            return


def request(tenant: str = "acme", *, heartbeat_seconds: float | None = None, **more: Any) -> StreamReturnEventsRequest:
    heartbeat = None
    if heartbeat_seconds is not None:
        heartbeat = Duration(nanos=round(heartbeat_seconds * 1e9) % 10**9, seconds=int(heartbeat_seconds))
    return StreamReturnEventsRequest(parent=f"tenants/{tenant}", heartbeat_interval=heartbeat, **more)


@asynccontextmanager
async def streaming(client: Client, tenant: str = "acme", **more: Any) -> AsyncIterator[Stream]:
    """An open stream from the earliest event on, unless said otherwise; cancelled at the end."""
    if not {"start", "after_cursor", "start_time"} & more.keys():
        more["start"] = EARLIEST
    call = client.returns.StreamReturnEvents(request(tenant, **more))
    try:
        yield Stream(call)
    finally:
        call.cancel()
