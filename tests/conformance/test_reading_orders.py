"""Orders and their lines are found and listed as a plain Python model of the same rows says, on both databases."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from commerce.returns.v1 import order_pb2
from returns_server.application.listing import Position, Viewer
from returns_server.domain.ids import OrderId, TenantId
from returns_server.filtering.tree import EVERYTHING, Comparison, Expression, Field, Kind, Operator
from returns_server.storage import tables
from returns_server.storage.database import Database
from returns_server.storage.reads import StoredReads
from tests.support.databases import put

ACME, OTHER = TenantId("acme"), TenantId("other")
STAFF = Viewer(everything=True)
VIEWERS = [
    STAFF,
    Viewer(everything=False, customer_id="c1"),
    Viewer(everything=False, verified_email="g@example.com"),
    Viewer(everything=False, customer_id="c1", verified_email="g@example.com"),
    Viewer(everything=False),
]


@dataclass(frozen=True)
class Sample:
    order_id: str
    tenant: str = ACME
    customer_id: str = ""
    guest_email: str = ""
    place_time: int = 0
    lines: int = 1
    name: str = ""


SAMPLES = [
    Sample(
        order_id=f"o{n * 5 % 18:02}",
        customer_id=("c1", "", "c2")[n % 3] if n % 4 else "",
        guest_email="g@example.com" if n % 4 == 0 else "",
        place_time=n // 4,
        lines=1 + n % 3,
    )
    for n in range(18)
]
NEIGHBOURS = [Sample(s.order_id, OTHER, s.customer_id, s.guest_email, s.place_time, 4) for s in SAMPLES]


async def store(database: Database, samples: list[Sample]) -> StoredReads:
    times = {"create_time": 1, "update_time": 2, "etag": "tag"}
    heads = [
        {
            "tenant": s.tenant,
            "order_id": s.order_id,
            "customer_id": s.customer_id,
            "guest_email": s.guest_email,
            "currency": "GBP",
            "place_time": s.place_time,
            **times,
        }
        for s in samples
    ]
    lines = [
        {
            "tenant": s.tenant,
            "order_id": s.order_id,
            # Ids run against the shop's sequence.
            "line_id": f"l{99_999 - position}",
            "position": position,
            "product_id": "p",
            "product_name": s.name,
            "quantity": 5,
            "gross": 119,
            "net": 100,
            "tax": 19,
            "tax_rate": "19",
            "final_sale": bool(position % 2),
            "claimed_units": 2,
            "claimed_net": 40,
            "claimed_tax": 8,
            "claimed_gross": 48,
        }
        for s in samples
        for position in range(s.lines)
    ]
    await put(database, tables.orders, heads)
    await put(database, tables.order_lines, lines)
    return StoredReads(database)


def seen(viewer: Viewer, s: Sample) -> bool:
    return s.tenant == ACME and (
        viewer.everything
        or bool(s.customer_id and s.customer_id == viewer.customer_id)
        or bool(s.guest_email and s.guest_email == viewer.verified_email)
    )


def latest_first(samples: list[Sample]) -> list[Sample]:
    return sorted(samples, key=lambda s: (s.place_time, s.order_id), reverse=True)


async def walked(reads: StoredReads, viewer: Viewer, where: Expression, limit: int) -> list[order_pb2.Order]:
    found: list[order_pb2.Order] = []
    after: Position | None = None
    while True:
        page = await reads.list_orders(ACME, viewer, where, after, limit, count=True)
        found += [order_pb2.Order.FromString(document) for document in page.orders]
        after = page.next
        if after is None:
            assert page.total_size == len(found)
            return found


async def test_orders_are_listed_latest_first_each_with_its_lines_in_sequence(database: Database) -> None:
    reads = await store(database, SAMPLES + NEIGHBOURS)
    for viewer, limit in itertools.product(VIEWERS, (1, 4, 18, 50)):
        expected = latest_first([s for s in SAMPLES if seen(viewer, s)])
        found = await walked(reads, viewer, EVERYTHING, limit)
        assert [o.name for o in found] == [f"tenants/acme/orders/{s.order_id}" for s in expected]
        for order, sample in zip(found, expected, strict=True):
            assert [line.line_id for line in order.lines] == [f"l{99_999 - n}" for n in range(sample.lines)]


@pytest.mark.parametrize(
    ("path", "operator", "value"),
    [
        ("customer_id", Operator.EQ, "c1"),
        ("customer_id", Operator.NE, "c1"),
        ("guest_email", Operator.EQ, "g@example.com"),
        ("place_time", Operator.GE, 2),
        ("place_time", Operator.LT, 2),
    ],
)
async def test_order_filters_select_what_they_say(
    database: Database, path: str, operator: Operator, value: str | int
) -> None:
    def holds(s: Sample) -> bool:
        actual = getattr(s, path)
        match operator:
            case Operator.EQ:
                return bool(actual == value)
            case Operator.NE:
                return bool(actual != value)
            case Operator.GE:
                return bool(actual >= value)
            case _:
                return bool(actual < value)

    reads = await store(database, SAMPLES + NEIGHBOURS)
    kind = Kind.TIME if path == "place_time" else Kind.TEXT
    where = Comparison(Field(path, kind), operator, value)
    for viewer in VIEWERS:
        expected = latest_first([s for s in SAMPLES if seen(viewer, s) and holds(s)])
        found = await walked(reads, viewer, where, 3)
        assert [o.name for o in found] == [f"tenants/acme/orders/{s.order_id}" for s in expected]


async def test_an_order_is_found_whole_by_those_who_may_see_it(database: Database) -> None:
    reads = await store(database, SAMPLES + NEIGHBOURS)
    for viewer, sample in itertools.product(VIEWERS, SAMPLES):
        document = await reads.find_order(ACME, OrderId(sample.order_id), viewer)
        assert (document is not None) == seen(viewer, sample)
    document = await reads.find_order(ACME, OrderId("o10"), STAFF)
    assert document is not None
    order = order_pb2.Order.FromString(document)
    first, _, third = order.lines
    assert (first.line_id, first.quantity, first.returned_quantity, first.returnable_quantity) == ("l99999", 5, 2, 3)
    assert (first.total.gross.units, first.total.gross.nanos, first.final_sale) == (1, 190_000_000, False)
    assert (third.line_id, order.etag, order.create_time.nanos) == ("l99997", "tag", 1_000)
    assert await reads.find_order(TenantId("third"), OrderId("o10"), STAFF) is None
    assert await reads.find_order(ACME, OrderId("absent"), STAFF) is None


async def test_a_page_of_orders_ends_early_at_two_mebibytes_but_not_empty(database: Database) -> None:
    heavy = [
        Sample(f"o{n}", place_time=-n, lines=lines, name="x" * 1_000) for n, lines in enumerate([2_100, 900, 900, 900])
    ]
    reads = await store(database, heavy)
    pages, after = [], None
    while True:
        page = await reads.list_orders(ACME, STAFF, EVERYTHING, after, 1_000, count=False)
        pages.append([order_pb2.Order.FromString(document).name[-2:] for document in page.orders])
        after = page.next
        if after is None:
            break
    assert pages == [["o0"], ["o1", "o2"], ["o3"]]


async def lines_walked(
    reads: StoredReads, viewer: Viewer, order_id: OrderId | None, customer_id: str, guest_email: str, limit: int
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    after: Position | None = None
    while True:
        lines = await reads.list_order_lines(ACME, viewer, order_id, customer_id, guest_email, after, limit)
        found += [(line.head.order_id, line.line.line_id) for line in lines]
        if len(lines) < limit:
            return found
        after = lines[-1].position


async def test_order_lines_come_once_the_latest_order_first_in_the_shops_sequence(database: Database) -> None:
    reads = await store(database, SAMPLES + NEIGHBOURS)
    asked = [(None, "", ""), (None, "c1", ""), (None, "", "g@example.com"), ("o10", "", ""), ("o05", "c1", "")]
    for viewer, (order_id, customer, guest), limit in itertools.product(VIEWERS, asked, (1, 2, 7, 100)):
        expected = [
            (s.order_id, f"l{99_999 - position}")
            for s in latest_first([s for s in SAMPLES if seen(viewer, s)])
            if (order_id in (None, s.order_id)) and customer in ("", s.customer_id) and guest in ("", s.guest_email)
            for position in range(s.lines)
        ]
        wanted = None if order_id is None else OrderId(order_id)
        assert await lines_walked(reads, viewer, wanted, customer, guest, limit) == expected


async def test_a_line_brings_what_is_claimed_of_it_and_its_order(database: Database) -> None:
    reads = await store(database, [Sample("o1", customer_id="c1", place_time=7)])
    [found] = await reads.list_order_lines(ACME, STAFF, OrderId("o1"), "", "", None, 5)
    assert (found.line.quantity, found.line.claimed_units, found.line.claimed.net) == (5, 2, 40)
    assert (found.head.customer_id, found.head.place_time, found.head.deliver_time) == ("c1", 7, None)
