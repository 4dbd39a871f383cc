"""Files return documents as staff: each is created, approved and received, in time order where it matters."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import grpc

from commerce.returns.v1.order_pb2 import Order
from commerce.returns.v1.orders_service_pb2 import GetOrderRequest
from commerce.returns.v1.party_pb2 import Requestor
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_draft_pb2 import DraftItem, DraftOrder, ReturnDraft
from commerce.returns.v1.returns_service_pb2 import ApproveReturnRequest, CreateReturnRequest, RecordReceiptRequest
from returns_client.errors import refusal_of
from tools.replay.folder import Document, ReturnedLine
from tools.replay.session import CALL_SECONDS, IN_FLIGHT, Session

MAX_ITEMS, MAX_ORDERS = 1_000, 100
_RETURN_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")
_NOT_IN_ID = re.compile(r"[^a-z0-9-]+")


@dataclass(slots=True)
class Filed:
    """What became of the documents."""

    documents: int = 0
    returns: int = 0
    items: int = 0
    over_several_orders: int = 0
    split: int = 0
    anonymous: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    units: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Units by order and line, as the accepted documents ask for them."""


async def file_all(session: Session, documents: Sequence[Document], on_progress: Callable[[Filed], None]) -> Filed:
    """File every document; those that share an order one after the other, in the order given, the others side by side.

    A refusal is noted and the rest goes on.
    """
    filed = Filed()
    slots = asyncio.Semaphore(IN_FLIGHT)
    last: dict[str, asyncio.Task[None]] = {}

    async def in_turn(document: Document, before: set[asyncio.Task[None]]) -> None:
        try:
            if before:
                await asyncio.wait(before)
            await _file(session, document, filed)
            on_progress(filed)
        finally:
            slots.release()
            me = asyncio.current_task()
            for order_id in document.orders:
                if last.get(order_id) is me:
                    del last[order_id]

    async with asyncio.TaskGroup() as group:
        for document in documents:
            # Documents get their slots in time order, so that one which waits for another never holds it up.
            await slots.acquire()
            before = {last[order_id] for order_id in document.orders if order_id in last}
            task = group.create_task(in_turn(document, before))
            last.update(dict.fromkeys(document.orders, task))
    return filed


async def _file(session: Session, document: Document, filed: Filed) -> None:
    step = "create"
    try:
        lines = await _named_lines(session, document)
        requestor = await _requestor(session, document, filed)
        parts = list(_parts(lines))
        filed.split += len(parts) > 1
        for number, part in enumerate(parts, 1):
            key = document.return_id if number == 1 else f"{document.return_id}-{number}"
            step = "create"
            created = await session.returns.CreateReturn(
                _request(session, key, part, requestor), metadata=session.metadata, timeout=CALL_SECONDS
            )
            step = "approve"
            await session.returns.ApproveReturn(
                ApproveReturnRequest(name=created.name, request_id=session.request_id(key, step)),
                metadata=session.metadata,
                timeout=CALL_SECONDS,
            )
            step = "receive"
            await session.returns.RecordReceipt(
                RecordReceiptRequest(name=created.name, receipt_id=key[:64], request_id=session.request_id(key, step)),
                metadata=session.metadata,
                timeout=CALL_SECONDS,
            )
            filed.returns += 1
            filed.items += sum(len(order.items) for order in created.orders)
            for line in part:
                filed.units[line.order_id, line.line_id] += line.quantity
        filed.documents += 1
        filed.over_several_orders += len(document.orders) > 1
    except grpc.RpcError as error:
        refusal = refusal_of(error)
        filed.refused[refusal.reason or refusal.code] += 1
        filed.failures.append(f"return {document.return_id}: {step}: {refusal}")


def _request(session: Session, key: str, part: list[ReturnedLine], requestor: Requestor | None) -> CreateReturnRequest:
    orders: dict[str, DraftOrder] = {}
    for line in part:
        order = orders.setdefault(line.order_id, DraftOrder(order=line.order_id))
        order.items.append(DraftItem(line_id=line.line_id, quantity=line.quantity))
    return_id = _NOT_IN_ID.sub("-", key.lower())
    return CreateReturnRequest(
        parent=session.parent,
        return_id=return_id if _RETURN_ID.fullmatch(return_id) else "",
        request_id=session.request_id(key, "create"),
        draft=ReturnDraft(orders=orders.values(), reason=Reason(details=f"return document {key}"), requestor=requestor),
    )


async def _named_lines(session: Session, document: Document) -> list[ReturnedLine]:
    """The lines with ids and quantities; what the document leaves open is asked of the service."""
    named: list[ReturnedLine] = []
    for line in document.lines:
        if line.line_id and line.quantity:
            named.append(line)
            continue
        order = await _order(session, line.order_id)
        asked = [each for each in order.lines if line.line_id in ("", each.line_id)]
        left = [
            ReturnedLine(line.order_id, each.line_id, line.quantity or each.returnable_quantity)
            for each in asked
            if line.quantity or each.returnable_quantity
        ]
        # Nothing is left: let the service say so, rather than leave it out in silence.
        named += left or [ReturnedLine(line.order_id, asked[0].line_id if asked else line.line_id, 1)]
    return named


async def _requestor(session: Session, document: Document, filed: Filed) -> Requestor | None:
    """Who returns: the document's customer, else nobody in particular, which means the customer of the orders.

    Anonymous orders have none: then the document itself stands for the person.
    """
    if document.customer_id:
        return Requestor(customer_id=document.customer_id)
    for order_id in document.orders:
        order = await _order(session, order_id)
        if order.customer_id or order.guest_email:
            return None
    filed.anonymous += 1
    return Requestor(customer_id=f"return-{document.return_id}")


async def _order(session: Session, order_id: str) -> Order:
    return await session.orders.GetOrder(
        GetOrderRequest(name=f"{session.parent}/orders/{order_id}"), metadata=session.metadata, timeout=CALL_SECONDS
    )


def _parts(lines: Iterable[ReturnedLine]) -> Iterator[list[ReturnedLine]]:
    """The lines in portions that one return can hold."""
    part: list[ReturnedLine] = []
    orders: set[str] = set()
    for line in lines:
        if len(part) == MAX_ITEMS or (len(orders) == MAX_ORDERS and line.order_id not in orders):
            yield part
            part, orders = [], set()
        part.append(line)
        orders.add(line.order_id)
    if part:
        yield part
