"""Commands that wait for a writing connection, and how they come together in batches."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from returns_server.application.commands import Command
from returns_server.application.commands.orders import FeedOrder
from returns_server.application.ports import Answer
from returns_server.domain.ids import DAY, Micros
from returns_server.storage.turns import Turns

_GATHERING_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait and for how long, and how much goes into one transaction."""

    max_queue: int = 8_192
    max_wait_seconds: float = 5.0
    max_batch: int = 128
    max_batch_rows: int = 4_000
    answers_kept: Micros = DAY


@dataclass(slots=True)
class Waiting:
    """A command and the caller who waits for its answer, unless it went away; `since` is when it came."""

    command: Command
    answer: asyncio.Future[Answer | BaseException]
    since: float

    def settle(self, outcome: Answer | BaseException) -> None:
        """Answer the caller, if it still waits."""
        if not self.answer.done():
            self.answer.set_result(outcome)


class Lane:
    """Commands that wait for one writing connection: calls, and behind them the order feed; tenants in turn."""

    def __init__(self, number: int, bounds: Bounds, *, gathers: bool) -> None:
        """Nothing waits. The number is that of the connection; one that `gathers` waits for callers who come again."""
        self.number = number
        self.calls = Turns[Waiting]()
        self.feed = Turns[Waiting]()
        self.idle = asyncio.Event()
        self.idle.set()
        self._bounds = bounds
        self._gathers = gathers
        self._awake = asyncio.Event()
        self._enough = asyncio.Event()
        self._expected = 0
        self._sizes = (0, 0)
        self._took = 0.0

    def put(self, waiting: Waiting) -> None:
        """Have a command wait for its turn."""
        queue = self.feed if isinstance(waiting.command, FeedOrder) else self.calls
        queue.put(waiting.command.tenant, waiting)
        self.idle.clear()
        self._awake.set()
        if len(self.calls) >= self._expected:
            self._enough.set()

    async def batch(self) -> list[Waiting]:
        """The next batch, as soon as there is one: calls first, then the feed, within the bounds."""
        while True:
            await self._awake.wait()
            if self._gathers:
                await self._gather()
            batch = self._take()
            if batch:
                return batch
            self._awake.clear()
            self.idle.set()

    def took(self, seconds: float) -> None:
        """The last batch was settled in so many seconds."""
        self._took = seconds

    async def _gather(self) -> None:
        """Wait for as many calls as the larger of the last two batches had, no longer than the last one took.

        Callers come again when they are answered, those of a batch one after the other: the quickest few would be
        committed by themselves, and all others wait for them. What a batch costs beside its commands is as much as
        three of them. A database of another process commits one half while this one takes up the other: decision 0094.
        """
        self._expected = min(max(self._sizes), self._bounds.max_batch)
        if self.calls and len(self.calls) < self._expected:
            self._enough.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(self._took, _GATHERING_SECONDS)):
                    await self._enough.wait()

    def _take(self) -> list[Waiting]:
        batch: list[Waiting] = []
        rows = calls = 0
        for queue in (self.calls, self.feed):
            while queue and len(batch) < self._bounds.max_batch:
                if queue.first.answer.cancelled():
                    queue.take()  # its caller's time is over: work for nobody, that would make others late
                    continue
                weight = queue.first.command.needs.weight
                if batch and rows + weight > self._bounds.max_batch_rows:
                    break
                rows += weight
                batch.append(queue.take())
                calls += queue is self.calls
        self._sizes = (self._sizes[1], calls)
        return batch
