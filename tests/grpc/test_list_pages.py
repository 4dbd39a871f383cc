"""Lists page through everything once, and a token goes on with nothing but the list it came from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import parse_cursor
from tests.support.messages import create, feed, line, order
from tests.support.scenes import ordered
from tests.support.service import FEED, Client, Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

Page = Callable[..., Awaitable[Any]]


async def pages(method: Page, request: Any, field: str) -> list[list[Any]]:
    """The content of every page until there is no more."""
    found = []
    while True:
        page = await method(request)
        found.append(list(getattr(page, field)))
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


async def filed_in(service: Service, tenant: str, count: int) -> Client:
    staff = service.client(tenant=tenant)
    order_id = await ordered(service, tenant=tenant)
    await feed(service.client(*FEED, tenant=tenant), order(order_id, line("1", count), tenant=tenant), tenant=tenant)
    for _ in range(count):
        await staff.returns.CreateReturn(create((order_id, "1", 1), tenant=tenant))
    return staff


@pytest.mark.parametrize("order_by", ["", "create_time", "update_time desc", "expire_time", "total.gross desc"])
async def test_returns_are_paged_through_once_in_every_order(shared: Service, order_by: str) -> None:
    tenant = "pages" + "".join(letter for letter in order_by if letter.isalpha())[:10]
    staff = await filed_in(shared, tenant, 7)
    request = pb.ListReturnsRequest(parent=f"tenants/{tenant}", page_size=3, order_by=order_by)
    found = await pages(staff.returns.ListReturns, request, "returns")

    assert [len(page) for page in found] == [3, 3, 1]
    assert len({ret.name for page in found for ret in page}) == 7


async def test_a_list_says_its_size_and_a_cursor_that_every_page_repeats(shared: Service) -> None:
    staff = await filed_in(shared, "cursors", 3)
    request = pb.ListReturnsRequest(parent="tenants/cursors", page_size=2, include_total_size=True)
    first = await staff.returns.ListReturns(request)
    await filed_in(shared, "cursors", 1)
    request.page_token = first.next_page_token
    second = await staff.returns.ListReturns(request)
    events = await staff.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent="tenants/cursors"))

    assert first.total_size == 3
    assert first.event_cursor == second.event_cursor == events.events[2].cursor
    assert parse_cursor(first.event_cursor, TenantId("cursors")).sequence == 3


async def test_a_list_of_nothing_has_the_cursor_of_the_beginning(shared: Service) -> None:
    page = await shared.client(tenant="nothing").returns.ListReturns(pb.ListReturnsRequest(parent="tenants/nothing"))

    assert (len(page.returns), page.next_page_token) == (0, "")
    assert parse_cursor(page.event_cursor, TenantId("nothing")).sequence == 0


async def test_events_are_paged_in_sequence(shared: Service) -> None:
    staff = await filed_in(shared, "eventpages", 5)
    request = pb.ListReturnEventsRequest(parent="tenants/eventpages", page_size=2)
    found = await pages(staff.returns.ListReturnEvents, request, "events")

    assert [[event.sequence for event in page] for page in found if page] == [[1, 2], [3, 4], [5]]


async def test_returnable_lines_are_paged_through_once(shared: Service) -> None:
    lines = [line(str(number), 2) for number in range(5)]
    await feed(shared.client(*FEED), order("lines-1", *lines))
    request = pb.ListReturnableItemsRequest(parent="tenants/acme", order="lines-1", page_size=2)
    found = await pages(shared.client().returns.ListReturnableItems, request, "returnable_items")

    assert [[item.line_id for item in page] for page in found] == [["0", "1"], ["2", "3"], ["4"]]


async def test_orders_are_paged_through_once(shared: Service) -> None:
    for number in range(5):
        await ordered(shared, f"page-{number}", tenant="orderpages")
    request = orders_pb.ListOrdersRequest(parent="tenants/orderpages", page_size=2, include_total_size=True)
    found = await pages(shared.client(tenant="orderpages").orders.ListOrders, request, "orders")

    assert [len(page) for page in found] == [2, 2, 1]
    assert len({one.name for page in found for one in page}) == 5


@pytest.mark.parametrize(
    "changed",
    [{"filter": "state=PENDING"}, {"order_by": "update_time"}, {"page_token": "AQ"}, {"page_token": "\u2603"}],
)
async def test_a_token_goes_with_its_own_arguments_only(shared: Service, changed: dict[str, str]) -> None:
    staff = await filed_in(shared, "tokens", 2)
    request = pb.ListReturnsRequest(parent="tenants/tokens", page_size=1)
    page = await staff.returns.ListReturns(request)
    request.MergeFrom(pb.ListReturnsRequest(page_token=page.next_page_token))
    request.MergeFrom(pb.ListReturnsRequest(**changed))  # type: ignore[arg-type]

    with refused("PAGE_TOKEN_INVALID") as refusals:
        await staff.returns.ListReturns(request)
    assert refusals[0].fields == ["page_token"]


async def test_a_token_of_orders_goes_with_its_own_arguments_and_its_own_list_only(shared: Service) -> None:
    for number in range(3):
        await ordered(shared, f"token-{number}", tenant="ordertokens")
    staff = shared.client(tenant="ordertokens")
    first = orders_pb.ListOrdersRequest(parent="tenants/ordertokens", page_size=1)
    token = (await staff.orders.ListOrders(first)).next_page_token
    assert (await staff.orders.ListOrders(orders_pb.ListOrdersRequest(parent=first.parent, page_token=token))).orders
    for changed in ({"filter": "customer_id=c1"}, {"page_token": token[:-1] + ("A" if token[-1] != "A" else "B")}):
        request = orders_pb.ListOrdersRequest(parent=first.parent, page_size=1, page_token=token)
        request.MergeFrom(orders_pb.ListOrdersRequest(**changed))  # type: ignore[arg-type]
        with refused("PAGE_TOKEN_INVALID") as refusals:
            await staff.orders.ListOrders(request)
        assert refusals[0].fields == ["page_token"]
    with refused("PAGE_TOKEN_INVALID"):
        await staff.returns.ListReturns(pb.ListReturnsRequest(parent=first.parent, page_token=token))
    with refused("PAGE_TOKEN_INVALID"):
        await shared.client(tenant="ordertokens", subject="eve").orders.ListOrders(
            orders_pb.ListOrdersRequest(parent=first.parent, page_token=token)
        )


async def test_a_wrong_filter_of_orders_is_refused_at_its_column_with_the_nearest_field(shared: Service) -> None:
    with refused("FILTER_INVALID") as refusals:
        request = orders_pb.ListOrdersRequest(parent="tenants/acme", filter="customer_id=c1 AND placetime>x")
        await shared.client().orders.ListOrders(request)
    assert (refusals[0].metadata["column"], refusals[0].fields) == ("20", ["filter"])
    assert "did you mean place_time?" in refusals[0].message


async def test_a_token_serves_nobody_else(shared: Service) -> None:
    staff = await filed_in(shared, "others", 2)
    request = pb.ListReturnsRequest(parent="tenants/others", page_size=1)
    request.page_token = (await staff.returns.ListReturns(request)).next_page_token

    with refused("PAGE_TOKEN_INVALID"):
        await shared.client(tenant="others", subject="eve").returns.ListReturns(request)
    with refused("PAGE_TOKEN_INVALID"):
        await shared.customer("c1", tenant="others").returns.ListReturns(request)
    with refused("TENANT_MISMATCH"):
        await shared.client(tenant="acme").returns.ListReturns(request)


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"page_size": -1}, "FIELD_INVALID", "page_size"),
        ({"order_by": "number"}, "FIELD_INVALID", "order_by"),
        ({"filter": "nonsense = 1"}, "FILTER_INVALID", "filter"),
        ({"filter": "state=\0"}, "FIELD_INVALID", "filter"),
    ],
)
async def test_what_is_wrong_with_a_list_is_named(
    shared: Service, changed: dict[str, Any], reason: str, field: str
) -> None:
    with refused(reason) as refusals:
        await shared.client().returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", **changed))
    assert refusals[0].fields == [field]
