"""A call that says no deadline gets one, so that none waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from returns_server.domain.errors import DeadlineExceeded
from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer


class _Timed:
    """A call under way: when it has to end, the task that answers it, and whether it was ended for being late."""

    __slots__ = ("end", "late", "task")

    def __init__(self, end: float, task: asyncio.Task[Any]) -> None:
        self.end = end
        self.task = task
        self.late = False


class _Watch:
    """Ends calls that take too long. All have the same time, so the first to come is the first to be late.

    One timer watches them all: a timer for each (`asyncio.timeout`) would be set and taken back with every call.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._under_way: dict[_Timed, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def enter(self) -> _Timed:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("gRPC answers every call in a task")
        timed = _Timed(loop.time() + self._seconds, task)
        self._under_way[timed] = None
        if self._timer is None:
            self._timer = loop.call_at(timed.end, self._end_late_ones, loop)
        return timed

    def leave(self, timed: _Timed) -> None:
        self._under_way.pop(timed, None)

    def _end_late_ones(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        while self._under_way:
            timed = next(iter(self._under_way))
            if timed.end > now:
                self._timer = loop.call_at(timed.end, self._end_late_ones, loop)
                return
            del self._under_way[timed]
            timed.late = True
            timed.task.cancel()


def deadline(default_seconds: float) -> Layer:
    """A layer that ends unary calls after so many seconds; where the client said a deadline, gRPC keeps to that."""
    watch = _Watch(default_seconds)
    message = f"the call took longer than {default_seconds:g} s; repeat it with the same request_id"

    def layer(method: Method, inner: Handler) -> Handler:
        if not method.unary:
            return inner

        def in_time(request: Any, call: Call) -> Awaitable[Any]:
            return inner(request, call) if call.has_deadline else watched(request, call)

        async def watched(request: Any, call: Call) -> Any:
            timed = watch.enter()
            try:
                return await inner(request, call)
            except asyncio.CancelledError:
                # Whoever else cancelled the task as well (the client, the server's end) has the last word.
                if timed.late and timed.task.uncancel() == 0:
                    raise DeadlineExceeded(message) from None
                raise
            finally:
                watch.leave(timed)

        return in_time

    return layer
