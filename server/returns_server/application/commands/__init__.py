"""The mutations: each says what it needs from the books and how it decides on them."""

from __future__ import annotations

from typing import Protocol

from returns_server.application.books import Books, Needs, Result
from returns_server.application.request import Request
from returns_server.domain.ids import Micros, TenantId


class Command(Protocol):
    """One mutation of one tenant."""

    @property
    def tenant(self) -> TenantId:
        """Whose books it changes, and nobody else's."""

    @property
    def request(self) -> Request | None:
        """The call behind it; None where nobody waits for one answer (the order feed, the timer)."""

    @property
    def needs(self) -> Needs:
        """What must be loaded and locked."""

    def decide(self, books: Books, now: Micros) -> Result:
        """Change the books, or raise a ReturnsError and leave them as they were."""
