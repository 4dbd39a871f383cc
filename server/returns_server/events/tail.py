"""The newest part of a log, read once for all who follow it live. A stream has a place in it, never a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import structlog

from returns_server.application.listing import Viewer
from returns_server.application.ports import LogPage, StoredEvent
from returns_server.domain.errors import CursorExpired, StorageUnavailable
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Cursor, Mint
from returns_server.events.entry import Batch, Entry, Forms
from returns_server.events.log import Log, check_place, head_of
from returns_server.events.wakeup import Bell, WakeUp

_log = structlog.get_logger(__name__)

_EVERYTHING = Viewer(everything=True)
_READ_EVENTS = 256
_READ_BYTES = 512 * 1024
# Of documents as they are stored: for staff and for customers, encoded and parsed, an event may take five times that.
_MAX_EVENTS = 1_024
_MAX_BYTES = 2 * 1024 * 1024
_MIN_BYTES = 128 * 1024
_ALL_TAILS_BYTES = 32 * 1024 * 1024
_BATCHES_KEPT = 4
_LOOK_SECONDS = 5.0
_RETRY_SECONDS = 0.5
_histories = count(1)


class Tail:
    """The last events of one tenant's log; one task reads them, every live stream takes them from here.

    `begins` is the sequence after which events are at hand, None before the first read. `history` changes when the log
    turns out to be another one than before: then a place is known only once the log itself was asked.
    """

    def __init__(
        self,
        tenant: TenantId,
        log: Log,
        forms: Forms,
        max_bytes: Callable[[], int],
        took: Callable[[StoredEvent], None],
    ) -> None:
        """Takes whose log, where it is read, the forms of events, how many bytes may be held now, and who hears of the
        last event of whatever was read.
        """
        self._tenant = tenant
        self._log = log
        self._forms = forms
        self._max_bytes = max_bytes
        self._took = took
        self._followers: set[Callable[[], None]] = set()
        self._entries: list[Entry] = []
        self._bytes = 0
        self._batches: dict[tuple[int, int], Batch] = {}
        self._head: Cursor | None = None
        self._erasures = 0
        self.begins: int | None = None
        self.history = 0

    @contextmanager
    def followed(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call `wake` whenever there is more."""
        self._followers.add(wake)
        try:
            yield
        finally:
            self._followers.discard(wake)

    @property
    def idle(self) -> bool:
        """Whether nobody follows."""
        return not self._followers

    @property
    def head(self) -> int:
        """The last sequence that was read; 0 before the first read."""
        return self._head.sequence if self._head is not None else 0

    def wake(self) -> None:
        """Have every follower look."""
        for wake in self._followers:
            wake()

    def covers(self, place: Cursor, history: int) -> bool:
        """Whether all that follows a place of this history is at hand."""
        return self.begins is not None and self.history == history and self.begins <= place.sequence

    def ends_at(self, sequence: int) -> bool:
        """Whether nothing behind a sequence has been read yet."""
        return self._head is not None and sequence >= self._head.sequence

    def after(self, sequence: int, limit: int, max_bytes: int) -> list[Entry]:
        """The events behind a sequence that is covered: at least one if there is any, within the bounds."""
        first = sequence - (self.begins or 0)
        entries = self._entries[first : first + limit]
        size = 0
        for index, entry in enumerate(entries):
            size += len(entry.stored.document)
            if index and size > max_bytes:
                return entries[:index]
        return entries

    def batch(self, sequence: int, limit: int, max_bytes: int) -> tuple[Batch, Entry] | None:
        """What `after` answers as staff get it, one batch for all who are at the same place; and its last event."""
        entries = self.after(sequence, limit, max_bytes)
        if not entries:
            return None
        key = (sequence, len(entries))
        batch = self._batches.get(key)
        if batch is None:
            if len(self._batches) >= _BATCHES_KEPT:
                del self._batches[next(iter(self._batches))]
            batch = self._batches[key] = Batch.of(entries, entries[-1].cursor, whole=True)
        return batch, entries[-1]

    async def run(self, bell: Bell) -> None:
        """Read what is new whenever the bell rings, and now and then anyway."""
        while True:
            try:
                more = await self._read_on()
            except StorageUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            except Exception:  # noqa: BLE001  (followers wait for this task: it must not end)
                _log.exception("the log could not be read on", tenant=self._tenant)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if not more:
                await bell.heard(_LOOK_SECONDS)

    async def _read_on(self) -> bool:
        """Take the next events in; whether there are more."""
        if self._head is None:
            page = await self._log.read_log(self._tenant, _EVERYTHING, 0, 0, 0, light=True)
            self._erasures = page.erasures
            self._begin(head_of(self._tenant, page))
            return True
        page = await self._log.read_log(
            self._tenant, _EVERYTHING, self._head.sequence, _READ_EVENTS, _READ_BYTES, light=True
        )
        try:
            check_place(self._head, page)
        except CursorExpired:
            _log.warning("the log is another one than before", tenant=self._tenant, sequence=self._head.sequence)
            self._head = None
            return True
        if page.erasures != self._erasures:
            # A person was taken out of past events: what is held here may still tell of them.
            self._head = None
            return True
        if [event.sequence for event in page.events] != [self._head.sequence + 1 + i for i in range(len(page.events))]:
            self._head = None
            return True
        if page.events:
            self._take(page)
        return page.more

    def _begin(self, head: Cursor) -> None:
        self._head = head
        self._entries, self._bytes, self._batches = [], 0, {}
        self.begins, self.history = head.sequence, next(_histories)
        self.wake()

    def _take(self, page: LogPage) -> None:
        mint = Mint(page.epoch, self._tenant)
        cursors = mint.texts([stored[:2] for stored in page.events])
        self._entries += [Entry(stored, at, self._forms) for stored, at in zip(page.events, cursors, strict=True)]
        last = page.events[-1]
        self._head = Cursor.after(page.epoch, self._tenant, last.sequence, last.event_id)
        self._bytes += sum(len(stored.document) for stored in page.events)
        self._trim()
        self._took(last)
        self.wake()

    def _trim(self) -> None:
        """Let go of the oldest events beyond the bounds; who still needs them reads the log itself."""
        allowed, excess = self._max_bytes(), 0
        for entry in self._entries:
            if self._bytes <= allowed and len(self._entries) - excess <= _MAX_EVENTS:
                break
            excess += 1
            self._bytes -= len(entry.stored.document)
        if excess:
            del self._entries[:excess]
            self.begins = (self.begins or 0) + excess


class Tails:
    """The tails of all logs that are followed here; one that nobody follows any more is let go."""

    def __init__(
        self, log: Log, wake_up: WakeUp, forms: Forms, took: Callable[[StoredEvent], None] = lambda _: None
    ) -> None:
        """Takes where logs are read, who says that they grew, the forms of events, and who hears of what was read."""
        self._log = log
        self._took = took
        self._wake_up = wake_up
        self._forms = forms
        self._tails: dict[TenantId, tuple[Tail, asyncio.Task[None]]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @contextmanager
    def following(self, tenant: TenantId, wake: Callable[[], None]) -> Iterator[Tail]:
        """The tenant's tail; `wake` is called whenever it has more."""
        if tenant not in self._tails:
            tail = Tail(tenant, self._log, self._forms, self._share, self._took)
            self._tails[tenant] = tail, asyncio.create_task(self._run(tail, tenant), name=f"tail-{tenant}")
        tail, task = self._tails[tenant]
        try:
            with tail.followed(wake):
                yield tail
        finally:
            if tail.idle and self._tails.get(tenant) == (tail, task):
                del self._tails[tenant]
                task.cancel()
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    def wake_all(self) -> None:
        """Have every follower look."""
        for tail, _ in self._tails.values():
            tail.wake()

    async def _run(self, tail: Tail, tenant: TenantId) -> None:
        with self._wake_up.listening(tenant) as bell:
            await tail.run(bell)

    def _share(self) -> int:
        """How many bytes of documents one tail may hold, so that all together stay within bounds."""
        return max(_MIN_BYTES, min(_MAX_BYTES, _ALL_TAILS_BYTES // max(1, len(self._tails))))
