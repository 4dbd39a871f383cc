"""How one stream reads on from its place: live from the shared tail, from the log itself where it is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from returns_server.application.listing import Viewer
from returns_server.application.ports import EXPECTED, StoredEvent
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Cursor, Mint
from returns_server.events.entry import Batch, Entry, Forms
from returns_server.events.log import Log, check_place, head_of
from returns_server.events.tail import Tail

BATCH_BYTES = 256 * 1024
"""What a stream holds at most while its reader is slow, but for a single event that is larger."""
MAX_BATCH_EVENTS = 500
_FILTERED_AT_ONCE = 50
"""Events that a filter looks at before others get their turn."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events of a log somebody gets: what the viewer sees, and of that what the filter matches (None: all).

    The filter is asked about events as the viewer sees them.
    """

    tenant: TenantId
    viewer: Viewer
    matches: Callable[[Any], bool] | None = None
    max_events: int = MAX_BATCH_EVENTS

    @property
    def whole(self) -> bool:
        """Whether every event belongs to it."""
        return self.viewer.everything and self.matches is None


@dataclass(frozen=True, slots=True)
class Step:
    """What was found behind a place, the place behind what was looked at, and whether that is all for now."""

    batch: Batch | None
    place: Cursor
    end: bool


class Reader:
    """Reads one stream's events; remembers which history of the log its place belongs to, and how large events are."""

    def __init__(self, log: Log, tail: Tail, forms: Forms, selection: Selection) -> None:
        """Takes the log, its tail, the forms of events, and which are wanted."""
        self._log = log
        self._tail = tail
        self._forms = forms
        self._selection = selection
        self._history = 0
        self._expected = EXPECTED
        self._place = 0

    @property
    def behind(self) -> int:
        """How many events of the log lie behind what was read last, as far as the tail knows."""
        return max(self._tail.head - self._place, 0)

    async def read_on(self, place: Cursor) -> Step:
        """The next events behind a place; raises CursorExpired, StorageUnavailable, Overloaded."""
        step = await self._step(place)
        self._place = step.place.sequence
        return step

    async def _step(self, place: Cursor) -> Step:
        if not self._tail.covers(place, self._history):
            return await self._from_log(place)
        limit = self._selection.max_events
        if not self._selection.whole:
            return await self._selected(self._tail.after(place.sequence, limit, BATCH_BYTES), place, place)
        found = self._tail.batch(place.sequence, limit, BATCH_BYTES)
        if found is None:
            return Step(None, place, end=True)
        batch, last = found
        return Step(batch, _behind(place, last.stored), end=self._tail.ends_at(last.stored.sequence))

    async def _from_log(self, place: Cursor) -> Step:
        selection, history = self._selection, self._tail.history
        page = await self._log.read_log(
            selection.tenant,
            selection.viewer,
            place.sequence,
            selection.max_events,
            BATCH_BYTES,
            expected=self._expected,
        )
        check_place(place, page)
        self._history = history
        events = page.events
        cursors = Mint(page.epoch, selection.tenant).texts([stored[:2] for stored in events])
        if selection.whole and events:
            content = self._forms.all_encoded(events, cursors)
            batch = Batch(content, len(events), cursors[-1])
            # The next events are likely to be about as large; a few more tell that the batch is full.
            self._expected = BATCH_BYTES * len(events) // len(content) + len(events) // 16 + 1
            return Step(batch, _behind(place, events[-1]), end=not page.more)
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
