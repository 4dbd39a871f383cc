"""Sends the orders of a file to the service."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
    report = ImportReport()
    began_at = array("q")

    async def requests() -> AsyncIterator[ImportOrdersRequest]:
        for each in found:
            if isinstance(each, Problem):
                report.unreadable += 1
                _note(report, each)
                continue
            began_at.append(each.line_number)
            yield ImportOrdersRequest(parent=parent, order=each.order)
            report.orders_sent += 1
            report.lines_sent += len(each.order.lines)
            on_progress(report)

    answer = await service.ImportOrders(requests(), metadata=tuple(metadata))
    _add(report, answer, began_at)
    return report


def _add(report: ImportReport, answer: ImportOrdersResponse, began_at: array[int]) -> None:
    report.imported = answer.imported_count
    report.updated = answer.updated_count
    report.unchanged = answer.unchanged_count
    report.failed = answer.failed_count
    for failure in answer.failures:
        line_number = began_at[failure.index] if failure.index < len(began_at) else 0
        _note(report, Problem(line_number, failure.order.rpartition("/")[2], str(refusal_in(failure.status))))


def _note(report: ImportReport, problem: Problem) -> None:
    if len(report.problems) < MAX_PROBLEMS:
        report.problems.append(problem)
