"""Sends the orders of a file to the service."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from commerce.returns.v1.order_pb2 import Order
from commerce.returns.v1.orders_service_pb2 import ImportOrdersRequest, ImportOrdersResponse
from returns_client.errors import refusal_in
from returns_client.order_files import FoundOrder, Problem

if TYPE_CHECKING:  # A name of the stubs alone: at run time one class serves both kinds of channel.
    from commerce.returns.v1.orders_service_pb2_grpc import OrdersServiceAsyncStub

MAX_PROBLEMS = 1_000
"""Problems that a report names; the others are counted."""


@dataclass(slots=True)
class ImportReport:
    """How an import went; `unreadable` counts problems of the file, `failed` orders that the service refused."""

    orders_sent: int = 0
    lines_sent: int = 0
    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    unreadable: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every row of the file is now in the service."""
        return not self.failed and not self.unreadable


class OrdersOnTheirWay:
    """The orders of a file as they are sent, and what becomes of them, with the lines in which they began."""

    def __init__(
        self, found: Iterable[FoundOrder | Problem], on_progress: Callable[[ImportReport], None] = lambda _: None
    ) -> None:
        """`on_progress` is called after each order is handed over."""
        self._found = found
        self._on_progress = on_progress
        self._began_at = array("q")
        self._report = ImportReport()

    def orders(self) -> Iterator[Order]:
        """The orders, once; problems of the file are kept for the report."""
        for each in self._found:
            if isinstance(each, Problem):
                self._report.unreadable += 1
                _note(self._report, each)
                continue
            self._began_at.append(each.line_number)
            yield each.order
            self._report.orders_sent += 1
            self._report.lines_sent += len(each.order.lines)
            self._on_progress(self._report)

    def report_of(self, answer: ImportOrdersResponse) -> ImportReport:
        """How it went, with the service's answer to all of them."""
        report = self._report
        report.imported = answer.imported_count
        report.updated = answer.updated_count
        report.unchanged = answer.unchanged_count
        report.failed = answer.failed_count
        for failure in answer.failures:
            line_number = self._began_at[failure.index] if failure.index < len(self._began_at) else 0
            _note(report, Problem(line_number, failure.order.rpartition("/")[2], str(refusal_in(failure.status))))
        return report


async def import_orders(
    service: OrdersServiceAsyncStub,
    parent: str,
    found: Iterable[FoundOrder | Problem],
    *,
    metadata: Sequence[tuple[str, str]],
    on_progress: Callable[[ImportReport], None] = lambda _: None,
) -> ImportReport:
    """Send orders in one ImportOrders call and report what became of them.

    `parent` is `tenants/{tenant}`; `on_progress` is called after each order is handed to the connection, which takes no
    more than the service keeps up with. Raises grpc.aio.AioRpcError if the call itself fails; repeating it is safe.
    """
    sending = OrdersOnTheirWay(found, on_progress)

    async def requests() -> AsyncIterator[ImportOrdersRequest]:
        for order in sending.orders():
            yield ImportOrdersRequest(parent=parent, order=order)

    return sending.report_of(await service.ImportOrders(requests(), metadata=tuple(metadata)))


def _note(report: ImportReport, problem: Problem) -> None:
    if len(report.problems) < MAX_PROBLEMS:
        report.problems.append(problem)
