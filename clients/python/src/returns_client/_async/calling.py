"""One call: with a token, a deadline, a request id of its own, repeated where that is safe, with a typed error."""

from __future__ import annotations

import random
import time
import uuid
from typing import TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from returns_client._async.ground import asked, opened, slept
from returns_client.connecting import Target
from returns_client.exceptions import DeadlineExceeded, TokenExpired, Unavailable, error_of
from returns_client.tokens import AsyncTokenSource

RequestT = TypeVar("RequestT", bound=Message)
AnswerT = TypeVar("AnswerT", bound=Message)

TRIES = 3
"""How often a call is sent whose tries by the channel (channels.SERVICE_CONFIG) all failed with UNAVAILABLE.

The channel repeats no call whose answer had begun when the connection broke; with a request id that is safe as well.
"""
_PAUSE_SECONDS = 0.5


class AsyncCalls:
    """Makes a client's calls: all of one channel, one tenant and one caller."""

    def __init__(self, target: Target, tenant: str, token: AsyncTokenSource, timeout_seconds: float) -> None:
        """Takes where to call, for whom, and how long a call may take that says nothing else."""
        self.channel = opened(target)
        self.parent = f"tenants/{tenant}"
        self.closed = False
        self._token = token
        self._timeout_seconds = timeout_seconds

    async def unary(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[RequestT, AnswerT],
        request: RequestT,
        timeout: float | None,
    ) -> AnswerT:
        """The answer. Gives the request an id if it wants one; raises ReturnsError."""
        request_id = _identified(request)
        ends = time.monotonic() + (self._timeout_seconds if timeout is None else timeout)
        tries, token, before = 0, await asked(self._token), ""
        while True:
            tries += 1
            try:
                return await method(request, timeout=max(ends - time.monotonic(), 0.001), metadata=bearer(token))
            except grpc.RpcError as error:
                failure = error_of(error, request_id)
            if isinstance(failure, TokenExpired):
                # It may have been renewed since it was asked for; the same one again would help nobody.
                stale, token = token, await asked(self._token)
                if token == stale or tries > TRIES:
                    raise failure
                continue
            if isinstance(failure, DeadlineExceeded) and before:
                # What it ran into says more than that time was over then.
                failure.message = f"{failure.message}; before that {before}"
            pause = _PAUSE_SECONDS * tries * random.uniform(0.5, 1.5)  # noqa: S311
            if not isinstance(failure, Unavailable) or tries >= TRIES or time.monotonic() + pause >= ends:
                raise failure
            before = str(failure)
            await slept(pause)

    async def token(self) -> str:
        """The token of a call that is made now."""
        return await asked(self._token)

    def name(self, collection: str, given: str) -> str:
        """The full name of a thing in a collection of this tenant, from that or from its id alone."""
        if not given:
            raise ValueError(f"the name of one of {collection} is empty")
        return given if "/" in given else f"{self.parent}/{collection}/{given}"

    async def close(self) -> None:
        """End what is under way, and the connection."""
        self.closed = True
        await self.channel.close()


def bearer(token: str) -> tuple[tuple[str, str | bytes], ...]:
    """The metadata that says who calls."""
    return (("authorization", f"Bearer {token}"),) if token else ()


def _identified(request: Message) -> str:
    """The id of a request that has one; a new one where the caller gave none."""
    if "request_id" not in request.DESCRIPTOR.fields_by_name:
        return ""
    given: str = getattr(request, "request_id")  # noqa: B009 — only some messages have it
    if not given:
        given = str(uuid.uuid4())
        setattr(request, "request_id", given)  # noqa: B010
    return given
