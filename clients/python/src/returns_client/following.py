"""Follows events with a stub of one's own; `AsyncReturnsClient.events.follow` does the same, and needs none."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest, StreamReturnEventsResponse
from returns_client._async.events import AsyncEventFollower
from returns_client.errors import Refusal
from returns_client.exceptions import ReturnsError

Metadata = Sequence[tuple[str, str]]


class StreamRefused(Exception):
    """The service refuses the stream, and would again; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        """Takes what the service said."""
        self.refusal = refusal
        super().__init__(str(refusal))


class _Bearer:
    """Whoever the metadata says."""

    closed = False

    def __init__(self, metadata: Callable[[], Metadata]) -> None:
        self._metadata = metadata

    async def token(self) -> str:
        return dict(self._metadata()).get("authorization", "").removeprefix("Bearer ")


async def follow(
    stub: Any,
    request: StreamReturnEventsRequest,
    metadata: Callable[[], Metadata],
    on_pause: Callable[[str], None] = lambda _: None,
) -> AsyncGenerator[StreamReturnEventsResponse, None]:
    """The events of a stream that never ends, each as a message of its own with its cursor.

    An event comes once, unless the consumer starts anew from an older cursor than the last it got: store the cursor of
    a message when the message is dealt with. `stub` is an asyncio ReturnsServiceStub; `metadata` is asked for each
    stream, so that a token can be renewed; `on_pause` hears why the stream is interrupted. Raises StreamRefused where
    another try would change nothing: a wrong request, a cursor that is no longer kept, a token that is refused.
    """
    asked = StreamReturnEventsRequest.FromString(request.SerializeToString())
    try:
        async with aclosing(AsyncEventFollower(_Bearer(metadata), stub.StreamReturnEvents, asked, on_pause)) as events:
            async for event in events:
                yield StreamReturnEventsResponse(
                    batch=StreamReturnEventsResponse.Batch(events=[event]), cursor=event.cursor
                )
    except ReturnsError as error:
        raise StreamRefused(Refusal(error.code, error.reason, error.message, dict(error.metadata))) from error
