"""`python -m tools.demo`: plays a day at the returns desk; exit 0 only if everything happened as promised."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import grpc.aio
from rich.console import Console

from commerce.returns.v1.orders_service_pb2_grpc import OrdersServiceStub
from returns_client.errors import refusal_of
from returns_client.importing import ImportReport, import_orders
from returns_client.order_files import OrderFile
from tools.demo import customer, following, guests, hooks, looking_back, rules, staff
from tools.demo.people import CUSTOMER_SCOPES, PARENT, STAFF_SCOPES, Desk, Person
from tools.demo.stage import PromiseBroken, Stage
from tools.local_server import LocalServer, ServerFailed, local_server
from tools.replay.folder import DataFolder, Document

SAMPLE = Path(__file__).parents[1] / "sample"
_CUSTOMER, _RETURN, _LATE_RETURN = "16394", "C567685", "C572115"
_CUSTOMER_ON_PAPER = "15201"
_HOOKED_RETURNS = ("C543744", "C545677", "C555629")
_PEOPLE = (
    ("The shop system", "shop", "returns.orders_manage", "--user-type", "SERVICE"),
    ("Dana (staff)", "dana", STAFF_SCOPES, "--given-name", "Dana"),
    ("Kim (staff)", "kim", STAFF_SCOPES, "--given-name", "Kim"),
    ("The owner", "owner", f"{STAFF_SCOPES} returns.policy_manage returns.webhooks_manage"),
    (f"Customer {_CUSTOMER}", "login-77", CUSTOMER_SCOPES, "--customer-id", _CUSTOMER),
)
"""Name, subject, scopes and further claims of those who have tokens from the beginning."""


def main() -> int:
    """Play; answers the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a pound sign still shows the rest
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    stage = Stage(console)
    began = time.perf_counter()
    try:
        with local_server() as server, grpc.insecure_channel(server.target) as channel:
            try:
                _play(stage, console, server, Desk.over(server, channel))
            except (PromiseBroken, grpc.RpcError):
                console.print(server.last_words(), style="dim", markup=False, soft_wrap=True)
                raise
    except PromiseBroken as error:
        console.print(f"\nBROKEN PROMISE: {error}", style="bold red", markup=False)
        return 1
    except grpc.RpcError as error:
        console.print(f"\nA call failed that should not: {refusal_of(error)}", style="bold red", markup=False)
        return 1
    except ServerFailed as error:
        console.print(f"\n{error}", style="bold red", markup=False)
        return 1
    console.print()
    console.print(
        f"{stage.promises} promises kept in {time.perf_counter() - began:.1f} s; the server is stopped, its data gone.",
        style="bold green",
    )
    return 0


def _play(stage: Stage, console: Console, server: LocalServer, desk: Desk) -> None:
    console.print("A day at the returns desk of a gift shop", style="bold")
    console.print(f"  returns-server on {server.target}, SQLite, every call through gRPC with a token of its caller.")
    console.print(
        "  Orders and returns are real (UCI Online Retail, CC BY 4.0); people, reasons and the guest are not."
    )
    documents = DataFolder(SAMPLE).documents()
    by_id = {document.return_id: document for document in documents}
    with ThreadPoolExecutor() as pool:  # each token is a run of `returns-server token`
        feed, dana, kim, owner, buyer = pool.map(lambda who: desk.person(*who), _PEOPLE)

    _opens(stage, server, feed)
    filed = customer.files_a_return(stage, desk, buyer, by_id[_RETURN])
    customer.asks_too_much(stage, desk, buyer, filed)
    approved = staff.decides(stage, desk, dana, kim, buyer, filed)
    closed = staff.receives(stage, desk, dana, approved)
    guests.orders_as_guest(stage, desk, feed)
    served = guests.is_served(stage, desk, kim)
    guests.registers(stage, desk, served)
    rules.are_set(stage, desk, owner, kim, buyer, by_id[_LATE_RETURN])
    hooks.are_posted(stage, desk, owner, kim, [by_id[return_id] for return_id in _HOOKED_RETURNS])
    looking_back.lists(stage, desk, dana, _of(documents, _CUSTOMER_ON_PAPER))
    looking_back.timeline(stage, desk, dana, buyer, closed)
    following.follows(stage, desk, kim)
    looking_back.books(stage, desk, dana)


def _opens(stage: Stage, server: LocalServer, feed: Person) -> None:
    stage.chapter("The shop opens")
    stage.acts(feed.name, "sends its orders", "ImportOrders")
    file = OrderFile(SAMPLE / "orders.csv.gz", PARENT)
    report = asyncio.run(_imported(server, feed, file))
    stage.promise(
        report.ok and report.imported == file.notes.orders > 0,
        f"{report.imported} orders with {report.lines_sent:,} lines, none refused",
    )
    stage.says(f"{file.notes.anonymous_orders} of them have no customer; one has 1,114 lines, one line 80,995 units")
    stage.acts(feed.name, "sends them all again", "ImportOrders")
    again = asyncio.run(_imported(server, feed, OrderFile(file.path, PARENT)))
    stage.promise(again.unchanged == report.imported, f"{again.unchanged} orders unchanged: a feed is safe to repeat")


async def _imported(server: LocalServer, feed: Person, file: OrderFile) -> ImportReport:
    async with grpc.aio.insecure_channel(server.target) as channel:
        return await import_orders(OrdersServiceStub(channel), PARENT, file, metadata=feed.metadata)


def _of(documents: list[Document], customer_id: str) -> list[Document]:
    return [document for document in documents if document.customer_id == customer_id]


if __name__ == "__main__":
    sys.exit(main())
