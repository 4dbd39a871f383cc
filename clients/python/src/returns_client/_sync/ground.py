"""What differs between asyncio and threads; `_async/ground.py` has the same names. Both are written by hand."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

import grpc

from returns_client.connecting import Target
from returns_client.tokens import TokenSource

MessageT_co = TypeVar("MessageT_co", covariant=True)

_LOOK_SECONDS = 1.0
"""How often a thread that has a message for nobody looks whether anybody still wants it."""


class StreamBroken(Exception):
    """A stream ended otherwise than by its server's word; another try may work."""


class _Call(Iterator[MessageT_co], Protocol):
    def cancel(self) -> object: ...


def opened(target: Target) -> grpc.Channel:
    """A channel; it connects with the first call."""
    if target.credentials is None:
        return grpc.insecure_channel(target.address, options=target.options)
    return grpc.secure_channel(target.address, target.credentials, options=target.options)


def asked(token: TokenSource) -> str:
    """The current token; raises whatever its function raises."""
    return token if isinstance(token, str) else token()


def slept(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


class Closing:
    """Whether something is to end, and a way to wait that ends with it."""

    def __init__(self) -> None:
        """Not yet."""
        self._event = threading.Event()

    def set(self) -> None:
        """Now."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether it has come."""
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until it comes."""
        self._event.wait(seconds)


class Stream(Generic[MessageT_co]):
    """The messages of a server's stream, and how long it may be silent while it is read.

    A thread takes them from gRPC, at most one ahead: gRPC's synchronous streams cannot be read for a while only, and
    now and then a read goes on for ever after its call was cancelled. Nobody waits for that thread.
    """

    def __init__(self, call: _Call[MessageT_co], silence_seconds: float) -> None:
        """Takes a call that has begun."""
        self._call = call
        self._silence_seconds = silence_seconds
        self._arrived = queue.Queue[MessageT_co | Exception | None](1)
        self._over = threading.Event()
        threading.Thread(target=self._take, name="returns-client stream", daemon=True).start()

    def read(self) -> MessageT_co | None:
        """The next message, None at the end. Raises grpc.RpcError, and StreamBroken after too long a silence."""
        if self._over.is_set():
            raise StreamBroken("cancelled")
        try:
            arrived = self._arrived.get(timeout=self._silence_seconds)
        except queue.Empty:
            self.cancel()
            raise StreamBroken(f"silent for {self._silence_seconds:.0f} s") from None
        if isinstance(arrived, Exception):
            raise arrived
        return arrived

    def cancel(self) -> None:
        """Want no more; whoever reads is told."""
        self._over.set()
        self._call.cancel()
        with suppress(queue.Full):  # then nobody waits
            self._arrived.put_nowait(StreamBroken("cancelled"))

    def _take(self) -> None:
        while not self._over.is_set():
            taken: MessageT_co | Exception | None
            try:
                taken = next(self._call, None)
            except Exception as error:  # noqa: BLE001 — whatever it is, it is raised where the stream is read
                taken = error
            self._hand_over(taken)
            if taken is None or isinstance(taken, Exception):
                return

    def _hand_over(self, taken: MessageT_co | Exception | None) -> None:
        while not self._over.is_set():
            with suppress(queue.Full):
                self._arrived.put(taken, timeout=_LOOK_SECONDS)
                return
