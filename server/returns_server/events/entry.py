"""Events on their way to those who follow the log: each is put into its final form once, for all who get it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol

from returns_server.application.ports import StoredEvent
from returns_server.domain.ids import Micros
from returns_server.events.cursor import Cursor, Mint


class Run(NamedTuple):
    """A message with a batch of events, and the last one's id and cursor."""

    message: bytes
    last_id: bytes
    cursor: bytes


class Forms(Protocol):
    """How events are shown: `whole` to staff, else as customers see them."""

    def message(self, stored: StoredEvent, *, whole: bool) -> Any:
        """The event as a message, for filters to look at."""

    def encoded(self, stored: StoredEvent, cursor: bytes, *, whole: bool) -> bytes:
        """The event, with its sequence and its cursor, as an element of a batch."""

    def run(self, documents: Sequence[bytes], first: int, mint: Mint) -> Run:
        """Stored events, at least one, whose sequences follow one another, as the message that brings them whole.

        It says the same as a batch of what `encoded` makes of each.
        """


class Entry:
    """One event, and the forms of it that somebody has asked for."""

    __slots__ = ("_encoded", "_forms", "_messages", "cursor", "stored")

    def __init__(self, stored: StoredEvent, cursor: bytes, forms: Forms) -> None:
        """Takes the event, the text of the cursor after it, and who knows its forms."""
        self.stored = stored
        self.cursor = cursor
        self._forms = forms
        self._messages: dict[bool, Any] = {}
        self._encoded: dict[bool, bytes] = {}

    def message(self, *, whole: bool) -> Any:
        """The event as a message."""
        if whole not in self._messages:
            self._messages[whole] = self._forms.message(self.stored, whole=whole)
        return self._messages[whole]

    def encoded(self, *, whole: bool) -> bytes:
        """The event as an element of a batch."""
        if whole not in self._encoded:
            self._encoded[whole] = self._forms.encoded(self.stored, self.cursor, whole=whole)
        return self._encoded[whole]


class Batch:
    """Events that travel in one message, encoded once for all who get just these."""

    __slots__ = ("_content", "_encoded", "count", "cursor")

    def __init__(self, content: bytes, count: int, cursor: bytes) -> None:
        """Takes so many events, at least one, as elements of a batch, and the cursor after them.

        The events themselves are let go: a slow reader holds no more than the bytes that are on their way.
        """
        self.count = count
        self.cursor = cursor
        self._content: bytes | None = content
        self._encoded = b""

    @classmethod
    def ready(cls, message: bytes, count: int, cursor: bytes) -> Batch:
        """A batch of so many events that is encoded already."""
        batch = cls(b"", count, cursor)
        batch._encoded, batch._content = message, None
        return batch

    @classmethod
    def of(cls, entries: Sequence[Entry], cursor: bytes, *, whole: bool) -> Batch:
        """A batch of at least one event; the cursor is that after the batch and what was left out behind it."""
        return cls(b"".join([entry.encoded(whole=whole) for entry in entries]), len(entries), cursor)

    def encoded(self, encode: Callable[[bytes, bytes], bytes]) -> bytes:
        """The whole message, which `encode` makes of the events and the cursor."""
        if self._content is not None:
            self._encoded, self._content = encode(self._content, self.cursor), None
        return self._encoded


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A sign of life, and the place up to which there is nothing else for this stream."""

    place: Cursor


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """All that had happened when the stream began has been sent."""

    place: Cursor


class Ending(Enum):
    """Why the service ends a stream."""

    DRAINING = "draining"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  (no secret)
    MAX_AGE = "max_age"


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The end of a stream, and when the next one should begin after its place."""

    place: Cursor
    ending: Ending
    retry_delay: Micros


Sent = Batch | Checkpoint | CaughtUp | Goodbye
"""What a stream tells its reader."""
