"""One call as the layers see it: what came in its metadata, and who they found to be calling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from grpc import StatusCode

from returns_server.application.caller import Caller
from returns_server.domain.actors import Actor
from returns_server.transport.errors import ErrorAnswer

if TYPE_CHECKING:
    import grpc.aio

REQUEST_ID_KEY = "x-request-id"
DETAILS_KEY = "grpc-status-details-bin"

_TRACE_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Call:
    """A call on its way through the layers.

    `caller` and `actor` are there once the authentication and authorisation layers have let it pass; `code` is
    what the call is answered with. `id` finds the call in the log; it has nothing to do with a mutation's
    `request_id`.
    """

    __slots__ = ("_context", "actor", "authorization", "caller", "code", "given_id", "id", "trace_parent")

    caller: Caller
    actor: Actor

    def __init__(self, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        """Takes what gRPC knows of the call."""
        self._context = context
        self.id = ""
        self.given_id = ""
        self.authorization: str | None = None
        self.trace_parent = ""
        self.code = StatusCode.OK
        for key, value in context.invocation_metadata() or ():
            if key == "authorization" and isinstance(value, str):
                self.authorization = value
            elif key == "traceparent" and isinstance(value, str) and _TRACE_PARENT.fullmatch(value):
                self.trace_parent = value
            elif key == REQUEST_ID_KEY and isinstance(value, str):
                self.given_id = value

    @property
    def has_deadline(self) -> bool:
        """Whether the client said how long it waits."""
        remaining: float | None = self._context.time_remaining()
        return remaining is not None

    def return_id(self, call_id: str) -> None:
        """Name the call, here and in the trailing metadata of its answer."""
        self.id = call_id
        self._context.set_trailing_metadata(((REQUEST_ID_KEY, call_id),))

    async def abort(self, answer: ErrorAnswer) -> NoReturn:
        """End the call with an error and its details."""
        self.code = answer.code
        trailers = ((REQUEST_ID_KEY, self.id), (DETAILS_KEY, answer.status().SerializeToString()))
        await self._context.abort(answer.code, answer.message, trailers)
        raise AssertionError("abort always raises")

    async def send(self, message: object) -> None:
        """Send one message of a stream; waits while the client is slow."""
        await self._context.write(message)
