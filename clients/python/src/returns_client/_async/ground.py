"""What differs between asyncio and threads; `_sync/ground.py` has the same names. Both are written by hand."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import suppress
from typing import Any, Generic, TypeVar, cast

import grpc
import grpc.aio

from returns_client.connecting import Target
from returns_client.tokens import AsyncTokenSource

MessageT = TypeVar("MessageT")


class StreamBroken(Exception):
    """A stream ended otherwise than by its server's word; another try may work."""


def opened(target: Target) -> grpc.aio.Channel:
    """A channel; it connects with the first call."""
    if target.credentials is None:
        return grpc.aio.insecure_channel(target.address, options=target.options)
    return grpc.aio.secure_channel(target.address, target.credentials, options=target.options)


async def asked(token: AsyncTokenSource) -> str:
    """The current token; raises whatever its function raises."""
    if isinstance(token, str):
        return token
    answer = token()
    return await answer if inspect.isawaitable(answer) else answer


async def slept(seconds: float) -> None:
    """Wait."""
    await asyncio.sleep(seconds)


class Closing:
    """Whether something is to end, and a way to wait that ends with it."""

    def __init__(self) -> None:
        """Not yet."""
        self._event = asyncio.Event()

    def set(self) -> None:
        """Now."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether it has come."""
        return self._event.is_set()

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until it comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()


class AsyncStream(Generic[MessageT]):
    """The messages of a server's stream, and how long it may be silent while it is read."""

    def __init__(self, call: grpc.aio.UnaryStreamCall[Any, MessageT], silence_seconds: float) -> None:
        """Takes a call that has begun."""
        self._call = call
        self._silence_seconds = silence_seconds

    async def read(self) -> MessageT | None:
        """The next message, None at the end. Raises grpc.RpcError, and StreamBroken after too long a silence."""
        try:
            async with asyncio.timeout(self._silence_seconds):
                message = await self._call.read()
        except TimeoutError:
            self.cancel()
            raise StreamBroken(f"silent for {self._silence_seconds:.0f} s") from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise StreamBroken("cancelled on this side") from None  # The call was, not the task that reads it.
        return None if message is grpc.aio.EOF else cast("MessageT", message)

    def cancel(self) -> None:
        """Want no more."""
        self._call.cancel()
