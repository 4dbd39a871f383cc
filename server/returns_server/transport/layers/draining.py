"""A server that stops answers those who are in and sends away, with a reason, those who come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from returns_server.domain.errors import Draining
from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer


class Gate:
    """Open while the server serves; counts who is in."""

    def __init__(self) -> None:
        """An open gate."""
        self.closed = False
        self._when_closing: list[Callable[[], None]] = []
        self._inside = 0
        self._empty = asyncio.Event()

    @property
    def inside(self) -> int:
        """How many calls are in."""
        return self._inside

    def enter(self) -> None:
        """Let a call in; raises Draining when the gate is closed."""
        if self.closed:
            raise Draining
        self._inside += 1

    def leave(self) -> None:
        """Let a call out."""
        self._inside -= 1
        if self.closed and not self._inside:
            self._empty.set()

    def when_closing(self, act: Callable[[], None]) -> None:
        """Have this done when the gate closes, before anybody is waited for."""
        self._when_closing.append(act)

    async def close(self, grace_seconds: float) -> None:
        """Let nobody in any more, and wait until all are out, at most so long."""
        self.closed = True
        for act in self._when_closing:
            act()
        if not self._inside:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self._empty.wait()


def draining(gate: Gate) -> Layer:
    """A layer that lets calls in while the gate is open."""

    def layer(_: Method, inner: Handler) -> Handler:
        async def admitted(request: Any, call: Call) -> Any:
            gate.enter()
            try:
                return await inner(request, call)
            finally:
                gate.leave()

        return admitted

    return layer
