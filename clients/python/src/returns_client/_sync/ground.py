"""What differs between asyncio and threads; `_async/ground.py` has the same names. Both are written by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

import grpc

from returns_client.connecting import Target
from returns_client.tokens import TokenSource

MessageT_co = TypeVar("MessageT_co", covariant=True)


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
    """The messages of a server's stream, and how long it may be silent while it is read."""

    def __init__(self, call: _Call[MessageT_co], silence_seconds: float) -> None:
        """Takes a call that has begun."""
        self._call = call
        self._silence_seconds = silence_seconds
        self._reading_since: float | None = None
        self._silent = False
        self._over = threading.Event()
        # gRPC's synchronous streams cannot be read for a while only: somebody else must notice the silence.
        threading.Thread(target=self._watch, name="returns-client stream", daemon=True).start()

    def read(self) -> MessageT_co | None:
        """The next message, None at the end. Raises grpc.RpcError, and StreamBroken after too long a silence."""
        self._reading_since = time.monotonic()
        try:
            return next(self._call)
        except StopIteration:
            self._over.set()
            return None
        except grpc.RpcError:
            self._over.set()
            if self._silent:
                raise StreamBroken(f"silent for {self._silence_seconds:.0f} s") from None
            raise
        finally:
            self._reading_since = None

    def cancel(self) -> None:
        """Want no more."""
        self._over.set()
        self._call.cancel()

    def _watch(self) -> None:
        wait = self._silence_seconds
        while not self._over.wait(wait):
            since = self._reading_since
            wait = self._silence_seconds if since is None else since + self._silence_seconds - time.monotonic()
            if wait <= 0:
                self._silent = True
                self._call.cancel()
                return
