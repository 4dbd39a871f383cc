"""All events, for one stream that is far behind: in pieces of two batches, the next read while the last is sent."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from returns_server.application.ports import EXPECTED, LogRun
from returns_server.events.cursor import Cursor, Mint
from returns_server.events.entry import Batch, Forms
from returns_server.events.log import Log, check_place
from returns_server.events.selection import BATCH_BYTES, Selection, Step
from returns_server.events.tail import Tail

_BATCHES = 2
"""Of one piece: what a piece costs by itself, a change of threads or a round trip, is shared by so many."""
_KEPT_SECONDS = 1.0
"""What a reader does not take so soon is let go: a slow one holds what is being sent to it, and nothing else."""


class _Found(NamedTuple):
    """A step from a place, and the history of the log that the place belongs to."""

    begins: int
    step: Step
    history: int


class Runs:
    """Reads on in runs of events; remembers how large they are, and has a few batches ready."""

    def __init__(self, log: Log, tail: Tail, forms: Forms, selection: Selection) -> None:
        """Takes the log, its tail, the forms of events, and a selection that is the whole log."""
        self._log = log
        self._tail = tail
        self._forms = forms
        self._tenant = selection.tenant
        self._max_events = selection.max_events
        self._expected = EXPECTED
        self._ready: deque[_Found] = deque()
        self._reading: asyncio.Task[list[_Found]] | None = None
        self._reads_from = 0
        self._letting_go: asyncio.TimerHandle | None = None

    @property
    def holds(self) -> bool:
        """Whether anything is read ahead, or about to be."""
        return bool(self._ready) or self._reading is not None

    async def next(self, place: Cursor) -> tuple[Step, int] | None:
        """The next events behind a place, and the log's history that they belong to.

        None where some are gone, so that the others have to be looked at one by one. Raises what reading raises.
        """
        if not (self._ready and self._ready[0].begins == place.sequence):
            reading = self._reading
            if reading is None or self._reads_from != place.sequence:
                self.let_go()
                reading = self._read(place)
            self._reading = None
            self._ready.extend(await reading)
            if not self._ready:
                return None
        found = self._ready.popleft()
        if not self._ready and not found.step.end:
            self._read(found.step.place)
        return found.step, found.history

    def let_go(self) -> None:
        """Forget what was read ahead."""
        self._ready.clear()
        if self._letting_go is not None:
            self._letting_go.cancel()
            self._letting_go = None
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _read(self, place: Cursor) -> asyncio.Task[list[_Found]]:
        loop = asyncio.get_running_loop()
        self._reads_from = place.sequence
        reading = self._reading = loop.create_task(self._piece(place), name="reading-ahead")
        reading.add_done_callback(_seen)
        if self._letting_go is not None:
            self._letting_go.cancel()
        self._letting_go = loop.call_later(_KEPT_SECONDS, self.let_go)
        return reading

    async def _piece(self, place: Cursor) -> list[_Found]:
        """The next few batches; none where some events are gone."""
        tenant, forms, history = self._tenant, self._forms, self._tail.history
        most = min(self._max_events, self._expected)

        def made(run: LogRun) -> list[Step]:
            check_place(place, run.state)
            if run.documents is None:
                return []
            if not run.documents:
                return [Step(None, place, end=not run.state.more)]
            mint, behind, left = Mint(run.state.epoch, tenant), place, len(run.documents)
            steps = []
            for documents in _batches(run.documents, self._max_events):
                message, last_id, cursor = forms.run(documents, behind.sequence + 1, mint)
                behind = Cursor.after(place.epoch, tenant, behind.sequence + len(documents), last_id)
                left -= len(documents)
                batch = Batch.ready(message, len(documents), cursor)
                steps.append(Step(batch, behind, end=not left and not run.state.more))
            # The next events are likely to be about as large.
            sizes = sum(map(len, run.documents))
            self._expected = BATCH_BYTES * len(run.documents) // max(sizes, 1) + 1
            return steps

        steps = await self._log.read_run(tenant, place.sequence, most * _BATCHES, made)
        begins = [place.sequence, *(step.place.sequence for step in steps)]
        return [_Found(at, step, history) for at, step in zip(begins, steps, strict=False)]


def _batches(documents: Sequence[bytes], max_events: int) -> list[Sequence[bytes]]:
    """The first documents in a few batches of so many bytes at most, each of at least one."""
    sizes = list(accumulate(map(len, documents), initial=0))
    batches: list[Sequence[bytes]] = []
    begin = 0
    while begin < len(documents) and len(batches) < _BATCHES:
        end = bisect_right(sizes, sizes[begin] + BATCH_BYTES) - 1
        end = max(begin + 1, min(end, begin + max_events))
        batches.append(documents[begin:end])
        begin = end
    return batches


def _seen(reading: asyncio.Task[list[_Found]]) -> None:
    """What went wrong while reading ahead is told when somebody asks for that piece; if nobody does, it is nothing."""
    if not reading.cancelled():
        reading.exception()
