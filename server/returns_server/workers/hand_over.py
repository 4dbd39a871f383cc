"""What a parent and its worker say to each other, over pipes that end with whoever holds them.

The parent writes one `Orders` into the worker's standard input and keeps that open: when it ends, so has the parent.
The worker writes one `Report` to its standard output.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from returns_server.config import Settings

STOP_MARGIN_SECONDS = 20.0
"""What a worker gets beyond its grace time, to commit what waits and let go of the database, before it is ended."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker is to serve, with the very settings that its parent read; `settings.listen` has the real port."""

    number: int
    settings: Settings
    dev: bool
    people: bool


@dataclass(frozen=True, slots=True)
class Report:
    """How the start went: nothing, or why it failed, in a sentence for an operator or as a bug's story."""

    failure: str = ""

    def line(self) -> bytes:
        """As it is written."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> Report:
        """What such a line says."""
        return cls(**json.loads(line))
