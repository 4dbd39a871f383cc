"""`python -m tools.replay --data FOLDER`: replays a data folder; exit 0 only if everything came out as it must."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import grpc.aio
from rich.console import Console

from returns_client.errors import refusal_of
from returns_client.importing import import_orders
from returns_client.order_files import FoundOrder, OrderFile, OrderFileUnusable, Problem
from returns_client.order_rows import OPTIONAL as OPTIONAL_ORDER_COLUMNS
from returns_client.order_rows import REQUIRED as ORDER_COLUMNS
from tools.local_server import LocalServer, ServerFailed, local_server
from tools.replay.books import check_books
from tools.replay.filing import file_all
from tools.replay.folder import (
    RETURN_COLUMNS,
    UNMATCHED_COLUMNS,
    DataFolder,
    Document,
    FolderUnusable,
    UnmatchedLine,
)
from tools.replay.progress import Step
from tools.replay.purchases import Purchases
from tools.replay.refusing import MORE_THAN_LEFT, push_all
from tools.replay.report import Outcome, print_report
from tools.replay.session import Session

_SCOPES = "returns.returns_manage returns.orders_manage"


def main() -> int:
    """Run a replay as the command line says; answers the exit code."""
    arguments = _arguments()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    try:
        folder = DataFolder(arguments.data)
        documents, unmatched = folder.documents(), folder.unmatched()
        with local_server(arguments.database_url) as server:
            where = "PostgreSQL" if arguments.database_url else "SQLite"
            console.print(f"replaying {folder.path} through a server on {server.target}, with {where}")
            replay = Replay(console, server, folder, arguments.limit)
            outcome = asyncio.run(replay.run(documents, unmatched))
            if outcome.failures():
                console.print(server.last_words(), style="dim", markup=False, soft_wrap=True)
    except grpc.RpcError as error:
        console.print(f"the replay cannot go on: {refusal_of(error)}", style="bold red", markup=False, soft_wrap=True)
        return 1
    except (FolderUnusable, OrderFileUnusable, ServerFailed) as error:
        console.print(f"cannot replay: {error}", style="bold red", markup=False, soft_wrap=True)
        return 2
    print_report(console, outcome)
    return 1 if outcome.failures() else 0


class Replay:
    """A replay of one folder, for a tenant of its own."""

    def __init__(self, console: Console, server: LocalServer, folder: DataFolder, limit: int | None) -> None:
        """`limit` replays only that many orders, and the returns that are of these orders alone."""
        # Of its own: a database may have seen other replays.
        self._tenant = f"replay{secrets.token_hex(4)}"
        self._console = console
        self._server = server
        self._folder = folder
        self._limit = limit
        self._imported: set[str] = set()

    async def run(self, documents: list[Document], unmatched: list[UnmatchedLine]) -> Outcome:
        """Import, file, push, check."""
        outcome = Outcome(assumptions=self._folder.assumptions, problems=self._folder.problems)
        purchases = Purchases(unmatched)
        token = self._server.token(self._tenant, "replay", _SCOPES, "--user-type", "SERVICE")
        async with grpc.aio.insecure_channel(self._server.target) as channel:
            session = Session.over(channel, self._tenant, token)
            await self._import(session, purchases, outcome)
            documents, unmatched = self._within_limit(documents, unmatched, outcome)
            outcome.documents, outcome.unmatched = len(documents), len(unmatched)
            with self._step("filing returns", "file", outcome, len(documents)) as step:
                outcome.filed = await file_all(
                    session, documents, lambda filed: step.show(filed.documents, f"{filed.documents:,} documents")
                )
            with self._step("pushing bad lines", "push", outcome, len(unmatched)) as step:
                outcome.refused = await push_all(
                    session, unmatched, purchases, lambda refused: step.show(refused.lines, f"{refused.lines:,} lines")
                )
            with self._step("checking the books", "check", outcome, outcome.imported.lines_sent) as step:
                outcome.books = await check_books(
                    session,
                    outcome.filed.units,
                    lambda books: step.show(books.lines, f"{books.lines:,} lines, {books.events:,} events"),
                )
                self._audit(outcome)
        if outcome.filed.split:
            outcome.assumptions.append(f"{outcome.filed.split:,} documents were too large for one return and split")
        if outcome.filed.anonymous:
            outcome.assumptions.append(
                f"{outcome.filed.anonymous:,} documents of anonymous orders: a customer id was made of the return's"
            )
        return outcome

    async def _import(self, session: Session, purchases: Purchases, outcome: Outcome) -> None:
        file = OrderFile(self._folder.orders, session.parent)
        with self._step("importing orders", "import", outcome, None) as step:
            outcome.imported = await import_orders(
                session.orders,
                session.parent,
                purchases.noting(self._limited(file)),
                metadata=session.metadata,
                on_progress=lambda sent: step.show(
                    sent.orders_sent, f"{sent.orders_sent:,} orders, {sent.lines_sent:,} lines"
                ),
            )
        outcome.assumptions[:0] = [f"{self._folder.orders.name}: {said}" for said in file.notes.sentences()]

    def _limited(self, file: OrderFile) -> Iterator[FoundOrder | Problem]:
        for each in islice(file, self._limit):
            if self._limit is not None and isinstance(each, FoundOrder):
                self._imported.add(each.order.name.rpartition("/")[2])
            yield each

    def _within_limit(
        self, documents: list[Document], unmatched: list[UnmatchedLine], outcome: Outcome
    ) -> tuple[list[Document], list[UnmatchedLine]]:
        if self._limit is None:
            return documents, unmatched
        of_these = [each for each in documents if self._imported.issuperset(each.orders)]
        # Without the returns that are left out, more is left of a line than the folder knows.
        provable = [each for each in unmatched if each.reason != MORE_THAN_LEFT]
        outcome.assumptions.append(
            f"--limit {self._limit}: left out {len(documents) - len(of_these):,} return documents of other orders "
            f"and {len(unmatched) - len(provable):,} unmatched lines ({MORE_THAN_LEFT})"
        )
        return of_these, provable

    def _audit(self, outcome: Outcome) -> None:
        try:
            outcome.audit = self._server.command("verify-log").strip()
        except ServerFailed as error:
            outcome.audit = "FAILED"
            outcome.books.findings.append(str(error))

    @contextmanager
    def _step(self, label: str, key: str, outcome: Outcome, total: int | None) -> Iterator[Step]:
        step = Step(self._console, label, total)
        try:
            with step.under_way():
                yield step
        finally:
            outcome.seconds[key] = step.elapsed_seconds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.replay",
        description=__doc__,
        epilog=_columns(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="orders.csv.gz, returns.csv.gz, …")
    parser.add_argument("--database-url", metavar="URL", help="postgresql://…; by default SQLite in a scratch folder")
    parser.add_argument("--limit", type=int, metavar="N", help="replay only the first N orders")
    arguments = parser.parse_args()
    if arguments.limit is not None and arguments.limit < 1:
        parser.error("--limit should be 1 or more")
    return arguments


def _columns() -> str:
    """Which columns the files of a folder have, and what is assumed without them."""
    told = ["the files in FOLDER (.csv.gz or .csv) and their columns:"]
    for name, needed, assumed in (
        ("orders", ORDER_COLUMNS, OPTIONAL_ORDER_COLUMNS),
        ("returns", ("order_id",), RETURN_COLUMNS),
        ("returns_unmatched", UNMATCHED_COLUMNS, {"reason": "told by what the customer had bought"}),
    ):
        told.append(f"  {name}: {', '.join(needed)}")
        told += [f"    {column}: without it, {what}" for column, what in assumed.items()]
    return "\n".join(told)


if __name__ == "__main__":
    sys.exit(main())
