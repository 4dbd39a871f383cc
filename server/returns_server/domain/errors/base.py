"""The root of all refusals."""

from __future__ import annotations

from typing import ClassVar


class ReturnsError(Exception):
    """A refusal with a reason of the contract, a sentence for people and facts for programs."""

    reason: ClassVar[str]

    @property
    def facts(self) -> dict[str, str]:
        """The metadata of the error, by the key names of the contract."""
        return {}
