"""The state table of the contract, row by row: what each verb does to state, claims, times and goods."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.return_pb2 import ReceiptItem, Return
from tests.support.messages import create, draft, minor, reason
from tests.support.scenes import (
    UNITS,
    approve,
    claimed,
    filed,
    found,
    in_state,
    only_order,
    ordered,
    receive,
    reject,
    units,
)
from tests.support.service import Client, Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")
MONTH = timedelta(days=30)


def _after(start: Timestamp, end: Timestamp) -> timedelta:
    return end.ToDatetime() - start.ToDatetime()


async def _update(client: Client, ret: Return, **drafted: Any) -> Return:
    items = drafted.pop("items", [])
    request = pb.UpdateReturnRequest(name=ret.name, draft=draft(*items, code=drafted.pop("code", ""), **drafted))
    answer: Return = await client.returns.UpdateReturn(request)
    return answer


async def test_a_new_return_is_pending_and_claims_its_units(shared: Service) -> None:
    ret = await filed(shared, 3)
    assert ret.state == Return.STATE_PENDING
    assert (ret.version, ret.etag, bool(ret.number)) == (1, "1", True)
    assert ret.goods_state == Return.GOODS_STATE_UNSPECIFIED
    assert not ret.received
    assert not ret.HasField("approved_total")
    assert minor(ret.total.gross) == 750
    assert ret.create_time == ret.update_time
    assert _after(ret.create_time, ret.expire_time) == MONTH
    assert not any(ret.HasField(name) for name in ("approve_time", "receive_time", "close_time", "rejection"))
    assert await claimed(shared, only_order(ret)) == 3
    assert ret == await found(shared.customer("c1"), ret.name)


async def test_a_unit_that_is_claimed_cannot_be_claimed_again(shared: Service) -> None:
    ret = await filed(shared, 3)
    with refused("QUANTITY_EXCEEDS_RETURNABLE") as caught:
        await shared.client().returns.CreateReturn(create((only_order(ret), "1", 2)))
    facts = caught[0].metadata
    assert (facts["order"], facts["line_id"], facts["requested"], facts["available"]) == (
        only_order(ret),
        "1",
        "2",
        "1",
    )


async def test_one_line_that_cannot_be_claimed_refuses_the_whole_return(shared: Service) -> None:
    order_id = await ordered(shared)
    with refused("QUANTITY_EXCEEDS_RETURNABLE"):
        await shared.client().returns.CreateReturn(create((order_id, "1", 1), (order_id, "2", 2)))
    assert await claimed(shared, order_id) == 0


@pytest.mark.parametrize("who", ["owner", "staff"])
async def test_owner_and_staff_change_a_pending_return_and_its_claims_follow(shared: Service, who: str) -> None:
    client, ret = shared.customer("c1") if who == "owner" else shared.client(), await filed(shared, 2)
    order_id = only_order(ret)
    for quantity in (4, 1):
        ret = await _update(client, ret, items=[(order_id, "1", quantity)])
        assert await claimed(shared, order_id) == quantity
        assert minor(ret.total.gross) == 250 * quantity
    ret = await _update(client, ret, items=[(order_id, "2", 1)], code="OTHER")
    assert (await claimed(shared, order_id), await claimed(shared, order_id, "2")) == (0, 1)
    assert (ret.state, ret.version, ret.reason.code) == (Return.STATE_PENDING, 4, "OTHER")
    with refused("QUANTITY_EXCEEDS_RETURNABLE"):
        await _update(client, ret, items=[(order_id, "2", 2)])
    assert await found(client, ret.name) == ret


async def test_approval_of_everything_keeps_the_claims_and_starts_the_clock(shared: Service) -> None:
    ret = await approve(shared.client(), await filed(shared))
    assert (ret.state, ret.goods_state) == (Return.STATE_APPROVED, Return.GOODS_STATE_AWAITING)
    assert _after(ret.approve_time, ret.expire_time) == MONTH
    assert ret.orders[0].items[0].approved_quantity == UNITS
    assert ret.approved_total.gross == ret.total.gross
    assert await claimed(shared, only_order(ret)) == UNITS


async def test_approval_of_a_part_releases_the_rest(shared: Service) -> None:
    ret = await approve(shared.client(), await filed(shared), 3)
    item = ret.orders[0].items[0]
    assert (item.quantity, item.approved_quantity) == (UNITS, 3)
    assert (minor(ret.total.gross), minor(ret.approved_total.gross)) == (1000, 750)
    assert await claimed(shared, only_order(ret)) == 3


async def test_an_approval_takes_at_least_one_unit_and_no_more_than_asked_for(shared: Service) -> None:
    staff, ret = shared.client(), await filed(shared, 2)
    for items, field in (
        ([pb.ApprovalItem(order=only_order(ret), line_id="1", quantity=0)], "items"),
        (units(ret, 3), "items[0].quantity"),
        (units(ret, 1) + units(ret, 2), "items[0].quantity"),
    ):
        with refused("FIELD_INVALID") as caught:
            await staff.returns.ApproveReturn(pb.ApproveReturnRequest(name=ret.name, items=items))
        assert caught[0].fields == [field]
    with refused("LINE_NOT_FOUND"):
        strange = pb.ApprovalItem(order=only_order(ret), line_id="2", quantity=1)
        await staff.returns.ApproveReturn(pb.ApproveReturnRequest(name=ret.name, items=[strange]))
    ret = await approve(staff, ret, 2)
    assert ret.state == Return.STATE_APPROVED


async def test_an_expiry_given_with_the_draft_or_the_approval_holds(shared: Service) -> None:
    staff, order_id = shared.client(), await ordered(shared)
    given = Timestamp(seconds=shared.clock() // 1_000_000 + 5 * 86_400)
    later = Timestamp(seconds=given.seconds + 60)
    drafted = await staff.returns.CreateReturn(create((order_id, "1", 1), expire_time=given))
    assert (await approve(staff, drafted)).expire_time == given
    other = await approve(staff, await filed(shared), expire_time=later)
    assert other.expire_time == later
    with refused("FIELD_INVALID") as caught:
        await approve(staff, await filed(shared), expire_time=Timestamp(seconds=1))
    assert caught[0].fields == ["expire_time"]


async def test_staff_change_anything_of_an_approved_return_but_its_orders(shared: Service) -> None:
    staff, ret = shared.client(), await in_state(shared, "approved")
    changed = await _update(
        staff, ret, code="OTHER", attributes={"a": 1}, requestor={"customer_id": "c1", "email": "a@b"}
    )
    assert (changed.reason.code, changed.attributes["a"], changed.requestor.email) == ("OTHER", 1, "a@b")
    assert changed.state == Return.STATE_APPROVED
    with refused("INVALID_STATE") as caught:
        await _update(staff, ret, items=[(only_order(ret), "1", 1)])
    assert caught[0].metadata["state"] == "APPROVED"
    assert await claimed(shared, only_order(ret)) == UNITS


async def test_parcels_add_up_until_all_is_received(shared: Service) -> None:
    staff, ret = shared.client(), await in_state(shared, "approved")
    ret = await receive(staff, ret, 1, "first")
    assert (ret.goods_state, ret.received) == (Return.GOODS_STATE_PARTIALLY_RECEIVED, False)
    assert not ret.HasField("receive_time")
    ret = await receive(staff, ret, 2, "second")
    assert ret.orders[0].items[0].received_quantity == 3
    ret = await receive(staff, ret, receipt_id="rest")
    assert (ret.goods_state, ret.received, ret.receive_time) == (Return.GOODS_STATE_RECEIVED, True, ret.update_time)
    assert [(one.receipt_id, one.items[0].quantity) for one in ret.receipts] == [
        ("first", 1),
        ("second", 2),
        ("rest", 1),
    ]
    assert ret.state == Return.STATE_APPROVED


async def test_no_more_arrives_than_was_approved(shared: Service) -> None:
    staff, ret = shared.client(), await approve(shared.client(), await filed(shared), 2)
    ret = await receive(staff, ret, 1)
    with refused("QUANTITY_EXCEEDS_APPROVED") as caught:
        await receive(staff, ret, 2)
    assert (caught[0].metadata["requested"], caught[0].metadata["available"]) == ("2", "1")
    with refused("LINE_NOT_FOUND"):
        item = ReceiptItem(order=only_order(ret), line_id="2", quantity=1)
        await staff.returns.RecordReceipt(pb.RecordReceiptRequest(name=ret.name, receipt_id="x", items=[item]))


@pytest.mark.parametrize("quantity", [0, 2])
async def test_a_receipt_repeated_changes_nothing_and_with_other_items_is_refused(
    shared: Service, quantity: int
) -> None:
    staff, ret = shared.client(), await in_state(shared, "approved")
    first = await receive(staff, ret, quantity, "parcel")
    assert await receive(staff, ret, quantity, "parcel") == first
    with refused("FIELD_INVALID") as caught:
        await receive(staff, ret, 3 - quantity, "parcel")
    assert caught[0].fields == ["receipt_id"]
    assert await found(staff, ret.name) == first


async def test_a_rejection_releases_all_and_says_why(shared: Service) -> None:
    ret = await reject(shared.client(), await filed(shared))
    assert (ret.state, ret.rejection) == (Return.STATE_REJECTED, reason())
    assert await claimed(shared, only_order(ret)) == 0
    with refused("FIELD_INVALID") as caught:
        await shared.client().returns.RejectReturn(pb.RejectReturnRequest(name=(await filed(shared)).name))
    assert caught[0].fields == ["reason"]


@pytest.mark.parametrize("state", ["rejected", "cancelled", "completed"])
async def test_of_a_rejected_or_closed_return_only_attributes_change(shared: Service, state: str) -> None:
    staff, ret = shared.client(), await in_state(shared, state)
    changed = await _update(staff, ret, attributes={"note": "later"})
    assert (changed.state, changed.version, changed.attributes["note"]) == (ret.state, ret.version + 1, "later")
    for drafted in (
        {"code": "OTHER"},
        {"items": [(only_order(ret), "1", 1)]},
        {"expire_time": Timestamp(seconds=2**33)},
    ):
        with refused("INVALID_STATE"):
            await _update(staff, ret, **drafted)


@pytest.mark.parametrize("state", ["pending", "approved", "rejected", "cancelled", "cancelled, not expected"])
async def test_deleting_releases_all_and_spends_the_name_for_ever(shared: Service, state: str) -> None:
    staff, ret = shared.client(), await in_state(shared, state)
    order_id = only_order(ret)
    await staff.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name))
    assert await claimed(shared, order_id) == 0
    with refused("RETURN_NOT_FOUND"):
        await found(staff, ret.name)
    with refused("RETURN_NOT_FOUND"):
        await staff.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name))
    with refused("RETURN_EXISTS"):
        await staff.returns.CreateReturn(create((order_id, "1", 1), return_id=ret.name.rpartition("/")[2]))
    again = await staff.returns.CreateReturn(create((order_id, "1", UNITS)))
    assert again.number != ret.number
    timeline = await staff.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))
    assert timeline.events[-1].type == "return.deleted"
    assert (timeline.events[-1].snapshot.state, timeline.events[-1].return_version) == (ret.state, ret.version + 1)


async def test_a_return_of_received_goods_cannot_be_deleted_and_keeps_its_units(shared: Service) -> None:
    staff, ret = shared.client(), await in_state(shared, "cancelled after a part was received")
    with refused("INVALID_STATE"):
        await staff.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name))
    assert await claimed(shared, only_order(ret)) == 1
