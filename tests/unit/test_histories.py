"""The checks of recorded histories find what they are there to find."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsResponse
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Cursor
from tests.support import histories
from tests.support.histories import BY_POLICY, History, Segment

ACME = TenantId("acme")


def cursor(sequence: int) -> str:
    return str(Cursor.after(b"abcd", ACME, sequence, bytes([sequence] * 16) if sequence else b""))


def event(sequence: int, **more: object) -> ReturnEvent:
    given = {"type": "return.created", "return_name": f"r{sequence}", "return_version": 1, **more}
    return ReturnEvent(id=f"id{sequence}", sequence=sequence, cursor=cursor(sequence), **given)  # type: ignore[arg-type]


def batch(*sequences: int, at: int = 0) -> StreamReturnEventsResponse:
    said = StreamReturnEventsResponse(cursor=cursor(at or sequences[-1]))
    said.batch.events.extend(event(sequence) for sequence in sequences)
    return said


def checkpoint(at: int) -> StreamReturnEventsResponse:
    return StreamReturnEventsResponse(checkpoint={}, cursor=cursor(at))  # type: ignore[arg-type]


def log(count: int = 6) -> list[ReturnEvent]:
    return [event(sequence) for sequence in range(1, count + 1)]


def seen(*segments: tuple[int, list[StreamReturnEventsResponse]], selects: bool = False) -> History:
    even: Callable[[ReturnEvent], bool] = lambda event: event.sequence % 2 == 0  # noqa: E731
    made = [Segment(cursor(after) if after else "", messages) for after, messages in segments]
    return History(selects=even if selects else None, segments=made)


GOOD = seen((0, [batch(1, 2), checkpoint(2), batch(3)]), (3, [batch(4, 5)]))
GOOD_FILTERED = seen((0, [batch(2), checkpoint(3), batch(4, at=5)]), (5, [batch(6)]), selects=True)


def test_a_good_history_passes_everything() -> None:
    histories.check_all([GOOD, GOOD_FILTERED], log(), [("r1", 1), ("r6", 1)])


@pytest.mark.parametrize(
    ("check", "history"),
    [
        (histories.ordered, seen((0, [batch(1, 3, 2)]))),
        (histories.ordered, seen((0, [batch(1, 2)]), (2, [batch(2)]))),
        (histories.resumable, seen((0, [batch(1)]), (1, [batch(3)]))),
        (histories.resumable, seen((0, [batch(1)]), (1, [batch(1)]))),
        (histories.resumable, seen((0, [checkpoint(2), batch(4)]))),
        (histories.resumable, seen((3, [checkpoint(2)]))),
        (histories.bookmarkable, seen((0, [checkpoint(3), batch(2, at=3)]), selects=True)),
        (histories.bookmarkable, seen((0, [batch(3, at=2)]), selects=True)),
        (histories.bookmarkable, seen((0, [checkpoint(3), checkpoint(2)]))),
    ],
)
def test_a_bad_history_is_found(check: Callable[[History], None], history: History) -> None:
    with pytest.raises(AssertionError):
        check(history)


@pytest.mark.parametrize(
    "history",
    [seen((0, [batch(1, 2, 4)])), seen((1, [batch(2)])), seen((0, [batch(1), checkpoint(2)]))],
)
def test_a_hole_is_found(history: History) -> None:
    histories.reliable(GOOD, log())
    with pytest.raises(AssertionError):
        histories.reliable(history, log())


@pytest.mark.parametrize(
    "history",
    [
        seen((0, [batch(2), checkpoint(4)]), selects=True),
        seen((0, [batch(2, 3)]), selects=True),
        seen((0, [batch(4)]), selects=True),
    ],
)
def test_a_filter_that_is_wrong_is_found(history: History) -> None:
    histories.filtered(GOOD_FILTERED, log())
    with pytest.raises(AssertionError):
        histories.filtered(history, log())


def test_what_comes_twice_or_vanishes_is_found() -> None:
    for history, final in (
        (seen((0, [batch(1)]), (0, [batch(1)])), log()),
        (seen((0, [batch(1, 2, 3)])), log(2)),
        (GOOD, [*log(4), ReturnEvent(id="another", sequence=5)]),
        (GOOD, [*log(5), ReturnEvent(id="id1", sequence=6)]),
    ):
        with pytest.raises(AssertionError):
            histories.unique([history], final)


def test_half_a_change_is_found() -> None:
    created = event(1)
    created.snapshot.reason.code = BY_POLICY
    approved = event(2, return_name="r1", return_version=2, type="return.approved")
    histories.atomic([], [created, approved])
    for final in ([created], [created, event(2)], [event(1, return_version=2)], [event(1), event(2, return_name="r1")]):
        with pytest.raises(AssertionError):
            histories.atomic([], final)
    with pytest.raises(AssertionError):
        histories.atomic([GOOD], [event(n, request_id="other") for n in range(1, 7)])


def test_a_lost_acknowledgement_is_found() -> None:
    for changes, final in (([("r7", 1)], log()), ([("r1", 2)], log()), ([], [event(1), event(2, return_name="r1")])):
        with pytest.raises(AssertionError):
            histories.acknowledged(changes, final)
