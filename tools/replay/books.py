"""Checks the books through the service: what returns claim against what was bought and paid, and the event log."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from google.type.money_pb2 import Money

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.order_pb2 import Order, OrderLine
from commerce.returns.v1.orders_service_pb2 import ListOrdersRequest
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.returns_service_pb2 import ListReturnEventsRequest, ListReturnsRequest
from tools.replay.session import CALL_SECONDS, Session

PAGE_SIZE = 1_000
_LIFE = ("return.created", "return.approved", "return.received")

LineKey = tuple[str, str]
"""Order id and line id."""


@dataclass(slots=True)
class Books:
    """What was counted, and what does not add up."""

    orders: int = 0
    lines: int = 0
    units_bought: int = 0
    units_returned: int = 0
    lines_returned: int = 0
    lines_returned_in_full: int = 0
    returns: int = 0
    events: int = 0
    findings: list[str] = field(default_factory=list)


async def check_books(session: Session, filed_units: Counter[LineKey], on_progress: Callable[[Books], None]) -> Books:
    """Read everything back, page by page, and compare: returns with orders, both with what was filed, events with both.

    `filed_units` are the units that were filed, by line. In memory are the lines that were returned, not all that were
    bought.
    """
    books = Books()
    units: Counter[LineKey] = Counter()
    worth: Counter[LineKey] = Counter()
    async for ret in _returns(session):
        _check_return(ret, books, units, worth)
        on_progress(books)
    for key in units.keys() | filed_units.keys():
        if units[key] != filed_units[key]:
            books.findings.append(f"line {_said(key)}: filed {filed_units[key]} units, returns hold {units[key]}")
    async for order in _orders(session):
        books.orders += 1
        order_id = order.name.rpartition("/")[2]
        for line in order.lines:
            key = (order_id, line.line_id)
            _check_line(key, line, units.pop(key, 0), worth.pop(key, 0), books)
        on_progress(books)
    books.findings.extend(f"line {_said(key)}: returned, but in no order" for key in units)
    await _check_events(session, books, on_progress)
    return books


def _check_return(ret: Return, books: Books, units: Counter[LineKey], worth: Counter[LineKey]) -> None:
    books.returns += 1
    if ret.state != Return.STATE_APPROVED or not ret.received or ret.version != len(_LIFE):
        books.findings.append(f"{ret.name}: not approved and received at version {len(_LIFE)}")
    total = 0
    for order in ret.orders:
        for item in order.items:
            key = (order.order.rpartition("/")[2], item.line_id)
            units[key] += item.approved_quantity
            worth[key] += _nanos(item.approved_total.gross)
            total += _nanos(item.approved_total.gross)
    if total != _nanos(ret.approved_total.gross):
        books.findings.append(f"{ret.name}: its total is not the sum of its items")


def _check_line(key: LineKey, line: OrderLine, units: int, worth: int, books: Books) -> None:
    books.lines += 1
    books.units_bought += line.quantity
    books.units_returned += units
    paid = _nanos(line.total.gross)
    if line.returned_quantity != units or line.returnable_quantity != line.quantity - units:
        books.findings.append(f"line {_said(key)}: returns claim {units}, the order says {line.returned_quantity}")
    if units > line.quantity or worth > paid:
        books.findings.append(
            f"line {_said(key)}: returned {units} of {line.quantity} units, more than was bought or paid"
        )
    if units:
        books.lines_returned += 1
    if units == line.quantity:
        books.lines_returned_in_full += 1
        if worth != paid:
            books.findings.append(f"line {_said(key)}: returned in full, yet worth {worth} of {paid} nano units paid")


async def _check_events(session: Session, books: Books, on_progress: Callable[[Books], None]) -> None:
    lives: Counter[str] = Counter()
    async for event in _events(session):
        books.events += 1
        lives[event.return_name] += 1
        version = lives[event.return_name]
        if event.sequence != books.events:
            books.findings.append(f"event {event.id}: sequence {event.sequence} where {books.events} was due")
        if event.return_version != version or version > len(_LIFE) or event.type != _LIFE[version - 1]:
            books.findings.append(f"event {event.sequence}: {event.type} as version {event.return_version}")
        on_progress(books)
    if len(lives) != books.returns or books.events != len(_LIFE) * books.returns:
        books.findings.append(f"{books.events} events of {len(lives)} returns, but {books.returns} returns")


async def _returns(session: Session) -> AsyncIterator[Return]:
    request = ListReturnsRequest(parent=session.parent, page_size=PAGE_SIZE)
    while True:
        page = await session.returns.ListReturns(request, metadata=session.metadata, timeout=CALL_SECONDS)
        for ret in page.returns:
            yield ret
        request.page_token = page.next_page_token
        if not request.page_token:
            return


async def _orders(session: Session) -> AsyncIterator[Order]:
    request = ListOrdersRequest(parent=session.parent, page_size=PAGE_SIZE)
    while True:
        page = await session.orders.ListOrders(request, metadata=session.metadata, timeout=CALL_SECONDS)
        for order in page.orders:
            yield order
        request.page_token = page.next_page_token
        if not request.page_token:
            return


async def _events(session: Session) -> AsyncIterator[ReturnEvent]:
    request = ListReturnEventsRequest(parent=session.parent, page_size=PAGE_SIZE)
    while True:
        page = await session.returns.ListReturnEvents(request, metadata=session.metadata, timeout=CALL_SECONDS)
        for event in page.events:
            yield event
        request.page_token = page.next_page_token
        if not request.page_token:
            return


def _nanos(money: Money) -> int:
    return money.units * 10**9 + money.nanos


def _said(key: LineKey) -> str:
    return f"{key[1]} of order {key[0]}"
