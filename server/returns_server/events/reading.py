"""How one stream reads on from its place: live from the shared tail, from the log itself where it is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from returns_server.application.ports import StoredEvent
from returns_server.events.cursor import Cursor, Mint
from returns_server.events.entry import Batch, Entry, Forms
from returns_server.events.log import Log, check_place, head_of
from returns_server.events.runs import Runs
from returns_server.events.selection import BATCH_BYTES, Selection, Step
from returns_server.events.tail import Tail

_FILTERED_AT_ONCE = 50
"""Events that a filter looks at before others get their turn."""


class Reader:
    """Reads one stream's events; remembers which history of the log its place belongs to."""

    def __init__(self, log: Log, tail: Tail, forms: Forms, selection: Selection) -> None:
        """Takes the log, its tail, the forms of events, and which are wanted."""
        self._log = log
        self._tail = tail
        self._forms = forms
        self._selection = selection
        self._history = 0
        self._place = 0
        self._runs = Runs(log, tail, forms, selection) if selection.whole else None

    @property
    def behind(self) -> int:
        """How many events of the log lie behind what was read last, as far as the tail knows."""
        return max(self._tail.head - self._place, 0)

    def close(self) -> None:
        """Let go of what was read ahead."""
        if self._runs is not None:
            self._runs.let_go()

    async def read_on(self, place: Cursor) -> Step:
        """The next events behind a place; raises CursorExpired, StorageUnavailable, Overloaded."""
        step = await self._step(place)
        self._place = step.place.sequence
        return step

    async def _step(self, place: Cursor) -> Step:
        if not self._tail.covers(place, self._history):
            return await self._from_log(place)
        self.close()
        limit = self._selection.max_events
        if not self._selection.whole:
            return await self._selected(self._tail.after(place.sequence, limit, BATCH_BYTES), place, place)
        found = self._tail.batch(place.sequence, limit, BATCH_BYTES)
        if found is None:
            return Step(None, place, end=True)
        batch, last = found
        return Step(batch, _behind(place, last.stored), end=self._tail.ends_at(last.stored.sequence))

    async def _from_log(self, place: Cursor) -> Step:
        if self._runs is not None:
            found = await self._runs.next(place)
            if found is not None:
                step, self._history = found
                return step
        selection, history = self._selection, self._tail.history
        page = await self._log.read_log(
            selection.tenant,
            selection.viewer,
            place.sequence,
            selection.max_events,
            BATCH_BYTES,
        )
        check_place(place, page)
        self._history = history
        events = page.events
        cursors = Mint(page.epoch, selection.tenant).texts([stored[:2] for stored in events])
        entries = [Entry(stored, cursor, self._forms) for stored, cursor in zip(events, cursors, strict=True)]
        head = place if page.more else head_of(selection.tenant, page)
        step = await self._selected(entries, place, head)
        return Step(step.batch, step.place, end=not page.more)

    async def _selected(self, entries: Sequence[Entry], place: Cursor, head: Cursor) -> Step:
        """A batch of those that are wanted, and the place behind all of them, or the head if that is further on."""
        selection = self._selection
        viewer, matches, everything = selection.viewer, selection.matches, selection.viewer.everything
        wanted: list[Entry] = []
        for number, entry in enumerate(entries, start=1):
            if not viewer.sees(entry.stored.customer_id, entry.stored.guest_email):
                continue
            if matches is None or matches(entry.message(whole=everything)):
                wanted.append(entry)
            if matches is not None and number % _FILTERED_AT_ONCE == 0:
                await asyncio.sleep(0)
        behind = max(_behind(place, entries[-1].stored) if entries else place, head, key=lambda cursor: cursor.sequence)
        batch = Batch.of(wanted, str(behind).encode(), whole=everything) if wanted else None
        return Step(batch, behind, end=not entries)


def _behind(place: Cursor, last: StoredEvent) -> Cursor:
    return Cursor.after(place.epoch, place.tenant, last.sequence, last.event_id)
