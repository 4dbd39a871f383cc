"""What is wrong with a message, gathered so that all of it is said at once."""

from __future__ import annotations

from returns_server.domain.errors import FieldInvalid, Violation

_MAX_VIOLATIONS = 100


class Findings:
    """The wrong fields of one message."""

    def __init__(self) -> None:
        """Nothing is wrong yet."""
        self._found: list[Violation] = []

    def add(self, field: str, description: str) -> None:
        """Note a wrong field; beyond the first hundred they are not kept."""
        if len(self._found) < _MAX_VIOLATIONS:
            self._found.append(Violation(field, description))

    def __len__(self) -> int:
        """How many wrong fields are kept."""
        return len(self._found)

    def check(self) -> None:
        """Raise FieldInvalid if anything is wrong."""
        if self._found:
            raise FieldInvalid(tuple(self._found))
