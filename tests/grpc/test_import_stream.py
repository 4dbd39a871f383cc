"""An import takes what is right in a stream of orders and says what was wrong with the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2

from commerce.returns.v1 import orders_service_pb2 as pb
from commerce.returns.v1.order_pb2 import Order
from tests.support.messages import create, line, money, order
from tests.support.service import FEED, Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def stream(*orders: Order, parent: str = "tenants/acme") -> AsyncIterator[pb.ImportOrdersRequest]:
    for one in orders:
        yield pb.ImportOrdersRequest(parent=parent, order=one)


async def imported(service: Service, *orders: Order, parent: str = "tenants/acme") -> pb.ImportOrdersResponse:
    answer: pb.ImportOrdersResponse = await service.client(*FEED).orders.ImportOrders(stream(*orders, parent=parent))
    return answer


def counts(answer: pb.ImportOrdersResponse) -> tuple[int, int, int, int]:
    return answer.imported_count, answer.updated_count, answer.unchanged_count, answer.failed_count


def reason(failure: pb.ImportOrdersResponse.Failure) -> tuple[str, str]:
    info = error_details_pb2.ErrorInfo()
    assert failure.status.details[0].Unpack(info)
    return info.reason, info.metadata["field"]


async def test_new_known_and_changed_orders_are_told_apart(shared: Service) -> None:
    first = await imported(shared, order("t-1"), order("t-2"), order("t-3"))
    again = await imported(shared, order("t-1"), order("t-2", line(gross=900)), order("t-4"))

    assert counts(first) == (3, 0, 0, 0)
    assert counts(again) == (1, 1, 1, 0)


async def test_no_bad_order_sinks_the_others(shared: Service) -> None:
    bad: dict[str, Order] = {
        "order.currency_code": order("bad-1", line(currency="XXX"), currency="XXX"),
        "order.lines[0].total.gross": order("bad-2", line(gross=-1)),
        "order.lines[1].line_id": order("bad-3", line("1"), line("1")),
        "order.lines[0].quantity": order("bad-4", line(quantity=0)),
        "order.lines[0].product_name": order("bad-5", line(product_name="a\0b")),
        "order.name": order("not an id"),
    }
    answer = await imported(shared, order("g-1"), *bad.values(), order("g-2"))

    assert counts(answer) == (2, 0, 0, len(bad))
    assert [reason(failure) for failure in answer.failures] == [("FIELD_INVALID", field) for field in bad]
    assert [failure.index for failure in answer.failures] == list(range(1, len(bad) + 1))
    assert answer.failures[0].order == "tenants/acme/orders/bad-1"


async def test_another_tenants_order_fails_alone(shared: Service) -> None:
    answer = await imported(shared, order("w-1", tenant="other"), order("w-2"))

    assert counts(answer) == (1, 0, 0, 1)
    assert reason(answer.failures[0]) == ("TENANT_MISMATCH", "order.name")


async def test_another_tenant_as_parent_fails_alone(shared: Service) -> None:
    answer = await imported(shared, order("w-3"), parent="tenants/other")

    assert reason(answer.failures[0]) == ("TENANT_MISMATCH", "parent")


async def test_an_order_below_what_is_claimed_fails_alone(shared: Service) -> None:
    await imported(shared, order("c-1", line(quantity=3, gross=3000)))
    await shared.client().returns.CreateReturn(create(("c-1", "1", 2)))

    answer = await imported(shared, order("c-1", line(quantity=1, gross=1000)), order("c-2"))

    assert counts(answer) == (1, 0, 0, 1)
    assert reason(answer.failures[0])[0] == "ORDER_QUANTITY_CLAIMED"


async def test_of_two_versions_of_an_order_in_a_stream_the_later_wins(shared: Service) -> None:
    versions = [order("v-1", line(gross=gross)) for gross in range(100, 160)]
    answer = await imported(shared, *versions)

    assert counts(answer) == (1, 59, 0, 0)
    stored = await shared.client().orders.GetOrder(pb.GetOrderRequest(name="tenants/acme/orders/v-1"))
    assert stored.lines[0].total.gross == money(159)


async def test_an_order_larger_than_the_room_in_flight_is_taken(shared: Service) -> None:
    large = [order(f"l-{n}", *(line(str(i)) for i in range(4_500))) for n in range(2)]

    assert counts(await imported(shared, *large, order("l-9"))) == (3, 0, 0, 0)


async def test_a_thousand_failures_are_told_in_stream_order_and_all_are_counted(shared: Service) -> None:
    answer = await imported(shared, *(order(f"bad id {n} " + "x" * 400) for n in range(1_200)), order("f-1"))

    assert counts(answer) == (1, 0, 0, 1_200)
    assert [failure.index for failure in answer.failures] == list(range(1_000))
    assert answer.ByteSize() < 2 * 1024 * 1024


async def test_an_empty_stream_is_an_import_of_nothing(shared: Service) -> None:
    assert counts(await imported(shared)) == (0, 0, 0, 0)


async def test_bytes_that_are_no_message_fail_alone(shared: Service) -> None:
    import_orders: Any = shared.client(*FEED).channel.stream_unary("/commerce.returns.v1.OrdersService/ImportOrders")
    good = pb.ImportOrdersRequest(parent="tenants/acme", order=order("m-1")).SerializeToString()

    async def raw() -> AsyncIterator[bytes]:
        for message in (b"\xff\xff", good):
            yield message

    answer = pb.ImportOrdersResponse.FromString(await import_orders(raw()))

    assert counts(answer) == (1, 0, 0, 1)
    assert reason(answer.failures[0]) == ("FIELD_INVALID", "request")


async def test_staff_without_the_feed_scope_import_nothing(shared: Service) -> None:
    with refused("SCOPE_MISSING", grpc.StatusCode.PERMISSION_DENIED):
        await shared.client().orders.ImportOrders(stream(order("s-1")))
