"""Follows a tenant's events through restarts, lost connections and expired tokens, each event in its turn."""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

import grpc
import grpc.aio
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import (
    ListReturnEventsRequest,
    ListReturnEventsResponse,
    StreamReturnEventsRequest,
    StreamReturnEventsResponse,
)
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub
from returns_client._async.calling import AsyncCalls, bearer
from returns_client._async.ground import AsyncStream, Closing, StreamBroken
from returns_client._async.paging import AsyncPages
from returns_client.exceptions import (
    Cancelled,
    DeadlineExceeded,
    InternalError,
    ResourceExhausted,
    ReturnsError,
    Unauthenticated,
    Unavailable,
    error_of,
)

_LOG = logging.getLogger("returns_client")
_SHORTEST_SECONDS = 0.1
_LONGEST_SECONDS = 10.0
_HEARTBEAT_SECONDS = 15.0
_LATE_SECONDS = 10.0
_REMEMBERED = 2_000
"""Ids of events, so that one that comes again is known: more than two of the largest batches."""


class AsyncEvents:
    """The log of what happened to the returns of the tenant."""

    def __init__(self, calls: AsyncCalls) -> None:
        """Of a client."""
        self._calls = calls
        self._stub = ReturnsServiceStub(calls.channel)

    def list(
        self,
        parent: str = "",
        *,
        filter: str = "",  # noqa: A002 — as the contract calls it
        after_cursor: str = "",
        page_size: int = 0,
        page_token: str = "",
        timeout: float | None = None,
    ) -> AsyncPages[ReturnEvent, ListReturnEventsResponse]:
        """The events that there are, oldest first: of a return (name or id), or of the whole tenant by default."""
        named = self._calls.name("returns", parent) if parent and parent != self._calls.parent else self._calls.parent

        async def fetch(token: str) -> ListReturnEventsResponse:
            request = ListReturnEventsRequest(
                parent=named, filter=filter, after_cursor=after_cursor, page_size=page_size, page_token=token
            )
            return await self._calls.unary(self._stub.ListReturnEvents, request, timeout)

        return AsyncPages(fetch, lambda page: page.events, page_token)

    def follow(
        self,
        *,
        after_cursor: str = "",
        start: StreamReturnEventsRequest.Start.ValueType = StreamReturnEventsRequest.START_UNSPECIFIED,
        start_time: Timestamp | None = None,
        filter: str = "",  # noqa: A002
        max_batch_events: int = 0,
        heartbeat_seconds: float = _HEARTBEAT_SECONDS,
        on_pause: Callable[[str], None] | None = None,
        until_caught_up: bool = False,
    ) -> AsyncEventFollower:
        """Every event from a place in the log on, and then as they happen, without end.

        Begins after a cursor that was stored; where that is empty, at a start or at a time, by default with what
        happens from now on. `on_pause` hears why the stream is interrupted, whenever it is; by default the log
        `returns_client` does. With `until_caught_up` it ends behind what has happened so far. See AsyncEventFollower
        for what is promised.
        """
        request = StreamReturnEventsRequest(parent=self._calls.parent, filter=filter, max_batch_events=max_batch_events)
        request.heartbeat_interval.FromMilliseconds(round(heartbeat_seconds * 1_000))
        if start and start_time is not None:
            raise ValueError("follow takes one of start and start_time")
        if after_cursor:
            request.after_cursor = after_cursor
        elif start:
            request.start = start
        elif start_time is not None:
            request.start_time.CopyFrom(start_time)
        return AsyncEventFollower(
            self._calls, self._stub.StreamReturnEvents, request, on_pause or _told, until_caught_up
        )


def _told(reason: str) -> None:
    _LOG.warning("event stream interrupted: %s", reason)


class AsyncIdentity(Protocol):
    """Whoever follows: `closed` once that is over."""

    closed: bool

    async def token(self) -> str:
        """The token of a stream that begins now."""


class AsyncEventFollower:
    """Events, one by one, each once and in the order of their `sequence`; never ends by itself unless that was asked.

    An event counts as handled when the next one is asked for. After a lost connection the stream goes on behind the
    last handled event; one that comes again is dropped by its id. Store `event.cursor` when the event is dealt with,
    or `cursor` now and then, and begin there after a restart of your own program: what was handled and not stored
    comes again. Raises ReturnsError where another try would change nothing, such as CursorExpired (list, then follow
    from the list's `event_cursor`) or a token that is refused.
    """

    def __init__(
        self,
        identity: AsyncIdentity,
        method: grpc.aio.UnaryStreamMultiCallable[StreamReturnEventsRequest, StreamReturnEventsResponse],
        request: StreamReturnEventsRequest,
        on_pause: Callable[[str], None],
        until_caught_up: bool = False,
    ) -> None:
        """Of a client; connects when the first event is asked for."""
        self._identity = identity
        self._method = method
        self._request = request
        self._on_pause = on_pause
        self._until_caught_up = until_caught_up
        self._closing = Closing()
        self._stream: AsyncStream[StreamReturnEventsResponse] | None = None
        self._waiting = deque[ReturnEvent]()
        self._handling: ReturnEvent | None = None
        self._cursor = request.after_cursor
        self._cursor_when_handled = ""
        self._known = dict[str, None]()
        self._pause_seconds = _SHORTEST_SECONDS
        self._token = ""
        self._caught_up = False
        self._stood = False

    @property
    def cursor(self) -> str:
        """Everything before this place is handled; empty before anything is known. Safe to store."""
        return self._cursor

    @property
    def caught_up(self) -> bool:
        """Whether the stream has reached the end of the log since it last connected."""
        return self._caught_up

    def __aiter__(self) -> Self:
        """Itself: there is one place where it stands."""
        return self

    async def __anext__(self) -> ReturnEvent:
        """The next event, as soon as there is one."""
        self._handled()
        while not (self._closing.is_set() or self._identity.closed):
            while self._waiting:
                event = self._waiting.popleft()
                self._handling = event
                if event.id not in self._known:
                    self._remember(event.id)
                    return event
                self._handled()
            if self._cursor_when_handled:
                self._cursor, self._cursor_when_handled = self._cursor_when_handled, ""
            await self._receive()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End it, also while somebody waits for the next event."""
        self._closing.set()
        self._dropped()

    async def __aenter__(self) -> Self:
        """Itself, to be closed in the end."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose()

    def _handled(self) -> None:
        if self._handling is not None:
            self._cursor, self._handling = self._handling.cursor, None

    def _remember(self, event_id: str) -> None:
        self._known[event_id] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

    async def _receive(self) -> None:
        """Take the next message of the stream, connecting first where there is none."""
        try:
            stream = self._stream or await self._connected()
            message = await stream.read()
        except grpc.RpcError as error:
            self._dropped()
            await self._failed(error_of(error))
            return
        except StreamBroken as broken:
            await self._broken(str(broken))
            return
        if message is None:
            await self._broken("the stream ended")
            return
        self._pause_seconds, self._stood = _SHORTEST_SECONDS, True
        content = message.WhichOneof("content")
        if content == "batch":
            self._waiting.extend(message.batch.events)
            self._cursor_when_handled = message.cursor
            return
        self._cursor = message.cursor or self._cursor
        if content == "caught_up":
            self._caught_up = True
            if self._until_caught_up:
                await self.aclose()
        if content == "goodbye":
            self._dropped()
            reason = StreamReturnEventsResponse.Goodbye.Reason.Name(message.goodbye.reason)
            said = reason.removeprefix("REASON_").lower().replace("_", " ")
            await self._paused(said, message.goodbye.retry_delay.ToMilliseconds() / 1_000)

    async def _connected(self) -> AsyncStream[StreamReturnEventsResponse]:
        if self._cursor:
            self._request.after_cursor = self._cursor
        self._token = await self._current_token()
        call = self._method(self._request, metadata=bearer(self._token))
        heartbeat = self._request.heartbeat_interval.ToMilliseconds() / 1_000
        stream = self._stream = AsyncStream(call, 2 * heartbeat + _LATE_SECONDS)
        if self._closing.is_set():
            stream.cancel()  # Closed between the two: whoever did that saw no stream to end.
        return stream

    async def _current_token(self) -> str:
        try:
            return await self._identity.token()
        except Exception as error:
            # Where tokens come from may be away for a while, as a server may. At the beginning it is a mistake.
            if not self._stood:
                raise
            raise StreamBroken(f"no token: {type(error).__name__}: {error}") from error

    def _dropped(self) -> None:
        # At once: another thread may be about the same.
        stream, self._stream, self._caught_up = self._stream, None, False
        if stream is not None:
            stream.cancel()

    async def _failed(self, failure: ReturnsError) -> None:
        """Wait before the next try, or raise where it would change nothing."""
        passing = (Unavailable, ResourceExhausted, Cancelled, InternalError, DeadlineExceeded)
        # What a connection that breaks in the middle of a stream may look like, too: UNKNOWN, without a reason.
        if not isinstance(failure, passing) and failure.code != "UNKNOWN":
            try:
                renewed = isinstance(failure, Unauthenticated) and await self._current_token() != self._token
            except StreamBroken as broken:
                await self._broken(str(broken))
                return
            if not renewed:
                raise failure
        await self._paused(str(failure), failure.retry_delay_seconds)

    async def _broken(self, reason: str) -> None:
        self._dropped()
        await self._paused(reason, None)

    async def _paused(self, reason: str, seconds: float | None) -> None:
        if self._closing.is_set() or self._identity.closed:
            return
        self._on_pause(reason)
        if seconds is None:
            # A little less or more, so that those who lost a server together do not come back together.
            seconds = self._pause_seconds * random.uniform(0.5, 1.5)  # noqa: S311
            self._pause_seconds = min(self._pause_seconds * 2, _LONGEST_SECONDS)
        await self._closing.wait(seconds)
