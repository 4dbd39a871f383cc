"""Follows the events of a tenant through restarts, lost connections and expired tokens, each event in its turn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import grpc
import grpc.aio

from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest, StreamReturnEventsResponse
from returns_client.errors import Refusal, refusal_of

Metadata = Sequence[tuple[str, str]]

_PASSING = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        # What a connection that broke in the middle of a stream may look like.
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)
_SHORTEST_SECONDS = 0.1
_LONGEST_SECONDS = 30.0


class StreamRefused(Exception):
    """The service refuses the stream, and would again; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        """Takes what the service said."""
        self.refusal = refusal
        super().__init__(str(refusal))


async def follow(
    stub: Any,
    request: StreamReturnEventsRequest,
    metadata: Callable[[], Metadata],
    on_pause: Callable[[str], None] = lambda _: None,
) -> AsyncGenerator[StreamReturnEventsResponse, None]:
    """The messages of a stream that never ends: where one ends, the next goes on after the last cursor.

    An event comes once, unless the consumer starts anew from an older cursor than the last it got: store the cursor of
    a message when the message is dealt with. `stub` is an asyncio ReturnsServiceStub; `metadata` is asked for each
    stream, so that a token can be renewed; `on_pause` hears why the stream is interrupted. Raises StreamRefused where
    another try would change nothing: a wrong request, a cursor that is no longer kept, a token that is refused.
    """
    asked = StreamReturnEventsRequest.FromString(request.SerializeToString())
    pause = _SHORTEST_SECONDS
    while True:
        call = stub.StreamReturnEvents(asked, metadata=metadata())
        try:
            async for message in call:
                pause = _SHORTEST_SECONDS
                if message.WhichOneof("content") == "goodbye":
                    asked.after_cursor = message.cursor
                    reason = StreamReturnEventsResponse.Goodbye.Reason.Name(message.goodbye.reason)
                    on_pause(reason.removeprefix("REASON_").lower().replace("_", " "))
                    await asyncio.sleep(message.goodbye.retry_delay.ToMilliseconds() / 1_000)
                    break
                yield message
                # Only now is it dealt with.
                asked.after_cursor = message.cursor
            continue
        except grpc.aio.AioRpcError as error:
            if error.code() not in _PASSING:
                raise StreamRefused(refusal_of(error)) from error
            on_pause(f"{error.code().name}: {error.details()}")
        finally:
            call.cancel()
        # A little less or more, so that those who lost a server together do not come back together.
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        pause = min(pause * 2, _LONGEST_SECONDS)
