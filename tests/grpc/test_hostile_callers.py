"""What a known caller cannot do: stop the others, learn what is not theirs, or grow a return without end."""

from __future__ import annotations

import asyncio
import time

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from commerce.returns.v1 import order_pb2, orders_service_pb2, return_draft_pb2, return_pb2, returns_service_pb2
from tests.support.messages import create, draft, feed, line, new_request_id, order, reason
from tests.support.service import ALL, Service, refused

pb = returns_service_pb2


@pytest.mark.parametrize(
    ("paths", "field"), [(["attributes.a"] * 50_000, "update_mask"), (["reason"] * 201, "update_mask")]
)
async def test_a_mask_is_bounded(service: Service, paths: list[str], field: str) -> None:
    client = service.client(*ALL)
    await feed(client, order("o1"))
    filed = await client.returns.CreateReturn(create(("o1", "1", 1)))
    request = pb.UpdateReturnRequest(
        name=filed.name, draft=draft(attributes={"a": "x" * 10_000}), update_mask=FieldMask(paths=paths)
    )
    started = time.process_time()
    with refused("FIELD_INVALID") as caught:
        await client.returns.UpdateReturn(request)
    assert caught[0].fields == [field]
    assert time.process_time() - started < 2


async def test_a_draft_of_countless_items_is_refused_before_anybody_waits_for_it(service: Service) -> None:
    client = service.client(*ALL)
    await feed(client, order("o1"))
    orders = [
        return_draft_pb2.DraftOrder(
            order=f"x{n}", items=[return_draft_pb2.DraftItem(line_id=str(i), quantity=1) for i in range(1_000)]
        )
        for n in range(300)
    ]
    request = pb.CreateReturnRequest(
        parent="tenants/acme", draft=return_draft_pb2.ReturnDraft(orders=orders, reason=reason())
    )
    hostile = asyncio.create_task(_refused_with(client.returns.CreateReturn(request)))
    started = time.process_time()
    await client.returns.GetReturn(
        pb.GetReturnRequest(name=(await client.returns.CreateReturn(create(("o1", "1", 1)))).name)
    )
    assert time.process_time() - started < 2
    assert await hostile == ["draft.orders"]


async def _refused_with(call: grpc.aio.UnaryUnaryCall) -> list[str]:
    with refused("FIELD_INVALID") as caught:
        await call
    return caught[0].fields


@pytest.mark.parametrize("foreign", ["of-another", "missing"])
async def test_an_order_of_somebody_else_looks_like_one_that_does_not_exist(service: Service, foreign: str) -> None:
    await feed(service.client(*ALL), order("of-another", customer_id="zoe"), order("mine", customer_id="c1"))
    with refused("ORDER_NOT_FOUND", grpc.StatusCode.NOT_FOUND) as caught:
        await service.customer("c1").returns.CreateReturn(create((foreign, "1", 1), ("nowhere", "1", 1)))
    assert caught[0].metadata == {"order": foreign}


async def test_a_customer_gets_no_more_of_an_anonymous_order_than_staff_filed(service: Service) -> None:
    staff = service.client(*ALL)
    await feed(staff, order("o1", line("1", 5), line("2", 5), anonymous=True), order("mine"))
    filed = await staff.returns.CreateReturn(create(("o1", "1", 2), requestor={"customer_id": "c1"}))
    customer = service.customer("c1")
    for items in ([("o1", "1", 3)], [("o1", "1", 2), ("o1", "2", 1)]):
        with refused("ORDER_NOT_FOUND"):
            await customer.returns.UpdateReturn(pb.UpdateReturnRequest(name=filed.name, draft=draft(*items, code="")))
    fewer = draft(("o1", "1", 1), ("mine", "1", 1), code="")
    updated = await customer.returns.UpdateReturn(pb.UpdateReturnRequest(name=filed.name, draft=fewer))
    assert [item.quantity for one in updated.orders for item in one.items] == [1, 1]


async def test_a_new_owner_is_not_told_of_the_one_before(service: Service) -> None:
    staff = service.client(*ALL)
    await feed(staff, order("o1", anonymous=True))
    zoe = {"customer_id": "zoe", "email": "zoe@private.example"}
    filed = await staff.returns.CreateReturn(create(("o1", "1", 1), requestor=zoe))
    moved = pb.UpdateReturnRequest(name=filed.name, draft=draft(code="", requestor={"customer_id": "c1"}))
    await staff.returns.UpdateReturn(moved)
    timeline = pb.ListReturnEventsRequest(parent=filed.name)
    seen = await service.customer("c1").returns.ListReturnEvents(timeline)
    assert [event.type for event in seen.events] == ["return.updated"]
    assert "zoe" not in str(seen)
    with refused("RETURN_NOT_FOUND"):
        await service.customer("zoe").returns.ListReturnEvents(timeline)
    assert len((await staff.returns.ListReturnEvents(timeline)).events) == 2


async def test_receipts_are_bounded(service: Service) -> None:
    staff = service.client(*ALL)
    await feed(staff, order("o1", *(line(str(n), 10) for n in range(1_000))))
    filed = await staff.returns.CreateReturn(create(*(("o1", str(n), 6) for n in range(1_000))))
    await staff.returns.ApproveReturn(pb.ApproveReturnRequest(name=filed.name))
    parcel = [return_pb2.ReceiptItem(order="o1", line_id=str(n), quantity=1) for n in range(1_000)]

    async def receive(receipt: str) -> None:
        await staff.returns.RecordReceipt(
            pb.RecordReceiptRequest(name=filed.name, receipt_id=receipt, items=parcel), timeout=60
        )

    for number in range(5):
        await receive(f"parcel-{number}")
    with refused("FIELD_INVALID") as caught:
        await receive("one-more")
    assert caught[0].fields == ["items"]


async def test_a_return_whose_line_the_shop_removed_can_still_be_annotated(service: Service) -> None:
    staff = service.client(*ALL)
    await feed(staff, order("o1", line("1"), line("2")))
    filed = await staff.returns.CreateReturn(create(("o1", "1", 1)))
    await staff.returns.RejectReturn(pb.RejectReturnRequest(name=filed.name, reason=reason()))
    await feed(staff, order("o1", line("2")))
    request = pb.UpdateReturnRequest(name=filed.name, draft=draft(code="", attributes={"note": "gone"}))
    assert (await staff.returns.UpdateReturn(request)).attributes["note"] == "gone"
    with refused("LINE_NOT_FOUND"):
        await staff.returns.ReopenReturn(pb.ReopenReturnRequest(name=filed.name))


async def test_a_return_does_not_follow_its_order_into_another_currency(service: Service) -> None:
    staff = service.client(*ALL)
    await feed(staff, order("o1"))
    filed = await staff.returns.CreateReturn(create(("o1", "1", 1)))
    await staff.returns.RejectReturn(pb.RejectReturnRequest(name=filed.name, reason=reason()))
    await feed(staff, order("o1", line("1", 1, 140, "JPY"), currency="JPY"))
    request = pb.UpdateReturnRequest(name=filed.name, draft=draft(code="", attributes={"note": "yen"}))
    assert (await staff.returns.UpdateReturn(request)).currency_code == "EUR"
    with refused("CURRENCY_MISMATCH"):
        await staff.returns.ReopenReturn(pb.ReopenReturnRequest(name=filed.name))


async def test_the_largest_amounts_there_can_be_are_returned_to_the_cent(service: Service) -> None:
    staff = service.client(*ALL)
    lines = [line(str(n), 1, 10**12, "JPY") for n in range(1_000)]
    await feed(staff, order("o1", *lines, currency="JPY"))
    filed = await staff.returns.CreateReturn(create(*(("o1", str(n), 1) for n in range(1_000))))
    assert filed.total.gross.units == 10**15
    too_much = order_pb2.Order()
    too_much.CopyFrom(order("o2", line("1", 1, 10**12 + 1, "JPY"), currency="JPY"))
    with refused("FIELD_INVALID"):
        await staff.orders.UpsertOrder(orders_service_pb2.UpsertOrderRequest(order=too_much))


async def test_a_number_that_becomes_a_truth_is_a_change(service: Service) -> None:
    staff = service.client(*ALL)
    await feed(staff, order("o1"))
    filed = await staff.returns.CreateReturn(create(("o1", "1", 1), attributes={"a": 1, "b": 0}))
    request = pb.UpdateReturnRequest(name=filed.name, draft=draft(code="", attributes={"a": True, "b": False}))
    updated = await staff.returns.UpdateReturn(request)
    assert (updated.version, dict(updated.attributes)) == (2, {"a": True, "b": False})


async def test_a_key_with_a_dot_stands_in_backticks(service: Service) -> None:
    staff = service.client(*ALL)
    await feed(staff, order("o1"))
    filed = await staff.returns.CreateReturn(create(("o1", "1", 1), attributes={"a": {"b": 1}}))

    async def updated(path: str, attributes: dict[str, object]) -> dict[str, object]:
        request = pb.UpdateReturnRequest(
            name=filed.name,
            draft=draft(code="", attributes=attributes),
            update_mask=FieldMask(paths=[path]),
            request_id=new_request_id(),
        )
        return dict((await staff.returns.UpdateReturn(request)).attributes)

    assert (await updated("attributes.`a.b`", {"a.b": "dotted"}))["a.b"] == "dotted"
    assert "a.b" not in await updated("attributes.`a.b`", {})
    for malformed in ("attributes.`a", "attributes.a`b`", "attributes..a", "attributes.``"):
        with refused("FIELD_INVALID"):
            await updated(malformed, {"a": 1})


async def test_blanks_are_no_reason(service: Service) -> None:
    staff = service.client(*ALL)
    await feed(staff, order("o1"))
    with refused("FIELD_INVALID") as caught:
        await staff.returns.CreateReturn(create(("o1", "1", 1), code="   "))
    assert caught[0].fields == ["draft.reason"]
    filed = await staff.returns.CreateReturn(create(("o1", "1", 1)))
    with refused("FIELD_INVALID") as caught:
        await staff.returns.RejectReturn(pb.RejectReturnRequest(name=filed.name, reason=reason("  ", " ")))
    assert caught[0].fields == ["reason"]
