"""Progress of a long step: a bar at a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

_SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_UPDATES = 0.1


class Step:
    """One step under way; `elapsed_seconds` is right once it has ended."""

    def __init__(self, console: Console, label: str, total: int | None) -> None:
        """`total` is None where nobody knows it."""
        self.elapsed_seconds = 0.0
        self._label = label
        self._total = total
        self._console = console
        self._began = time.perf_counter()
        self._said = self._began
        self._bar: tuple[Progress, TaskID] | None = None

    def show(self, done: int, what: str) -> None:
        """Say how far it is; cheap enough to be called for every thing done."""
        now = time.perf_counter()
        if now - self._said < (_SECONDS_BETWEEN_UPDATES if self._bar else _SECONDS_BETWEEN_LINES):
            return
        self._said = now
        if self._bar:
            progress, task = self._bar
            progress.update(task, completed=done, what=what)
        else:
            share = f" {100 * done // self._total}%" if self._total else ""
            self._console.print(f"  {self._label}:{share} {what} ({now - self._began:.0f} s)", highlight=False)

    @contextmanager
    def under_way(self) -> Iterator[Step]:
        """The step from its beginning to its end."""
        self._began = self._said = time.perf_counter()
        try:
            if self._console.is_terminal:
                columns = (
                    SpinnerColumn(),
                    TextColumn("{task.description}"),
                    BarColumn(),
                    TextColumn("{task.fields[what]}"),
                )
                with Progress(*columns, TimeElapsedColumn(), console=self._console, transient=True) as progress:
                    self._bar = (progress, progress.add_task(self._label, total=self._total, what=""))
                    yield self
            else:
                yield self
        finally:
            self.elapsed_seconds = time.perf_counter() - self._began
