"""What one stream says and when, with a log, an alarm and clocks that the test moves."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import pytest

from returns_server.domain.errors import CursorExpired, Overloaded, ReturnsError, StorageUnavailable, TokenInvalid
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.events.cursor import Cursor
from returns_server.events.entry import Batch, CaughtUp, Checkpoint, Ending, Goodbye, Sent
from returns_server.events.following import Life, follow
from returns_server.events.selection import Step

HEARTBEAT = 15.0


def place(sequence: int) -> Cursor:
    return Cursor.after(b"abcd", TenantId("acme"), sequence, bytes([sequence] * 16))


@dataclass
class Stage:
    """A log of numbered events, some of which a filter leaves out; and time, which only waiting moves."""

    head: int = 0
    left_out: frozenset[int] = frozenset()
    at_once: int = 2
    now: float = 1000.0
    fails: int = 0
    failure: type[ReturnsError] = StorageUnavailable
    broken: bool = False
    draining: bool = False
    expire_time: float = 10_000.0
    max_age_seconds: float = 10_000.0
    allowed: bool = True
    checks: int = 0
    waits: list[float] = field(default_factory=list)
    during: list[Callable[[Stage], None]] = field(default_factory=list)
    """What happens during each wait; with none left, the time that is waited for comes."""

    async def read_on(self, at: Cursor) -> Step:
        if self.fails:
            self.fails -= 1
            raise self.failure
        if self.broken:
            raise CursorExpired("gone", "earliest")
        upto = min(self.head, at.sequence + self.at_once)
        found = [n for n in range(at.sequence + 1, upto + 1) if n not in self.left_out]
        behind = place(upto) if upto > at.sequence else at
        batch = _Numbers(found, behind) if found else None
        return Step(batch, behind, end=upto <= at.sequence)

    async def wait(self, until: float) -> None:
        self.waits.append(until - self.now)
        if self.during:
            self.during.pop(0)(self)
        else:
            self.now = until

    async def still_allowed(self) -> None:
        self.checks += 1
        if not self.allowed:
            raise TokenInvalid("no longer")

    def follow(self, after: int = 0) -> AsyncGenerator[Sent, None]:
        life = Life(
            now=lambda: self.now,
            clock=lambda: Micros(round(self.now * SECOND)),
            draining=lambda: self.draining,
            expire_time=Micros(round(self.expire_time * SECOND)),
            max_age_seconds=self.max_age_seconds,
            still_allowed=self.still_allowed,
            retry_delay=lambda _: SECOND,
        )
        return follow(self, self, life, place(after), self.head, HEARTBEAT)


class _Numbers(Batch):
    """A batch that knows its events by number."""

    def __init__(self, numbers: list[int], behind: Cursor) -> None:
        super().__init__(b"", len(numbers), str(behind).encode())
        self.numbers = numbers


def said(message: Sent) -> object:
    """A message in short."""
    match message:
        case _Numbers():
            return message.numbers
        case Checkpoint(at):
            return f"checkpoint {at.sequence}"
        case CaughtUp(at):
            return f"caught up {at.sequence}"
        case Goodbye(at, ending, _):
            return f"goodbye {at.sequence} {ending.value}"
        case _:
            raise AssertionError(message)


async def first(stream: AsyncGenerator[Sent, None], count: int) -> list[object]:
    found = []
    async for message in stream:
        found.append(said(message))
        if len(found) == count:
            break
    await stream.aclose()
    return found


async def test_events_then_caught_up_then_signs_of_life() -> None:
    stage = Stage(head=3)
    assert await first(stage.follow(), 5) == [[1, 2], [3], "caught up 3", "checkpoint 3", "checkpoint 3"]
    assert stage.now == pytest.approx(1000 + 2 * HEARTBEAT)


async def test_a_stream_at_the_head_is_caught_up_at_once() -> None:
    assert await first(Stage(head=3).follow(3), 1) == ["caught up 3"]
    assert await first(Stage().follow(), 1) == ["caught up 0"]


async def test_events_that_come_are_sent_as_they_come_and_put_the_heartbeat_off() -> None:
    def grow(stage: Stage) -> None:
        stage.now += 10
        stage.head += 1

    stage = Stage(during=[grow, grow, grow])
    assert await first(stage.follow(), 5) == ["caught up 0", [1], [2], [3], "checkpoint 3"]
    assert stage.now == pytest.approx(1000 + 30 + HEARTBEAT)


async def test_what_a_filter_leaves_out_moves_the_place_and_makes_no_message() -> None:
    stage = Stage(head=9, left_out=frozenset({1, 2, 3, 4, 6, 9}))
    assert await first(stage.follow(), 4) == [[5], [7, 8], "caught up 9", "checkpoint 9"]
    silent = Stage(head=9, left_out=frozenset(range(10)))
    assert await first(silent.follow(), 2) == ["caught up 9", "checkpoint 9"]


async def test_a_long_search_gives_signs_of_life_too() -> None:
    class Slow(Stage):
        async def read_on(self, at: Cursor) -> Step:
            self.now += 8
            return await super().read_on(at)

    stage = Slow(head=8, left_out=frozenset(range(9)))
    assert await first(stage.follow(), 3) == ["checkpoint 4", "caught up 8", "checkpoint 8"]


@pytest.mark.parametrize(
    ("change", "ending"),
    [
        ({"draining": True}, Ending.DRAINING),
        ({"expire_time": 1000.0}, Ending.TOKEN_EXPIRED),
        ({"max_age_seconds": 0.0}, Ending.MAX_AGE),
        ({"draining": True, "expire_time": 1.0}, Ending.DRAINING),
    ],
)
async def test_a_stream_that_must_end_says_goodbye_and_nothing_else(change: dict[str, float], ending: Ending) -> None:
    stage = Stage(head=3, **change)  # type: ignore[arg-type]
    assert await first(stage.follow(1), 9) == [f"goodbye 1 {ending.value}"]


async def test_the_end_of_a_silent_stream_comes_in_time() -> None:
    for stage in (Stage(expire_time=1007.0), Stage(max_age_seconds=7.0)):
        assert len(await first(stage.follow(), 9)) == 2
        assert stage.now == pytest.approx(1007)


async def test_a_stopping_server_ends_a_stream_in_its_wait() -> None:
    def stop(stage: Stage) -> None:
        stage.draining = True

    assert await first(Stage(head=1, during=[stop]).follow(), 9) == [[1], "caught up 1", "goodbye 1 draining"]


@pytest.mark.parametrize("failure", [StorageUnavailable, Overloaded])
async def test_while_the_database_is_away_or_full_the_stream_lives(failure: type[ReturnsError]) -> None:
    stage = Stage(head=2, fails=40, failure=failure)
    assert await first(stage.follow(), 3) == ["checkpoint 0", [1, 2], "caught up 2"]
    assert stage.now == pytest.approx(1020)


async def test_a_place_that_is_gone_ends_the_stream_with_an_error() -> None:
    def lose(stage: Stage) -> None:
        stage.broken = True

    stream = Stage(head=1, during=[lose]).follow()
    assert [said(await anext(stream)) for _ in range(2)] == [[1], "caught up 1"]
    with pytest.raises(CursorExpired):
        await anext(stream)


async def test_the_caller_is_checked_now_and_then() -> None:
    stage = Stage()
    await first(stage.follow(), 4)
    assert stage.now == pytest.approx(1000 + 3 * HEARTBEAT)
    assert stage.checks == 4

    def distrust(stage: Stage) -> None:
        stage.allowed = False
        stage.now += 20

    stream = Stage(during=[distrust]).follow()
    assert said(await anext(stream)) == "caught up 0"
    with pytest.raises(TokenInvalid):
        await anext(stream)
