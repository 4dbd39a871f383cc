"""Returns are found, listed and counted as a plain Python model of the same rows says, on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from returns_server.application.listing import Order, OrderField, Position, Viewer
from returns_server.application.ports import ReturnPage
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.domain.returns import GoodsState, State
from returns_server.filtering.tree import (
    EVERYTHING,
    And,
    Comparison,
    Expression,
    Field,
    Kind,
    Not,
    Operator,
    Or,
    Present,
)
from returns_server.storage import tables
from returns_server.storage.database import Database
from returns_server.storage.reads import StoredReads, return_pages
from returns_server.storage.reads.viewing import sight_of
from returns_server.storage.session import Row, Session
from tests.support.databases import put

ACME, OTHER = TenantId("acme"), TenantId("other")
STAFF = Viewer(everything=True)
STATE = Field("state", Kind.ENUM)
CUSTOMER = Field("requestor.customer_id", Kind.TEXT)
GUEST = Field("requestor.guest_email", Kind.TEXT)
ORDER = Field("orders.order", Kind.ORDER, repeated=True)
CREATED = Field("create_time", Kind.TIME)


@dataclass(frozen=True)
class Sample:
    """A return as far as lists look at it."""

    return_id: str
    tenant: str = ACME
    state: int = 1
    customer_id: str = ""
    guest_email: str = ""
    total_mills: int = 0
    create_time: int = 0
    update_time: int = 0
    expire_time: int | None = None
    due_time: int | None = None
    orders: tuple[str, ...] = ()
    document: bytes = field(default=b"")

    @property
    def content(self) -> bytes:
        return self.document or f"{self.tenant}/{self.return_id}".encode()


def samples() -> list[Sample]:
    """Many ties in every sort field, unset expiries, three kinds of requestors, and a neighbour with the same ids."""
    made = [
        Sample(
            return_id=f"r{n * 7 % 48:02}",
            state=1 + n % 4,
            customer_id=("c1", "c2", "", "c1")[n % 4],
            guest_email="g@example.com" if n % 4 == 2 else "",
            total_mills=n % 5 * 1_000,
            create_time=n // 3,
            update_time=n % 6,
            expire_time=None if n % 3 == 0 else n % 7,
            orders=(f"o{n % 5}", f"o{n % 2}")[: 1 + (n % 5 != n % 2)],
        )
        for n in range(48)
    ]
    return made + [Sample(s.return_id, OTHER, 2, s.customer_id, s.guest_email, orders=("o1",)) for s in made]


SAMPLES = samples()


async def store(database: Database, chosen: list[Sample]) -> StoredReads:
    rows = [
        {
            "tenant": s.tenant,
            "return_id": s.return_id,
            "number": f"N{s.return_id}",
            "version": 1,
            "state": s.state,
            "goods_state": s.state % 3,
            "close_reason": 0,
            "customer_id": s.customer_id,
            "guest_email": s.guest_email,
            "currency": "GBP",
            "total_mills": s.total_mills,
            "create_time": s.create_time,
            "update_time": s.update_time,
            "expire_time": s.expire_time,
            "expire_time_given": False,
            "due_time": s.due_time,
            "document": s.content,
        }
        for s in chosen
    ]
    items = [
        {
            "tenant": s.tenant,
            "return_id": s.return_id,
            "order_id": order_id,
            "line_id": "1",
            "product_id": "p",
            "quantity": 1,
            "claimed_units": 1,
            "claimed_net": 0,
            "claimed_tax": 0,
            "claimed_gross": 1,
        }
        for s in chosen
        for order_id in s.orders
    ]
    await put(database, tables.returns, rows)
    await put(database, tables.return_items, items)
    return StoredReads(database)


async def walked(
    reads: StoredReads, viewer: Viewer, where: Expression, order: Order, limit: int, *, count: bool = True
) -> tuple[list[str], ReturnPage]:
    """The ids of a whole list, page by page, and its first page."""
    ids: list[str] = []
    after: Position | None = None
    first: ReturnPage | None = None
    while True:
        page = await reads.list_returns(ACME, viewer, where, order, after, limit, count=count)
        first = first or page
        assert page.total_size == first.total_size
        assert len(page.returns) == limit or page.next is None
        ids += [document.decode().partition("/")[2] for document, *_ in page.returns]
        after = page.next
        if after is None:
            return ids, first


SORT_KEYS: dict[OrderField, Callable[[Sample], Any]] = {
    OrderField.CREATE_TIME: lambda s: (s.create_time, s.return_id),
    OrderField.UPDATE_TIME: lambda s: (s.update_time, s.return_id),
    # Unset sorts as the smallest.
    OrderField.EXPIRE_TIME: lambda s: (-1 if s.expire_time is None else s.expire_time, s.return_id),
    OrderField.TOTAL_GROSS: lambda s: (s.total_mills, s.return_id),
}
VIEWERS = {
    "staff": STAFF,
    "customer": Viewer(everything=False, customer_id="c1"),
    "guest": Viewer(everything=False, verified_email="g@example.com"),
    "customer with address": Viewer(everything=False, customer_id="c2", verified_email="g@example.com"),
    "nobody": Viewer(everything=False),
}


def seen_by(viewer: Viewer, sample: Sample) -> bool:
    if sample.tenant != ACME:
        return False
    return (
        viewer.everything
        or bool(sample.customer_id and sample.customer_id == viewer.customer_id)
        or bool(sample.guest_email and sample.guest_email == viewer.verified_email)
    )


@pytest.mark.parametrize("descending", [True, False])
async def test_every_order_lists_everything_once_whatever_the_page_size(database: Database, descending: bool) -> None:
    reads = await store(database, SAMPLES)
    for order_field, (name, viewer), limit in itertools.product(OrderField, VIEWERS.items(), [1, 5, 48, 100]):
        expected = [s for s in SAMPLES if seen_by(viewer, s)]
        expected.sort(key=SORT_KEYS[order_field], reverse=descending)
        ids, first = await walked(reads, viewer, EVERYTHING, Order(order_field, descending), limit)
        assert ids == [s.return_id for s in expected], (order_field, name, limit)
        assert first.total_size == len(expected)
        # Without a total, short pages are read at once.
        at_once, _ = await walked(reads, viewer, EVERYTHING, Order(order_field, descending), limit, count=False)
        assert at_once == ids, (order_field, name, limit)


def compare(field: Field, operator: Operator, value: str | int) -> Comparison:
    return Comparison(field, operator, value)


HOLDS: dict[str, tuple[Expression, Callable[[Sample], bool]]] = {
    "state": (compare(STATE, Operator.EQ, 2), lambda s: s.state == 2),
    "other state": (compare(STATE, Operator.NE, 2), lambda s: s.state != 2),
    "customer": (compare(CUSTOMER, Operator.EQ, "c1"), lambda s: s.customer_id == "c1"),
    "other customer": (compare(CUSTOMER, Operator.NE, "c1"), lambda s: s.customer_id != "c1"),
    "not that customer": (Not(compare(CUSTOMER, Operator.EQ, "c1")), lambda s: s.customer_id != "c1"),
    "not another customer": (Not(compare(CUSTOMER, Operator.NE, "c1")), lambda s: s.customer_id == "c1"),
    "no customer": (compare(CUSTOMER, Operator.EQ, ""), lambda s: s.customer_id == ""),
    "customers before": (compare(CUSTOMER, Operator.LT, "c2"), lambda s: s.customer_id < "c2"),
    "customers behind": (compare(CUSTOMER, Operator.GT, "c1"), lambda s: s.customer_id > "c1"),
    "any customer": (Present(CUSTOMER), lambda s: s.customer_id != ""),
    "guest": (compare(GUEST, Operator.EQ, "g@example.com"), lambda s: bool(s.guest_email)),
    "order": (compare(ORDER, Operator.EQ, "o1"), lambda s: "o1" in s.orders),
    "any other order": (compare(ORDER, Operator.NE, "o1"), lambda s: any(o != "o1" for o in s.orders)),
    "not that order": (Not(compare(ORDER, Operator.EQ, "o1")), lambda s: "o1" not in s.orders),
    "both orders": (
        And((compare(ORDER, Operator.EQ, "o1"), compare(ORDER, Operator.EQ, "o3"))),
        lambda s: {"o1", "o3"} <= set(s.orders),
    ),
    "after": (compare(CREATED, Operator.GT, 7), lambda s: s.create_time > 7),
    "until": (compare(CREATED, Operator.LE, 7), lambda s: s.create_time <= 7),
    "from": (compare(CREATED, Operator.GE, 7), lambda s: s.create_time >= 7),
    "between": (
        And((compare(CREATED, Operator.GE, 3), compare(CREATED, Operator.LT, 9))),
        lambda s: 3 <= s.create_time < 9,
    ),
    "either": (
        Or((compare(STATE, Operator.EQ, 1), And((compare(STATE, Operator.EQ, 2), compare(ORDER, Operator.EQ, "o0"))))),
        lambda s: s.state == 1 or (s.state == 2 and "o0" in s.orders),
    ),
    "never": (Or(()), lambda _: False),
    "always": (Not(Or(())), lambda _: True),
    "a value with quotes and signs": (compare(CUSTOMER, Operator.EQ, "' OR 1=1 -- %(x)s :y"), lambda _: False),
}


async def test_filters_select_what_they_say_for_every_viewer(database: Database) -> None:
    reads = await store(database, SAMPLES)
    for (name, (where, holds)), (who, viewer) in itertools.product(HOLDS.items(), VIEWERS.items()):
        expected = {s.return_id for s in SAMPLES if seen_by(viewer, s) and holds(s)}
        ids, first = await walked(reads, viewer, where, Order(), 7)
        assert set(ids) == expected, (name, who)
        assert (len(ids), first.total_size) == (len(expected), len(expected)), (name, who)


async def test_a_total_is_counted_only_where_it_is_asked_for(database: Database) -> None:
    reads = await store(database, SAMPLES[:3])
    assert (await reads.list_returns(ACME, STAFF, EVERYTHING, Order(), None, 2, count=False)).total_size is None


async def test_an_owner_without_any_identity_matches_nobodys_returns(database: Database) -> None:
    reads = await store(database, [Sample("r1"), Sample("r2", customer_id="c1")])
    for viewer in (
        Viewer(everything=False),
        Viewer(everything=False, customer_id="c2", verified_email="x@example.com"),
    ):
        page = await reads.list_returns(ACME, viewer, EVERYTHING, Order(), None, 9, count=True)
        assert (list(page.returns), page.total_size) == ([], 0)
        assert await reads.find_return(ACME, ReturnId("r1"), viewer) is None


async def test_a_return_is_found_by_those_who_may_see_it(database: Database) -> None:
    reads = await store(database, SAMPLES)
    for viewer in VIEWERS.values():
        visible = {s.return_id for s in SAMPLES if seen_by(viewer, s)}
        ids = [ReturnId(s.return_id) for s in SAMPLES if s.tenant == ACME]
        assert set(await reads.find_returns(ACME, [*ids, ReturnId("absent")], viewer)) == visible
        assert {i for i in ids if await reads.find_return(ACME, i, viewer) is not None} == visible
    sample = SAMPLES[2]
    found = await reads.find_return(ACME, ReturnId(sample.return_id), STAFF)
    assert found is not None
    assert (found.document, found.customer_id, found.guest_email) == (b"acme/r14", "", "g@example.com")
    assert (found.state, found.goods_state) == (State.REJECTED, GoodsState.UNSPECIFIED)
    assert await reads.find_return(TenantId("third"), ReturnId("r00"), STAFF) is None
    assert await reads.find_returns(TenantId("third"), [ReturnId("r00")], STAFF) == {}
    assert await reads.find_returns(ACME, [], STAFF) == {}


async def test_a_page_ends_early_at_two_mebibytes_but_not_empty(database: Database) -> None:
    heavy = [
        Sample(f"r{n}", create_time=n, document=bytes([n]) * size) for n, size in enumerate([3 << 20, *[900 << 10] * 4])
    ]
    reads = await store(database, heavy)
    order = Order(descending=False)
    sizes, after = [], None
    while True:
        page = await reads.list_returns(ACME, STAFF, EVERYTHING, order, after, 1_000, count=False)
        sizes.append([document[0] for document, *_ in page.returns])
        after = page.next
        if after is None:
            break
    assert sizes == [[0], [1, 2], [3, 4]]


async def test_long_pages_are_whole(database: Database) -> None:
    many = [Sample(f"r{n:03}", create_time=n // 50) for n in range(300)]
    reads = await store(database, many)
    for limit in (64, 65, 128, 299, 300, 301):
        ids, _ = await walked(reads, STAFF, EVERYTHING, Order(descending=False), limit)
        assert ids == [s.return_id for s in many]


async def test_a_page_tells_the_head_of_the_log_that_it_was_read_at(database: Database) -> None:
    reads = await store(database, SAMPLES)
    page = await reads.list_returns(ACME, STAFF, EVERYTHING, Order(), None, 1, count=False)
    assert (page.head_sequence, page.head_event_id) == (0, b"")
    heads = [{"tenant": t, "last_sequence": n, "next_number": 1} for t, n in ((ACME, 2), (OTHER, 9))]
    await put(database, tables.event_heads, heads)
    common = {"type": 1, "time": 1, "return_id": "r1", "document": b""}
    events = [
        {"tenant": ACME, "sequence": n, "event_id": bytes([n]) * 16, "return_version": n, **common} for n in (1, 2)
    ]
    await put(database, tables.events, events)
    for limit in (1, 1_000):
        page = await reads.list_returns(ACME, STAFF, EVERYTHING, Order(), None, limit, count=False)
        assert (page.head_sequence, page.head_event_id) == (2, b"\2" * 16)


@pytest.mark.parametrize("viewer", VIEWERS.values(), ids=VIEWERS)
async def test_a_page_behind_the_first_is_read_by_one_statement(
    database: Database, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(database, SAMPLES)
    wanted = return_pages.listing(database.dialect, sight_of(viewer), EVERYTHING, Order())
    asked: list[str] = []

    async def read(session: Session) -> ReturnPage:
        fetch = session.fetch

        async def counted(statement: str, parameters: Any = None) -> list[Row]:
            asked.append(statement)
            return await fetch(statement, parameters)

        monkeypatch.setattr(session, "fetch", counted)
        return await return_pages.list_returns(session, ACME, viewer, wanted, Position((9, "r9")), 50, count=False)

    page = await database.read(read)
    assert len(asked) == 1
    behind = [s for s in SAMPLES if seen_by(viewer, s) and (s.create_time, s.return_id) < (9, "r9")]
    assert len(page.returns) == len(behind)


async def test_due_returns_of_all_tenants_come_longest_overdue_first(database: Database) -> None:
    late = [
        Sample("r1", due_time=50),
        Sample("r2", OTHER, due_time=10),
        Sample("r3", due_time=100),
        Sample("r4", due_time=101),
        Sample("r5"),
    ]
    reads = await store(database, late)
    assert list(await reads.due(Micros(100), 10)) == [(OTHER, "r2"), (ACME, "r1"), (ACME, "r3")]
    assert list(await reads.due(Micros(100), 1)) == [(OTHER, "r2")]
    assert list(await reads.due(Micros(9), 10)) == []
