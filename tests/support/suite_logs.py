"""Everything that servers logged while the tests ran, and what must be in none of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import structlog
from structlog.typing import EventDict

from returns_server.telemetry.logs import processors

IN_PROCESS = "in-process.log"
PLANTED = {
    "given name": "Zebulonia",
    "family name": "Quixworthy",
    "address": "zebulonia.quixworthy@customers.example",
    "what was written": "the spout dripped on my grandmother",
    "custom header": "planted-header-value",
}
"""What some tests hand in, unlike anything else: none of it is for a log."""

_FORBIDDEN = {
    **{what: re.compile(re.escape(text), re.IGNORECASE) for what, text in PLANTED.items()},
    "e-mail address": re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}"),
    "token": re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}"),
    "webhook secret": re.compile(r"whsec_\w+"),
    "authorization": re.compile(r"(?i)bearer\s+[\w-]{8,}"),
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
}


def forbidden_in(lines: Iterable[str]) -> Iterator[str]:
    """What is in these lines that must not be, each with its line."""
    for line in lines:
        for what, pattern in _FORBIDDEN.items():
            if pattern.search(line):
                yield f"{what}: {line.strip()[:300]}"


def findings_under(folder: Path) -> list[str]:
    """What must not be in any log below a folder: of servers (`*.log`) and of those within the tests' own process."""
    found = []
    for log in folder.rglob("*.log"):
        with log.open(errors="replace") as lines:
            found += [f"{log.name}: {finding}" for finding in forbidden_in(lines)]
    return found


class Kept:
    """Writes what is logged in this process to a file, as a server would write it, and lets it pass."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._render = structlog.processors.JSONRenderer()

    def __call__(self, logger: object, method: str, event: EventDict) -> EventDict:
        print(self._render(logger, method, dict(event)), file=self._file, flush=True)
        return event


def keep(file: IO[str]) -> None:
    """Have all that is logged in this process from now on, from info up, written to a file too, and printed as before.

    A line for each call, as debug has it, would cost the suite more than the calls; one test has a server log them.
    """
    structlog.configure(
        processors=[*processors(), Kept(file), structlog.dev.ConsoleRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
