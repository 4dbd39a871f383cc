"""The shop of the benchmarks: orders of real products, and returns that the product's own rules file over them."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from returns_server.application.books import Books
from returns_server.application.caller import Caller, Scope
from returns_server.application.commands.returns import CreateReturn
from returns_server.application.etags import order_etag
from returns_server.application.ids import Uuid7Source
from returns_server.application.request import Request
from returns_server.devtokens import ISSUER
from returns_server.domain.drafts import Draft, DraftItem
from returns_server.domain.ids import DAY, LineId, Micros, OrderId, ReturnId, TenantId
from returns_server.domain.money import Amount, Price
from returns_server.domain.orders import Order, OrderHead, OrderLine
from returns_server.domain.policy import Policy
from returns_server.domain.returns import Reason, UserType
from returns_server.domain.states import Party

TENANT = TenantId("acme")
SUBJECT = "shop-backend"
LINES = 3
RETURNS_AN_ORDER = 4
UNITS = 40
"""Of each line: four are in returns from the start, the others are left for the returns that a run creates."""
REASON = Reason("DOES_NOT_FIT", "Too wide at the shoulders; would like my money back.")
# Nothing expires while benchmarks run, however old the folder with the seeds is.
POLICY = Policy(expire_after=Micros(10 * 365 * DAY))
FIRST_RETURN = Micros(1_760_000_000_000_000)
_BETWEEN_RETURNS = Micros(30_000_000)
_CUSTOMERS = 100_000
_SAMPLE = Path(__file__).resolve().parents[2] / "tools" / "sample" / "orders.csv.gz"


class Product(NamedTuple):
    """Something that the shop sells; the price in pence."""

    product_id: str
    name: str
    price: int


@cache
def products() -> list[Product]:
    """What a real shop sold (see tools/sample/README.md), each product once."""
    found: dict[str, Product] = {}
    with gzip.open(_SAMPLE, "rt", newline="") as file:
        for row in csv.DictReader(file):
            price = int((Decimal(row["unit_price"]) * 100).quantize(Decimal(1), ROUND_HALF_UP))
            if row["line_kind"] == "product" and price > 0:
                found.setdefault(row["product_id"], Product(row["product_id"], row["product_name"], price))
    return list(found.values())


def order_count(returns: int) -> int:
    """How many orders a shop of so many returns has."""
    return -(-returns // RETURNS_AN_ORDER)


def order_id(index: int) -> OrderId:
    """The id of the order of this number."""
    return OrderId(f"{536_365 + index}")


def customer_of(index: int) -> str:
    """The customer of the order of this number."""
    return f"c{index % _CUSTOMERS:06d}"


def line_id(index: int, position: int) -> LineId:
    """The id of a line of the order of this number."""
    return LineId(f"{order_id(index)}-{position + 1}")


def order(index: int) -> Order:
    """The order of this number, nothing of it returned yet."""
    placed = Micros(FIRST_RETURN - 30 * DAY)
    head = OrderHead(order_id(index), customer_of(index), "", "GBP", placed, Micros(placed + 2 * DAY))
    lines = tuple(_line(index, position) for position in range(LINES))
    return Order(head, lines, placed, placed, order_etag(head, lines))


def _line(index: int, position: int) -> OrderLine:
    known = products()
    product = known[(index * LINES + position) % len(known)]
    net = round(product.price / 1.2)
    paid = Amount(product.price * UNITS, net * UNITS, (product.price - net) * UNITS)
    return OrderLine(
        order_id=order_id(index),
        line_id=line_id(index, position),
        product_id=product.product_id,
        product_name=product.name,
        quantity=UNITS,
        unit_price=str(Decimal(product.price) / 100),
        paid=Price(paid, "S", "0.2"),
        final_sale=False,
    )


def books_of(first: int, returns: int) -> Books:
    """The books after so many returns, the first of that number, over the orders that are theirs.

    Each return was decided by the product's own command at its own time. `first` is a multiple of RETURNS_AN_ORDER.
    """
    orders = [order(first // RETURNS_AN_ORDER + i) for i in range(order_count(returns))]
    books = Books(TENANT, policy=POLICY, numbers=(f"R-{first + i + 1:06d}" for i in range(returns)))
    for one in orders:
        books.put_order(one)
    for i in range(returns):
        # An order's returns lie apart in time, as they do in a shop.
        index = first // RETURNS_AN_ORDER + i % len(orders)
        creation(first + i, index).decide(books, time_of(first + i))
    return books


def books_with(index: int, number: str) -> Books:
    """The books as they are loaded when a return is to be filed over the order of this number."""
    one = order(index)
    books = Books(TENANT, policy=POLICY, numbers=iter([number]))
    books.heads[one.head.order_id] = one.head
    for line in one.lines:
        claimed = line.paid.amount.share(RETURNS_AN_ORDER, UNITS)
        books.lines[line.key] = replace(line, claimed_units=RETURNS_AN_ORDER, claimed=claimed)
    books.stored_orders.add(one.head.order_id)
    books.stored_lines.update(books.lines)
    return books


def creation(number: int, index: int) -> CreateReturn:
    """The command that files the return of this number: one unit of each line of the order of that number."""
    caller = _caller()
    items = tuple(DraftItem(order_id(index), line_id(index, position), 1) for position in range(LINES))
    request = Request(caller, caller.as_actor(Party.STAFF), str(new_id(number, b"request")), True, bytes(16))
    return CreateReturn(TENANT, request, Draft(items, REASON), ReturnId(str(new_id(number, b"return"))))


def time_of(number: int) -> Micros:
    """When the return of this number was filed."""
    return Micros(FIRST_RETURN + number * _BETWEEN_RETURNS)


def new_id(index: int, purpose: bytes) -> UUID:
    """A UUID of version 7, as the product makes them, the same in every run."""
    chance = sha256(b"%d %b" % (index, purpose)).digest()
    return Uuid7Source(lambda: time_of(index), lambda size: chance[:size])()


def return_name(index: int) -> str:
    """The name of the return of this number."""
    return f"tenants/{TENANT}/returns/{new_id(index, b'return')}"


@cache
def _caller() -> Caller:
    return Caller(
        tenant=TENANT,
        issuer=ISSUER,
        subject=SUBJECT,
        scopes=frozenset({Scope.MANAGE, Scope.READ}),
        customer_id="",
        email="",
        verified_email="",
        first_name="",
        last_name="",
        user_type=UserType.SERVICE,
        expire_time=Micros(0),
    )
