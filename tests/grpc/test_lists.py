"""Lists: pages that have everything once, filters, counts, and tokens bound to what was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.return_pb2 import Return
from tests.support.messages import create, feed, line, order
from tests.support.scenes import approve, close, reject
from tests.support.service import ALL, Client, MovableClock, Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACME = "tenants/acme"
RETURNS = 23
PARTS = ("alpha", "beta", "gamma")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shop(shared: Service) -> AsyncIterator[Service]:
    """23 returns of three customers, with ties in their totals and states of all kinds."""
    assert isinstance(shared.clock, MovableClock)
    feeder, staff = shared.client(*ALL), shared.client()
    for number, customer in enumerate(PARTS):
        lines = [line(str(unit), 9, 900) for unit in range(3)]
        placed = Timestamp(seconds=1_750_000_000 + number)
        await feed(feeder, order(f"of-{customer}", *lines, customer_id=customer, place_time=placed))
    for number in range(RETURNS):
        customer = PARTS[number % 3]
        items = (f"of-{customer}", str(number % 3), 1)
        ret = await staff.returns.CreateReturn(create(items, return_id=f"return-{number:02}"))
        shared.clock.forward(0.5)
        if number % 4 == 1:
            await approve(staff, ret)
        elif number % 4 == 2:
            await reject(staff, ret)
        elif number % 4 == 3:
            await close(staff, ret)
    yield shared


async def _pages(client: Client, **asked: Any) -> tuple[list[Return], list[pb.ListReturnsResponse]]:
    found: list[Return] = []
    pages: list[pb.ListReturnsResponse] = []
    token = ""
    while not pages or token:
        request = pb.ListReturnsRequest(parent=ACME, page_token=token, **asked)
        pages.append(await client.returns.ListReturns(request))
        found += pages[-1].returns
        token = pages[-1].next_page_token
        assert len(pages) < 100
    return found, pages


def _key(field: str, ret: Return) -> Any:
    if field == "total.gross":
        return (ret.total.gross.units, ret.total.gross.nanos)
    time = getattr(ret, field)
    return (time.seconds, time.nanos)


@pytest.mark.parametrize("direction", ["", " asc", " desc"])
@pytest.mark.parametrize("field", ["create_time", "update_time", "expire_time", "total.gross"])
async def test_pages_have_everything_once_in_order(shop: Service, field: str, direction: str) -> None:
    found, _ = await _pages(shop.client(), page_size=4, order_by=field + direction)
    assert len({ret.name for ret in found}) == len(found) == RETURNS
    keys = [_key(field, ret) for ret in found]
    assert keys == sorted(keys, reverse=direction == " desc")


async def test_the_newest_come_first_by_default(shop: Service) -> None:
    found, _ = await _pages(shop.client())
    assert [ret.name for ret in found] == [f"{ACME}/returns/return-{number:02}" for number in reversed(range(RETURNS))]


FILTERS: dict[str, int] = {
    "": 23,
    "state=PENDING": 6,
    "state=STATE_APPROVED": 6,
    "state!=PENDING": 17,
    'requestor.customer_id="alpha"': 8,
    "requestor.customer_id=alpha AND state=PENDING": 2,
    'requestor.guest_email="x@example.com"': 0,
    'orders.order="of-beta"': 8,
    f'orders.order:"{ACME}/orders/of-gamma"': 7,
    "create_time>=2020-01-01T00:00:00Z": 23,
    "create_time<2020-01-01T00:00:00Z": 0,
    "create_time>2020-01-01T00:00:00Z AND create_time<=2100-01-01T00:00:00Z AND state=CLOSED": 5,
}


@pytest.mark.parametrize("text", FILTERS)
async def test_filters_select_and_are_counted(shop: Service, text: str) -> None:
    found, pages = await _pages(shop.client(), filter=text, page_size=3, include_total_size=True)
    assert len(found) == FILTERS[text]
    assert {page.total_size for page in pages} == {FILTERS[text]}
    assert all(page.total_size == 0 for page in (await _pages(shop.client(), filter=text))[1])


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "nonsense=1",
        "state=",
        "state=NOWHERE",
        "create_time>yesterday",
        "state=PENDING AND",
        "((",
        "x" * 5000,
        "approver.nickname=x",
        "state>PENDING",
        '"state"=PENDING',
        "orders.order=***",
    ],
    ids=lambda text: text[:30],
)
async def test_a_filter_that_means_nothing_is_refused_with_its_column(shop: Service, text: str) -> None:
    with refused("FILTER_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        await shop.client().returns.ListReturns(pb.ListReturnsRequest(parent=ACME, filter=text))
    assert int(caught[0].metadata["column"]) >= 1


@pytest.mark.parametrize("text", ["number", "create_time up", "create_time,update_time", "create_time desc asc", ","])
async def test_an_order_that_there_is_not_is_refused(shop: Service, text: str) -> None:
    with refused("FIELD_INVALID") as caught:
        await shop.client().returns.ListReturns(pb.ListReturnsRequest(parent=ACME, order_by=text))
    assert caught[0].fields == ["order_by"]


async def test_page_sizes_are_coerced_and_never_negative(shop: Service) -> None:
    staff = shop.client()
    for size in (0, 1000, 1001, 2**31 - 1):
        answer = await staff.returns.ListReturns(pb.ListReturnsRequest(parent=ACME, page_size=size))
        assert (len(answer.returns), answer.next_page_token) == (RETURNS, "")
    with refused("FIELD_INVALID") as caught:
        await staff.returns.ListReturns(pb.ListReturnsRequest(parent=ACME, page_size=-1))
    assert caught[0].fields == ["page_size"]


async def test_a_page_token_belongs_to_its_question_and_its_caller(shop: Service) -> None:
    staff = shop.client(subject="ann")
    asked = {"filter": "state=PENDING", "order_by": "update_time"}
    first = await staff.returns.ListReturns(pb.ListReturnsRequest(parent=ACME, page_size=1, **asked))  # type: ignore[arg-type]
    token = first.next_page_token
    changed: list[tuple[Client, dict[str, Any]]] = [
        (staff, {**asked, "filter": "state=APPROVED"}),
        (staff, {**asked, "filter": ""}),
        (staff, {**asked, "order_by": "update_time desc"}),
        (shop.client(subject="ben"), asked),
        (shop.client("returns.returns_read_own", subject="ann"), asked),
    ]
    for client, question in changed:
        with refused("PAGE_TOKEN_INVALID", grpc.StatusCode.INVALID_ARGUMENT):
            await client.returns.ListReturns(pb.ListReturnsRequest(parent=ACME, page_token=token, **question))
    with refused("PAGE_TOKEN_INVALID"):
        await staff.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ACME, page_token=token))
    for spoilt in (token[:-4] + "AAAA", token + "A", "x", "=" * 9, "\u00e9", "A" * 5000):
        with refused("PAGE_TOKEN_INVALID"):
            await staff.returns.ListReturns(pb.ListReturnsRequest(parent=ACME, page_token=spoilt, **asked))  # type: ignore[arg-type]
    # The size alone may change.
    second = pb.ListReturnsRequest(parent=ACME, page_size=7, page_token=token, **asked)  # type: ignore[arg-type]
    assert len((await staff.returns.ListReturns(second)).returns) == 5


async def test_customers_list_their_own(shop: Service) -> None:
    found, pages = await _pages(shop.customer("alpha"), page_size=3, include_total_size=True)
    assert {ret.requestor.customer_id for ret in found} == {"alpha"}
    assert {page.total_size for page in pages} == {len(found)} == {8}


async def test_every_page_repeats_the_event_cursor_of_the_first(shop: Service) -> None:
    staff = shop.client()
    first = await staff.returns.ListReturns(pb.ListReturnsRequest(parent=ACME, page_size=5))
    _, pages = await _pages(staff, page_size=5)
    assert {page.event_cursor for page in pages} == {first.event_cursor}
    events = await staff.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ACME, page_size=1000))
    assert first.event_cursor == events.events[-1].cursor


async def test_what_exists_all_along_is_seen_once_while_others_write(shared: Service) -> None:
    tenant = "busy"
    parent, client = f"tenants/{tenant}", shared.client(*ALL, tenant=tenant)
    await feed(client, order("o1", line("1", 500, 50_000), tenant=tenant), tenant=tenant)
    names = [(await client.returns.CreateReturn(create(("o1", "1", 1), tenant=tenant))).name for _ in range(12)]
    for direction in ("asc", "desc"):
        seen: list[str] = []
        token, more = "", True
        while more:
            request = pb.ListReturnsRequest(
                parent=parent, page_size=5, page_token=token, order_by=f"create_time {direction}"
            )
            page = await client.returns.ListReturns(request)
            seen += [ret.name for ret in page.returns]
            token, more = page.next_page_token, bool(page.next_page_token)
            if len(seen) < 40:
                await client.returns.CreateReturn(create(("o1", "1", 1), tenant=tenant))
        assert len(seen) == len(set(seen))
        assert set(names) <= set(seen)


async def test_orders_are_listed_the_latest_placed_first(shop: Service) -> None:
    staff, names, token = shop.client(), [], ""
    for _ in PARTS:
        request = orders_pb.ListOrdersRequest(parent=ACME, page_size=1, page_token=token, include_total_size=True)
        page = await staff.orders.ListOrders(request)
        assert page.total_size == 3
        names += [one.name.rpartition("/")[2] for one in page.orders]
        token = page.next_page_token
    assert (names, token) == (["of-gamma", "of-beta", "of-alpha"], "")
    request = orders_pb.ListOrdersRequest(parent=ACME, filter='customer_id="beta"')
    (only,) = (await staff.orders.ListOrders(request)).orders
    assert (only.customer_id, only.lines[0].returned_quantity + only.lines[0].returnable_quantity) == ("beta", 9)


async def test_returnable_items_come_in_pages_with_what_is_left(shop: Service) -> None:
    owner, token = shop.customer("alpha"), ""
    items: list[Any] = []
    while True:
        request = pb.ListReturnableItemsRequest(parent=ACME, page_size=2, page_token=token)
        page = await owner.returns.ListReturnableItems(request)
        items += page.returnable_items
        token = page.next_page_token
        if not token:
            break
    assert [item.line_id for item in items] == ["0", "1", "2"]
    for item in items:
        assert item.quantity == 9 == item.returned_quantity + item.returnable_quantity
        assert (item.returnable_total.gross.units, item.currency_code) == (item.returnable_quantity, "EUR")
        assert not item.blocks
    with refused("FIELD_INVALID"):
        await shop.client().returns.ListReturnableItems(pb.ListReturnableItemsRequest(parent=ACME))


async def test_what_is_all_returned_is_blocked(shared: Service) -> None:
    client = shared.client(*ALL, tenant="empty")
    await feed(client, order("o1", tenant="empty"), tenant="empty")
    await client.returns.CreateReturn(create(("o1", "1", 1), tenant="empty"))
    request = pb.ListReturnableItemsRequest(parent="tenants/empty", order="o1")
    (item,) = (await client.returns.ListReturnableItems(request)).returnable_items
    assert (item.returnable_quantity, list(item.blocks)) == (0, ["ALREADY_RETURNED"])


async def test_a_tenants_log_is_dense_from_1_and_a_timeline_is_its_part(shop: Service) -> None:
    staff, token = shop.client(), ""
    events: list[Any] = []
    while True:
        page = await staff.returns.ListReturnEvents(
            pb.ListReturnEventsRequest(parent=ACME, page_size=7, page_token=token)
        )
        events += page.events
        token = page.next_page_token
        if not token:
            break
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert len({event.id for event in events}) == len({event.cursor for event in events}) == len(events)
    name = f"{ACME}/returns/return-01"
    timeline = (await staff.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=name))).events
    assert list(timeline) == [event for event in events if event.return_name == name]
    assert [(event.type, event.return_version) for event in timeline] == [("return.created", 1), ("return.approved", 2)]
    own = await shop.customer("alpha").returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ACME, page_size=1000))
    theirs = [event for event in events if event.snapshot.requestor.customer_id == "alpha"]
    assert [event.sequence for event in own.events] == [event.sequence for event in theirs]


async def test_the_timeline_of_a_deleted_return_is_for_staff_alone(shared: Service) -> None:
    client = shared.client(*ALL, tenant="gone")
    await feed(client, order("o1", tenant="gone"), tenant="gone")
    ret = await client.returns.CreateReturn(create(("o1", "1", 1), tenant="gone"))
    await client.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name))
    timeline = await client.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))
    assert [event.type for event in timeline.events] == ["return.created", "return.deleted"]
    with refused("RETURN_NOT_FOUND"):
        await shared.customer("c1", tenant="gone").returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))


async def test_a_batch_answers_in_the_order_asked_all_or_none(shop: Service) -> None:
    names = [f"{ACME}/returns/return-{number:02}" for number in (5, 1, 9, 1)]
    answer = await shop.client().returns.BatchGetReturns(pb.BatchGetReturnsRequest(parent=ACME, names=names))
    assert [ret.name for ret in answer.returns] == names
    with refused("RETURN_NOT_FOUND"):
        missing = [*names, f"{ACME}/returns/no-such-return"]
        await shop.client().returns.BatchGetReturns(pb.BatchGetReturnsRequest(parent=ACME, names=missing))
    with refused("RETURN_NOT_FOUND"):
        await shop.customer("alpha").returns.BatchGetReturns(pb.BatchGetReturnsRequest(parent=ACME, names=names))
