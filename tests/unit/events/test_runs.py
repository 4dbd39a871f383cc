"""Who is far behind is read ahead for: in order, within bounds, and no longer than it keeps reading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from returns_server.application.listing import Viewer
from returns_server.application.ports import LogPage, LogRun
from returns_server.domain.errors import CursorExpired, StorageUnavailable
from returns_server.domain.ids import TenantId
from returns_server.events import runs
from returns_server.events.cursor import Cursor, Mint
from returns_server.events.entry import Run
from returns_server.events.runs import Runs
from returns_server.events.selection import BATCH_BYTES, Selection, Step
from tests.unit.events.test_tail import EPOCH, Plain

T = TypeVar("T")
ACME = TenantId("acme")
BEGINNING = Cursor.after(EPOCH, ACME, 0, b"")
ID = b"i" * 8


class Log:
    """A log of so many bytes an event; `asked` are the places and counts of what was read."""

    def __init__(self, head: int, size: Callable[[int], int], gone: Sequence[int] = ()) -> None:
        self.head = head
        self.size = size
        self.gone = gone
        self.asked: list[tuple[int, int]] = []
        self.failure: Exception | None = None
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def read_run(self, tenant: TenantId, after_sequence: int, count: int, make: Callable[[LogRun], T]) -> T:
        self.asked.append((after_sequence, count))
        await self.let_go.wait()
        if self.failure is not None:
            raise self.failure
        wanted = range(after_sequence + 1, min(self.head, after_sequence + count) + 1)
        documents = [n.to_bytes(8, "big") + bytes(self.size(n) - 8) for n in wanted]
        more = after_sequence + count < self.head
        state = LogPage([], more, EPOCH, ID if after_sequence else b"", self.head, ID, 0, b"")
        return make(LogRun(state, None if set(wanted) & set(self.gone) else documents))

    async def read_log(self, *_: object, **__: object) -> LogPage:
        raise NotImplementedError

    async def last_before(self, *_: object) -> int:
        raise NotImplementedError


class Tail:
    history = 7


class Forms(Plain):
    """A run is its documents."""

    def run(self, documents: Sequence[bytes], first: int, mint: Mint) -> Run:
        return Run(b"".join(documents), ID, mint.text(first, ID))


@contextmanager
def reading(log: Log, max_events: int = 500) -> Iterator[Runs]:
    selection = Selection(ACME, Viewer(everything=True), max_events=max_events)
    tail: Any = Tail()  # of a tail only the history counts
    found = Runs(log, tail, Forms(), selection)
    try:
        yield found
    finally:
        found.let_go()


async def step(found: Runs, place: Cursor) -> Step:
    answer = await found.next(place)
    assert answer is not None
    assert answer[1] == Tail.history
    return answer[0]


async def settled(log: Log, reads: int) -> None:
    async with asyncio.timeout(5):
        while len(log.asked) < reads:
            await asyncio.sleep(0)


def sizes_alike(_: int) -> int:
    return 1_000


def sizes_that_jump(number: int) -> int:
    return 100 if number % 700 < 500 else 40_000 if number % 3 else 300_000


@pytest.mark.parametrize("max_events", [1, 7, 500])
@pytest.mark.parametrize("size", [sizes_alike, sizes_that_jump])
async def test_all_come_in_order_within_the_bounds_of_a_batch(size: Callable[[int], int], max_events: int) -> None:
    log = Log(1_500, size)
    expected = b"".join(n.to_bytes(8, "big") + bytes(size(n) - 8) for n in range(1, 1_501))
    place, read = BEGINNING, []
    with reading(log, max_events) as found:
        while place.sequence < log.head:
            now = await step(found, place)
            assert now.batch is not None
            assert now.batch.count == now.place.sequence - place.sequence <= max_events
            message = now.batch.encoded(lambda *_: b"")
            assert now.batch.count == 1 or len(message) <= BATCH_BYTES
            assert now.end == (now.place.sequence == log.head)
            read.append(message)
            place = now.place
        assert (await step(found, place)).batch is None
    assert b"".join(read) == expected
    if size is sizes_alike and max_events == 500:
        assert max(count for _, count in log.asked) < 2 * 300


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long this machine pauses, the reader is none of the slow ones."""
    monkeypatch.setattr(runs, "_KEPT_SECONDS", 3600.0)


@pytest.mark.usefixtures("kept")
async def test_the_next_piece_is_read_while_the_last_batch_of_this_one_is_sent() -> None:
    log = Log(5_000, sizes_alike)
    with reading(log) as found:
        first = await step(found, BEGINNING)
        await settled(log, 2)
        assert log.asked[1][0] == first.place.sequence
        second = await step(found, first.place)
        # A second batch of that piece is at hand.
        assert log.asked[1:] == [log.asked[1]]
        third = await step(found, second.place)
        await settled(log, 3)
        assert log.asked[2][0] == third.place.sequence


async def test_what_a_slow_reader_does_not_take_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_KEPT_SECONDS", 0.01)
    log = Log(5_000, sizes_alike)
    with reading(log) as found:
        first = await step(found, BEGINNING)
        await settled(log, 2)
        second = await step(found, first.place)
        async with asyncio.timeout(5):
            while found.holds:
                await asyncio.sleep(0.001)
        reads = len(log.asked)
        third = await step(found, second.place)
        assert log.asked[reads][0] == second.place.sequence
        assert third.batch is not None


async def test_a_slow_database_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_KEPT_SECONDS", 0.0)
    log = Log(100, sizes_alike)
    log.let_go.clear()
    with reading(log) as found:
        asked = asyncio.create_task(step(found, BEGINNING))
        for _ in range(20):
            await asyncio.sleep(0)
        log.let_go.set()
        assert (await asked).place.sequence == 100


async def test_a_failure_ahead_is_told_to_who_asks_and_the_next_try_reads_anew() -> None:
    log = Log(1_000, sizes_alike)
    with reading(log) as found:
        first = await step(found, BEGINNING)
        log.failure = StorageUnavailable()
        with pytest.raises(StorageUnavailable):
            await found.next(first.place)
        log.failure = None
        assert (await step(found, first.place)).place.sequence > first.place.sequence


async def test_from_another_place_nothing_that_was_read_ahead_is_used() -> None:
    log = Log(2_000, sizes_alike)
    with reading(log) as found:
        first = await step(found, BEGINNING)
        again = await step(found, BEGINNING)
        assert again.place.sequence >= first.place.sequence
        with pytest.raises(CursorExpired):
            await found.next(Cursor.after(EPOCH, ACME, 5, b"another!"))


@pytest.mark.usefixtures("kept")
async def test_who_goes_away_leaves_nothing_behind() -> None:
    log = Log(5_000, sizes_alike)
    with reading(log) as found:
        await step(found, BEGINNING)
        log.let_go.clear()
        await settled(log, 2)
        tasks = [task for task in asyncio.all_tasks() if task.get_name() == "reading-ahead"]
        assert len(tasks) == 1
    await asyncio.wait(tasks, timeout=5)
    assert tasks[0].cancelled()
    assert not found.holds


async def test_where_events_are_gone_others_are_looked_at_one_by_one() -> None:
    log = Log(100, sizes_alike, gone=[40])
    with reading(log, max_events=10) as found:
        place = BEGINNING
        for _ in range(2):
            place = (await step(found, place)).place
        assert place.sequence == 20
        assert await found.next(place) is None
