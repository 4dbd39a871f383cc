"""The report of a replay: what was accepted, what was refused and why, how long it took, what was assumed."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from returns_client.importing import ImportReport
from tools.replay.books import Books
from tools.replay.filing import Filed
from tools.replay.refusing import Refused

_SHOWN = 20


@dataclass(slots=True)
class Outcome:
    """All that a replay found out; `problems` are those of the folder's own files."""

    imported: ImportReport = field(default_factory=ImportReport)
    filed: Filed = field(default_factory=Filed)
    refused: Refused = field(default_factory=Refused)
    books: Books = field(default_factory=Books)
    documents: int = 0
    unmatched: int = 0
    assumptions: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    audit: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    def failures(self) -> list[str]:
        """Whatever is not as it should be; empty if all is well."""
        failures = [*self.problems, *map(str, self.imported.problems)]
        untold = self.imported.failed + self.imported.unreadable - len(self.imported.problems)
        if untold > 0:
            failures.append(f"orders: {untold} further problems")
        taken = self.imported.imported + self.imported.updated + self.imported.unchanged
        if taken != self.imported.orders_sent - self.imported.failed or self.books.orders != taken:
            failures.append(f"{self.imported.orders_sent} orders sent, {taken} taken, {self.books.orders} read back")
        if self.imported.ok and self.books.lines != self.imported.lines_sent:
            failures.append(f"{self.imported.lines_sent} lines sent, {self.books.lines} read back")
        failures += self.filed.failures + self.refused.failures + self.books.findings
        if self.filed.documents + len(self.filed.failures) != self.documents:
            failures.append(f"{self.documents} return documents, {self.filed.documents} accepted")
        if self.refused.lines != self.unmatched:
            failures.append(f"{self.unmatched} unmatched lines, {self.refused.lines} pushed")
        if self.filed.returns != self.books.returns:
            failures.append(f"{self.filed.returns} returns filed, {self.books.returns} read back")
        return failures


def print_report(console: Console, outcome: Outcome) -> None:
    """Print everything, failures last."""
    imported, filed, refused, books = outcome.imported, outcome.filed, outcome.refused, outcome.books
    console.print()
    table = _table("", "accepted", "refused", "seconds", "rate")
    seconds = outcome.seconds
    _row(
        table,
        "orders",
        imported.orders_sent - imported.failed,
        imported.failed + imported.unreadable,
        seconds["import"],
    )
    _row(table, "order lines", imported.lines_sent, None, seconds["import"])
    _row(table, "return documents", filed.documents, len(filed.failures), seconds["file"])
    _row(table, "unmatched return lines", refused.lines - _refused(refused), _refused(refused), seconds["push"])
    console.print(table)
    console.print(
        f"{filed.returns:,} returns with {filed.items:,} items, each created, approved and received; "
        f"{filed.over_several_orders:,} documents span several orders.",
        highlight=False,
    )
    if filed.refused:
        console.print(f"return documents refused: {dict(filed.refused)}", highlight=False)
    if refused.by_reason:
        console.print()
        reasons = _table("unmatched because", "must be refused as", "was", "lines")
        for (why, expected, given), count in sorted(refused.by_reason.items()):
            reasons.add_row(why, expected, given if given == expected else f"{given}  <- WRONG", f"{count:,}")
        console.print(reasons)
    console.print()
    console.print("The books", style="bold")
    for sentence in _books_sentences(books, outcome.audit):
        console.print(f"  {sentence}", highlight=False, markup=False, soft_wrap=True)
    _print_list(console, "Assumed", outcome.assumptions, len(outcome.assumptions))
    failures = outcome.failures()
    _print_list(console, f"FAILED: {len(failures):,}", failures, _SHOWN)
    total = sum(seconds.values())
    console.print()
    verdict = "Everything as expected" if not failures else "NOT as expected"
    console.print(f"{verdict}, in {total:.1f} s.", style="bold green" if not failures else "bold red", highlight=False)


def _books_sentences(books: Books, audit: str) -> list[str]:
    """What the books say; whether it is right is said only where nothing was found."""
    right = not books.findings
    return [
        f"{books.lines:,} lines of {books.orders:,} orders read back"
        + (": claimed <= bought on each" if right else ""),
        f"{books.units_returned:,} of {books.units_bought:,} units returned, on {books.lines_returned:,} lines",
        f"{books.lines_returned_in_full:,} lines returned in full"
        + (", each worth exactly what was paid" if right else ""),
        f"{books.events:,} events of {books.returns:,} returns" + (", dense from 1, three of each" if right else ""),
        f"returns-server verify-log: {audit}",
        *([] if right else [f"{len(books.findings):,} findings, see below"]),
    ]


def _refused(refused: Refused) -> int:
    return sum(count for (_, _, given), count in refused.by_reason.items() if given != "accepted")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for number, column in enumerate(columns):
        right = column in {"accepted", "refused", "seconds", "rate", "lines"}
        table.add_column(column, justify="right" if right else "left", no_wrap=number == 0)
    return table


def _row(table: Table, what: str, accepted: int, refused: int | None, seconds: float) -> None:
    rate = (accepted + (refused or 0)) / seconds if seconds else 0.0
    told = "" if refused is None else f"{refused:,}"
    table.add_row(what, f"{accepted:,}", told, f"{seconds:.1f}", f"{rate:,.0f}/s")


def _print_list(console: Console, title: str, sentences: list[str], shown: int) -> None:
    if not sentences:
        return
    console.print()
    console.print(title, style="bold")
    for sentence in sentences[:shown]:
        console.print(f"  {sentence}", highlight=False, markup=False, soft_wrap=True)
    if len(sentences) > shown:
        console.print(f"  and {len(sentences) - shown:,} more")
