"""Tells what happens, and stops the play where a promise is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import grpc
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from returns_client.errors import Refusal, refusal_of


class PromiseBroken(Exception):
    """Something did not happen as the demonstration promises."""


class Stage:
    """The transcript: at a terminal in colour, elsewhere plain text."""

    def __init__(self, console: Console) -> None:
        """Nothing is printed yet."""
        self._console = console
        self._chapters = 0
        self.promises = 0
        plain = (console.encoding or "").lower().replace("-", "") != "utf8"
        self._tick, self._cross = ("ok", "no") if plain else ("✓", "✗")

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._chapters += 1
        self._console.print()
        self._console.print(f"{self._chapters}. {escape(title)}", style="bold cyan")

    def acts(self, who: str, what: str, method: str = "") -> None:
        """Say who does what, and by which method."""
        tail = f"  [dim]{method}[/]" if method else ""
        self._console.print(f"  [bold]{escape(who)}[/] {escape(what)}{tail}", highlight=False)

    def says(self, text: str) -> None:
        """A remark."""
        self._console.print(f"    {escape(text)}", highlight=False, style="dim" if self._console.is_terminal else "")

    def promise(self, kept: bool, text: str) -> None:
        """Say that something is so; raises PromiseBroken if it is not."""
        if not kept:
            self._console.print(f"    [bold red]{self._cross}[/] {escape(text)}", highlight=False)
            raise PromiseBroken(text)
        self.promises += 1
        self._console.print(f"    [green]{self._tick}[/] {escape(text)}", highlight=False)

    def refused(self, call: Callable[[], object], reason: str, why: str) -> Refusal:
        """Make a call that must be refused for this reason; shows the typed error, answers it."""
        try:
            call()
        except grpc.RpcError as error:
            refusal = refusal_of(error)
        else:
            raise PromiseBroken(f"{why}: expected {reason}, but it was accepted")
        facts = "".join(f", {name} {value}" for name, value in sorted(refusal.facts.items()))
        self._console.print(f"    [yellow]refused:[/] {refusal.code} {refusal.reason}{escape(facts)}", highlight=False)
        self._console.print(Padding(escape(f'"{refusal.message}"'), (0, 0, 0, 6), expand=False), highlight=False)
        self.promise(refusal.reason == reason, why)
        return refusal

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows under headings; a heading that begins with `>` has numbers under it."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for column in columns:
            table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self._console.print(Padding(table, (0, 0, 0, 6), expand=False), highlight=False)
