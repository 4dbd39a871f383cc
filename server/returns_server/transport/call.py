"""One call as the layers see it: what came in its metadata, and who they found to be calling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from grpc import StatusCode

from returns_server.application.caller import Caller
from returns_server.domain.actors import Actor
from returns_server.domain.errors import TokenInvalid
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
    `request_id`. `holds_zero` says whether the encoded request has a zero byte anywhere.
    """

    __slots__ = ("_context", "_metadata", "_repeats", "_span", "actor", "caller", "code", "holds_zero", "id")

    caller: Caller
    actor: Actor

    def __init__(self, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        """Takes what gRPC knows of the call."""
        self._context = context
        pairs = context.invocation_metadata() or ()
        self._metadata: dict[str, str | bytes] = dict(pairs)
        self._repeats = len(self._metadata) != len(pairs)
        self.id = ""
        self.code = StatusCode.OK
        self.holds_zero = False

    @property
    def given_id(self) -> str:
        """What the client calls the call, as it says it; empty where it says nothing."""
        return self._text(REQUEST_ID_KEY)

    @property
    def authorization(self) -> str:
        """What the client shows to be let in; empty where it shows nothing. Raises TokenInvalid where it shows two.

        Somebody in front may have looked at the other one.
        """
        if self._repeats and sum(key == "authorization" for key, _ in self._context.invocation_metadata() or ()) > 1:
            raise TokenInvalid("the call has the metadata `authorization` more than once")
        return self._text("authorization")

    @property
    def trace_parent(self) -> str:
        """The span that what the call does is part of (W3C Trace Context): the call's own where calls are traced.

        Else the client's, empty where it names none.
        """
        # Left out of the constructor: most calls never ask.
        span: str = getattr(self, "_span", "")
        if span:
            return span
        value = self._text("traceparent")
        return value if _TRACE_PARENT.fullmatch(value) else ""

    def traced_as(self, trace_parent: str) -> None:
        """The call has a span of its own."""
        self._span = trace_parent

    @property
    def tenant(self) -> str:
        """Whose call it is; empty until the caller is known."""
        caller: Caller | None = getattr(self, "caller", None)
        return caller.tenant if caller is not None else ""

    @property
    def peer(self) -> Mapping[str, Iterable[bytes]]:
        """What TLS says of the client, its verified certificate among it; empty for plain text."""
        return self._context.auth_context()

    @property
    def has_deadline(self) -> bool:
        """Whether the client said how long it waits."""
        remaining: float | None = self._context.time_remaining()
        return remaining is not None

    def _text(self, key: str) -> str:
        value = self._metadata.get(key, "")
        return value if isinstance(value, str) else ""

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
