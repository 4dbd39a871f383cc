"""Pushes return lines that belong to no order: each must be refused, for the right reason.

No order and no line can be named for such a line, so it is asked for as closely as the service's words allow:

- nobody is named, or somebody who had bought nothing by then: an order that does not exist -> ORDER_NOT_FOUND;
- the product was not bought by then: a line that the customer's latest order does not have -> LINE_NOT_FOUND;
- more came back than is left: the customer's newest line of that product of which less than the full quantity is left
  -> QUANTITY_EXCEEDS_RETURNABLE.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import grpc

from commerce.returns.v1.orders_service_pb2 import GetOrderRequest
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_draft_pb2 import DraftItem, DraftOrder, ReturnDraft
from commerce.returns.v1.returns_service_pb2 import CreateReturnRequest
from returns_client.errors import refusal_of
from tools.replay.folder import UnmatchedLine
from tools.replay.purchases import Purchases
from tools.replay.session import CALL_SECONDS, IN_FLIGHT, Session

MORE_THAN_LEFT = "more_than_left"
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9._~-]+")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A line as it is asked for, and the reason with which it must be refused."""

    order_id: str
    line_id: str
    expected: str


@dataclass(slots=True)
class Refused:
    """What became of the lines: counts by (why it is unmatched, expected reason, reason given)."""

    lines: int = 0
    by_reason: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def as_expected(self) -> int:
        """Lines that were refused for the right reason."""
        return sum(count for (_, expected, given), count in self.by_reason.items() if expected == given)


async def push_all(
    session: Session, lines: Sequence[UnmatchedLine], purchases: Purchases, on_progress: Callable[[Refused], None]
) -> Refused:
    """Try to file each line as a return of its own; what is not refused as it must be is a failure."""
    refused = Refused()
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def push(line: UnmatchedLine, number: int) -> None:
        why = line.reason or "(no reason told)"
        try:
            attempt = await _attempt(session, line, purchases)
            given = await _given(session, line, attempt, number)
            refused.lines += 1
            refused.by_reason[why, attempt.expected, given] += 1
            if given != attempt.expected:
                refused.failures.append(f"{line.return_id} ({why}): expected {attempt.expected}, got {given}")
            on_progress(refused)
        except grpc.RpcError as error:
            refused.failures.append(f"{line.return_id} ({why}): {refusal_of(error)}")
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        for number, line in enumerate(lines, 1):
            await slots.acquire()
            group.create_task(push(line, number))
    return refused


async def _attempt(session: Session, line: UnmatchedLine, purchases: Purchases) -> Attempt:
    latest = purchases.latest_order(line.customer_id, line.returned_at) if line.customer_id else None
    bought = purchases.lines_of(line.customer_id, line.product_id, line.returned_at)
    if line.reason == MORE_THAN_LEFT or (bought and not line.reason):
        for order_id, line_id in bought:
            if await _left(session, order_id, line_id) < line.quantity:
                return Attempt(order_id, line_id, "QUANTITY_EXCEEDS_RETURNABLE")
        # No line shows it: whatever the service says now, the folder and the books disagree.
        order_id, line_id = bought[0] if bought else (line.return_id, line.product_id)
        return Attempt(_as_id(order_id), _as_id(line_id), "QUANTITY_EXCEEDS_RETURNABLE")
    if latest is None:
        return Attempt(_as_id(line.return_id), _as_id(line.product_id), "ORDER_NOT_FOUND")
    return Attempt(latest, _as_id(f"{latest}-{line.product_id}"), "LINE_NOT_FOUND")


async def _left(session: Session, order_id: str, line_id: str) -> int:
    order = await session.orders.GetOrder(
        GetOrderRequest(name=f"{session.parent}/orders/{order_id}"), metadata=session.metadata, timeout=CALL_SECONDS
    )
    return next(line.returnable_quantity for line in order.lines if line.line_id == line_id)


async def _given(session: Session, line: UnmatchedLine, attempt: Attempt, number: int) -> str:
    item = DraftItem(line_id=attempt.line_id, quantity=line.quantity or 1)
    request = CreateReturnRequest(
        parent=session.parent,
        request_id=session.request_id("unmatched", str(number)),
        draft=ReturnDraft(
            orders=[DraftOrder(order=attempt.order_id, items=[item])],
            reason=Reason(details=f"return document {line.return_id}"),
        ),
    )
    try:
        await session.returns.CreateReturn(request, metadata=session.metadata, timeout=CALL_SECONDS)
    except grpc.RpcError as error:
        refusal = refusal_of(error)
        return refusal.reason or refusal.code
    return "accepted"


def _as_id(text: str) -> str:
    return _NOT_IN_ID.sub("-", text)[:64] or "-"
