"""First pages that were answered, kept for whoever asks the same again while the tenant's log stands where it stood.

No change is without its event, so a page is as good as new while the log's head has not moved: to ask for the head
takes one row, the page many. Dashboards and storefronts ask for the same first page over and over.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from returns_server.domain.ids import SECOND, Micros
from returns_server.domain.record import record

_MAX_BYTES = 16 * 1024 * 1024
_MAX_AGE = Micros(60 * SECOND)
"""Nothing that is kept is used for longer, whatever happens to the database behind our back."""


@record
class _Kept:
    head_sequence: int
    answer: bytes
    until: Micros


class AnsweredPages:
    """The latest answers, at most so many bytes of them."""

    def __init__(self, clock: Callable[[], Micros], max_bytes: int = _MAX_BYTES) -> None:
        """Takes the time."""
        self._clock = clock
        self._max_bytes = max_bytes
        self._kept: dict[Hashable, _Kept] = {}
        self._bytes = 0

    def __contains__(self, question: Hashable) -> bool:
        """Whether it is worth asking for the head."""
        return question in self._kept

    def find(self, question: Hashable, head_sequence: int) -> bytes | None:
        """The answer to the very same question, if it was given at this head of the log."""
        kept = self._kept.get(question)
        if kept is None:
            return None
        if kept.head_sequence == head_sequence and self._clock() < kept.until:
            return kept.answer
        self._forget(question)
        return None

    def keep(self, question: Hashable, head_sequence: int, answer: bytes) -> None:
        """Keep an answer that was read at this head of the log."""
        self._forget(question)
        if len(answer) > self._max_bytes // 8:
            return
        self._kept[question] = _Kept(head_sequence, answer, Micros(self._clock() + _MAX_AGE))
        self._bytes += len(answer)
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, question: Hashable) -> None:
        kept = self._kept.pop(question, None)
        if kept is not None:
            self._bytes -= len(kept.answer)
