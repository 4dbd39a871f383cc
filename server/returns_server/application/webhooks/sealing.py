"""What keeps secrets unreadable at rest, as the use cases see it."""

from __future__ import annotations

from typing import Protocol


class Sealing(Protocol):
    """Seals secrets, each for one place, so that none can be moved to another."""

    def seal(self, content: bytes, place: str) -> bytes:
        """The content, readable only by whoever has the key and says the same place."""

    def open(self, sealed: bytes, place: str) -> bytes | None:
        """What was sealed for that place; None where the key is not there any more, or it was sealed for another."""

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it was sealed with the key that seals now."""

    def mark(self, content: bytes, place: str) -> str:
        """A short text that is the same for the same content and place, and tells nothing of it without the key."""
