"""The tail of a log: read once for all, bounded, and exact about what it covers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from returns_server.application.listing import Viewer
from returns_server.application.ports import LogPage, LogRun, StoredEvent
from returns_server.domain.errors import CursorExpired, StorageUnavailable
from returns_server.domain.ids import Micros, TenantId
from returns_server.events import tail as tails
from returns_server.events.cursor import Cursor, Mint
from returns_server.events.entry import Run
from returns_server.events.reading import Reader
from returns_server.events.selection import Selection
from returns_server.events.tail import Tail, Tails
from returns_server.events.wakeup import WakeUp

T = TypeVar("T")

ACME = TenantId("acme")
EPOCH = b"abcd"


class Log:
    """A log in memory; its events are as large as the test wants."""

    def __init__(self, head: int = 0, size: int = 10) -> None:
        self.events = [self._event(sequence, size) for sequence in range(1, head + 1)]
        self.size = size
        self.reads = 0
        self.unavailable = False
        self.erasures = 0

    @staticmethod
    def _event(sequence: int, size: int, mark: bytes = b"i") -> StoredEvent:
        return StoredEvent(sequence, mark * 8 + sequence.to_bytes(8, "big"), bytes(size), "c1", "")

    def grow(self, count: int = 1, mark: bytes = b"i") -> None:
        for _ in range(count):
            self.events.append(self._event(len(self.events) + 1, self.size, mark))

    async def read_log(
        self,
        tenant: TenantId,
        viewer: Viewer,
        after_sequence: int,
        limit: int,
        max_bytes: int,
        *,
        light: bool = False,
    ) -> LogPage:
        self.reads += 1
        await asyncio.sleep(0)
        if self.unavailable:
            raise StorageUnavailable
        found = self.events[after_sequence : after_sequence + limit]
        more = after_sequence + limit < len(self.events)
        after = self.events[after_sequence - 1].event_id if 0 < after_sequence <= len(self.events) else b""
        head = self.events[-1].event_id if self.events else b""
        return LogPage(found, more, EPOCH, after, len(self.events), head, 0, b"", self.erasures)

    async def read_run(self, tenant: TenantId, after_sequence: int, count: int, make: Callable[[LogRun], T]) -> T:
        page = await self.read_log(tenant, Viewer(everything=True), after_sequence, count, 0)
        state = replace(page, events=[])
        # The sequence is all that is shown of an event.
        return make(LogRun(state, [b"%d " % event.sequence for event in page.events]))

    async def last_before(self, tenant: TenantId, time: Micros) -> int:
        raise NotImplementedError


class Plain:
    """Events are shown as their sequences."""

    def __init__(self) -> None:
        self.made = 0

    def message(self, stored: StoredEvent, *, whole: bool) -> Any:
        return stored.sequence

    def encoded(self, stored: StoredEvent, cursor: bytes, *, whole: bool) -> bytes:
        self.made += 1
        return b"%d " % stored.sequence

    def run(self, documents: Sequence[bytes], first: int, mint: Mint) -> Run:
        assert documents[0] == b"%d " % first
        return Run(b"".join(documents), b"i" * 8, mint.text(first + len(documents) - 1, b"i" * 8))


def place(sequence: int, mark: bytes = b"i") -> Cursor:
    return Cursor.after(EPOCH, ACME, sequence, mark * 8 if sequence else b"")


def content(batch: Any) -> str:
    return batch.encoded(lambda events, _: events).decode().strip() if batch is not None else ""


@asynccontextmanager
async def followed(log: Log, forms: Plain) -> AsyncIterator[tuple[Tail, WakeUp, asyncio.Event]]:
    """A tail that has begun, and what it sets when there is more."""
    wake_up, more = WakeUp(), asyncio.Event()
    with Tails(log, wake_up, forms).following(ACME, more.set) as tail:
        async with asyncio.timeout(5):
            while tail.begins is None:
                await asyncio.sleep(0)
        yield tail, wake_up, more


async def grown(log: Log, wake_up: WakeUp, tail: Tail, count: int = 1) -> None:
    log.grow(count)
    wake_up.ring([ACME])
    async with asyncio.timeout(5):
        while tail.ends_at(len(log.events) - 1):
            await asyncio.sleep(0)


async def test_live_readers_share_one_read_and_one_encoding() -> None:
    log, forms = Log(head=5), Plain()
    async with followed(log, forms) as (tail, wake_up, _):
        readers = [Reader(log, tail, forms, Selection(ACME, Viewer(everything=True))) for _ in range(50)]
        for reader in readers:
            assert content((await reader.read_on(place(5))).batch) == ""
        await grown(log, wake_up, tail, 3)
        before, forms.made = log.reads, 0
        for reader in readers:
            step = await reader.read_on(place(5))
            assert (content(step.batch), step.place, step.end) == ("6 7 8", place(8), True)
        assert (log.reads, forms.made) == (before, 3)


async def test_who_is_behind_reads_the_log_and_then_the_tail() -> None:
    log, forms = Log(head=5), Plain()
    async with followed(log, forms) as (tail, wake_up, _):
        await grown(log, wake_up, tail, 2)
        reader = Reader(log, tail, forms, Selection(ACME, Viewer(everything=True), max_events=4))
        step = await reader.read_on(place(2))
        assert (content(step.batch), step.end) == ("3 4 5 6", False)
        before = log.reads
        step = await reader.read_on(step.place)
        assert (content(step.batch), step.end, log.reads) == ("7", True, before)


async def test_the_tail_lets_go_of_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "_MAX_EVENTS", 10)
    log, forms = Log(), Plain()
    async with followed(log, forms) as (tail, wake_up, _):
        await grown(log, wake_up, tail, 25)
        assert tail.begins == 15
        reader = Reader(log, tail, forms, Selection(ACME, Viewer(everything=True)))
        assert content((await reader.read_on(place(0))).batch).split() == [str(n) for n in range(1, 26)]


async def test_the_tail_is_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "_MAX_BYTES", 1_000)
    monkeypatch.setattr(tails, "_MIN_BYTES", 1)
    log, forms = Log(size=300), Plain()
    async with followed(log, forms) as (tail, wake_up, _):
        await grown(log, wake_up, tail, 20)
        assert tail.begins == 17


async def test_a_log_that_became_another_one_is_not_gone_on_with() -> None:
    log, forms = Log(head=5), Plain()
    async with followed(log, forms) as (tail, wake_up, more):
        reader = Reader(log, tail, forms, Selection(ACME, Viewer(everything=True)))
        await reader.read_on(place(5))
        del log.events[3:]
        log.grow(4, mark=b"n")
        history = tail.history
        wake_up.ring([ACME])
        async with asyncio.timeout(5):
            while tail.history == history:
                await more.wait()
                more.clear()
        with pytest.raises(CursorExpired):
            await reader.read_on(place(5))
        assert content((await reader.read_on(place(3))).batch) == "4 5 6 7"


async def test_an_outage_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "_RETRY_SECONDS", 0.0)
    log, forms = Log(head=1), Plain()
    async with followed(log, forms) as (tail, wake_up, _):
        log.unavailable = True
        wake_up.ring([ACME])
        reads = log.reads
        while log.reads < reads + 3:
            await asyncio.sleep(0)
        log.unavailable = False
        await grown(log, wake_up, tail)
        assert [entry.stored.sequence for entry in tail.after(1, 10, 1_000)] == [2]


async def test_a_tail_that_nobody_follows_is_let_go() -> None:
    async with followed(Log(), Plain()) as (_, wake_up, _more):
        assert wake_up.listened == {ACME}
    async with asyncio.timeout(5):
        while wake_up.listened or any(task.get_name().startswith("tail-") for task in asyncio.all_tasks()):
            await asyncio.sleep(0)


async def test_customers_and_filters_get_their_own_and_move_on() -> None:
    log, forms = Log(head=4), Plain()
    async with followed(log, forms) as (tail, wake_up, _):
        others = Reader(log, tail, forms, Selection(ACME, Viewer(everything=False, customer_id="c2")))
        even = Reader(log, tail, forms, Selection(ACME, Viewer(everything=True), lambda number: number % 2 == 0))
        for reader in (others, even):
            await reader.read_on(place(4))
        await grown(log, wake_up, tail, 5)
        step = await others.read_on(place(4))
        assert (step.batch, step.place.sequence, step.end) == (None, 9, False)
        step = await even.read_on(place(4))
        assert (content(step.batch), step.place.sequence) == ("6 8", 9)


async def test_what_was_held_before_a_person_was_erased_is_not_handed_out() -> None:
    """Past events are rewritten in the log: a slow reader gets them from there, not from what memory still holds."""
    log, forms = Log(head=5), Plain()
    async with followed(log, forms) as (tail, wake_up, _):
        reader = Reader(log, tail, forms, Selection(ACME, Viewer(everything=True), max_events=2))
        assert content((await reader.read_on(place(5))).batch) == ""
        await grown(log, wake_up, tail, 4)
        assert content((await reader.read_on(place(5))).batch) == "6 7"
        history = tail.history
        log.erasures += 1
        wake_up.ring([ACME])
        async with asyncio.timeout(5):
            while tail.history == history:
                await asyncio.sleep(0)
        before = log.reads
        assert content((await reader.read_on(place(7))).batch) == "8 9"
        assert log.reads == before + 1
