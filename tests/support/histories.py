"""What consumers of a stream saw, and what must be true of it: named as etcd's robustness tests name it.

A history is everything that one consumer got, stream after stream; each stream resumed where the consumer said. The log
is what the service answers in the end, page by page. Every check raises AssertionError with what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsResponse
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import parse_cursor


@dataclass
class Segment:
    """One stream: the cursor after which it was opened (empty: from the earliest), and its messages."""

    after_cursor: str
    messages: list[StreamReturnEventsResponse] = field(default_factory=list)

    @property
    def events(self) -> list[ReturnEvent]:
        return [event for message in self.messages for event in message.batch.events]


@dataclass
class History:
    """All streams of one consumer, in their order; `selects` is what its filter means (None: everything)."""

    tenant: str = "acme"
    selects: Callable[[ReturnEvent], bool] | None = None
    segments: list[Segment] = field(default_factory=list)

    @property
    def events(self) -> list[ReturnEvent]:
        return [event for segment in self.segments for event in segment.events]

    @property
    def cursor(self) -> str:
        """The last cursor of the last message, where there was one."""
        for segment in reversed(self.segments):
            if segment.messages:
                return segment.messages[-1].cursor
            if segment.after_cursor:
                return segment.after_cursor
        return ""

    def place(self, cursor: str) -> int:
        """The sequence that a cursor stands behind; consumers cannot know it, tests can."""
        return parse_cursor(cursor, TenantId(self.tenant)).sequence if cursor else 0


def ordered(history: History) -> None:
    """Events come in the order of the log, within a stream and from one to the next."""
    for before, after in pairwise(history.events):
        assert before.sequence < after.sequence, f"{after.sequence} came after {before.sequence}"


def unique(histories: Iterable[History], log: Sequence[ReturnEvent]) -> None:
    """No event comes twice to a consumer, and a sequence is the same event to all and for ever."""
    known = {event.sequence: event.id for event in log}
    assert len(known) == len(set(known.values())) == len(log), "an id or a sequence stands twice in the log"
    for history in histories:
        ids = [event.id for event in history.events]
        assert len(set(ids)) == len(ids), "an event came twice"
        for event in history.events:
            assert known.get(event.sequence) == event.id, f"{event.sequence} was seen and is another event, or gone"


def reliable(history: History, log: Sequence[ReturnEvent]) -> None:
    """No hole: a consumer of everything has all from its first event on to its last place."""
    assert [event.sequence for event in log] == list(range(1, len(log) + 1)), "the log has a hole"
    sequences = [event.sequence for event in history.events]
    assert sequences == list(range(1, len(sequences) + 1)), f"a hole: {_first_hole(sequences)}"
    assert len(sequences) == history.place(history.cursor), "the cursor is ahead of what came"


def acknowledged(changes: Iterable[tuple[str, int]], log: Sequence[ReturnEvent]) -> None:
    """Every acknowledged change, as the name of a return and its version then, is in the log exactly once."""
    found = {(event.return_name, event.return_version) for event in log}
    assert len(found) == len(log), "a change stands twice in the log"
    lost = set(changes) - found
    assert not lost, f"{len(lost)} acknowledged changes are lost, such as {min(lost)}"


def atomic(histories: Iterable[History], log: Sequence[ReturnEvent]) -> None:
    """A change is there whole or not at all: versions of a return rise by one, both events of an approval by policy
    stand together, and what was seen stays as it was seen.
    """
    versions: dict[str, int] = {}
    for event in log:
        before = versions.get(event.return_name, 0)
        assert event.return_version == before + 1, f"{event.return_name} goes from {before} to {event.return_version}"
        versions[event.return_name] = event.return_version
    for event, following in zip(log, [*log[1:], None], strict=True):
        if event.type == "return.created" and event.snapshot.reason.code == BY_POLICY:
            assert following is not None, "half of a change"
            assert (following.return_name, following.type) == (event.return_name, "return.approved"), "half of a change"
    stored = {event.sequence: event for event in log}
    for history in histories:
        for event in history.events:
            assert event == stored[event.sequence], f"{event.sequence} was seen differently"


BY_POLICY = "BY_POLICY"
"""The reason code of returns that the policy approves in these tests."""


def resumable(history: History) -> None:
    """A stream goes on right behind the cursor that it was opened with, whichever message that came from."""
    for segment in history.segments:
        behind = history.place(segment.after_cursor)
        for message in segment.messages:
            place = history.place(message.cursor)
            assert place >= behind, f"the place went back from {behind} to {place}"
            if message.batch.events:
                first = message.batch.events[0].sequence
                assert first > behind, f"{first} came again behind {behind}"
                if history.selects is None:
                    assert first == behind + 1, f"{first} came right behind {behind}"
            behind = place


def bookmarkable(history: History) -> None:
    """A cursor says how far the consumer is: never ahead of an event that still comes, never behind one that came."""
    bookmark = 0
    for segment in history.segments:
        for message in segment.messages:
            for event in message.batch.events:
                assert event.sequence > bookmark, f"{event.sequence} came although the bookmark was {bookmark}"
                assert history.place(event.cursor) == event.sequence, "an event's cursor stands elsewhere"
            place = history.place(message.cursor)
            if message.batch.events:
                assert place >= message.batch.events[-1].sequence, "a batch's cursor is behind its last event"
            assert place >= bookmark, "a bookmark went back"
            bookmark = place


def filtered(history: History, log: Sequence[ReturnEvent]) -> None:
    """A consumer with a filter has just what the filter selects, up to its last place."""
    assert history.selects is not None
    upto = history.place(history.cursor)
    expected = [event.sequence for event in log if event.sequence <= upto and history.selects(event)]
    assert [event.sequence for event in history.events] == expected, "the filter lost or let through an event"


def check_all(histories: Sequence[History], log: Sequence[ReturnEvent], changes: Iterable[tuple[str, int]]) -> None:
    """Everything at once."""
    unique(histories, log)
    atomic(histories, log)
    acknowledged(changes, log)
    for history in histories:
        ordered(history)
        resumable(history)
        bookmarkable(history)
        if history.selects is None:
            reliable(history, log)
        else:
            filtered(history, log)


def _first_hole(sequences: Sequence[int]) -> str:
    for before, after in pairwise([0, *sequences]):
        if after != before + 1:
            return f"{after} follows {before}"
    return "none"
