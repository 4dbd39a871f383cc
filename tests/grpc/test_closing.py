"""How a return ends and begins again: closed for a reason, or reopened with the claims it had."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commerce.returns.v1.return_pb2 import Return
from tests.support.messages import create
from tests.support.scenes import UNITS, claimed, close, found, in_state, only_order, receive, reopen
from tests.support.service import Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLOSED = [
    ("pending", "owner", "UNSPECIFIED", "WITHDRAWN", 0),
    ("pending", "owner", "WITHDRAWN", "WITHDRAWN", 0),
    ("pending", "staff", "UNSPECIFIED", "CANCELLED", 0),
    ("pending", "staff", "CANCELLED", "CANCELLED", 0),
    ("approved", "staff", "UNSPECIFIED", "CANCELLED", 0),
    ("approved, part received", "staff", "UNSPECIFIED", "CANCELLED", 1),
    ("approved, part received", "staff", "COMPLETED", "COMPLETED", 1),
    ("approved, all received", "staff", "UNSPECIFIED", "COMPLETED", 4),
    ("approved, all received", "staff", "CANCELLED", "CANCELLED", 4),
    ("approved, not expected", "staff", "UNSPECIFIED", "CANCELLED", 4),
    ("approved, not expected", "staff", "COMPLETED", "COMPLETED", 4),
]


@pytest.mark.parametrize(("state", "who", "asked", "expected", "still_claimed"), CLOSED)
async def test_closing_says_why_and_releases_what_was_not_received(
    shared: Service, state: str, who: str, asked: str, expected: str, still_claimed: int
) -> None:
    client, ret = shared.customer("c1") if who == "owner" else shared.client(), await in_state(shared, state)
    ret = await close(client, ret, Return.CloseReason.Value(f"CLOSE_REASON_{asked}"))
    assert ret.state == Return.STATE_CLOSED
    assert Return.CloseReason.Name(ret.close_reason) == f"CLOSE_REASON_{expected}"
    assert ret.close_time == ret.update_time
    assert await claimed(shared, only_order(ret)) == still_claimed


@pytest.mark.parametrize(
    ("state", "who", "asked", "why"),
    [
        ("pending", "owner", "CANCELLED", "REQUIRES_MANAGE_SCOPE"),
        ("pending", "owner", "COMPLETED", "REQUIRES_MANAGE_SCOPE"),
        ("pending", "owner", "EXPIRED", "REQUIRES_MANAGE_SCOPE"),
        ("pending", "staff", "WITHDRAWN", "FIELD_INVALID"),
        ("pending", "staff", "EXPIRED", "FIELD_INVALID"),
        ("pending", "staff", "COMPLETED", "INVALID_STATE"),
        ("approved", "staff", "COMPLETED", "INVALID_STATE"),
        ("approved", "owner", "WITHDRAWN", "INVALID_STATE"),
    ],
)
async def test_no_other_close_reason_is_taken(shared: Service, state: str, who: str, asked: str, why: str) -> None:
    client, ret = shared.customer("c1") if who == "owner" else shared.client(), await in_state(shared, state)
    with refused(why):
        await close(client, ret, Return.CloseReason.Value(f"CLOSE_REASON_{asked}"))
    assert await claimed(shared, only_order(ret)) == UNITS


async def test_reopened_after_rejection_it_is_pending_with_its_claims(shared: Service) -> None:
    ret = await reopen(shared.client(), await in_state(shared, "rejected"))
    assert (ret.state, ret.HasField("rejection")) == (Return.STATE_PENDING, False)
    assert await claimed(shared, only_order(ret)) == UNITS
    assert ret.expire_time.ToDatetime() - ret.update_time.ToDatetime() == timedelta(days=30)


async def test_reopened_after_approval_it_is_approved_and_keeps_what_was_received(shared: Service) -> None:
    staff, ret = shared.client(), await in_state(shared, "cancelled after a part was received")
    assert await claimed(shared, only_order(ret)) == 1
    ret = await reopen(staff, ret)
    assert (ret.state, ret.goods_state) == (Return.STATE_APPROVED, Return.GOODS_STATE_PARTIALLY_RECEIVED)
    assert (ret.close_reason, ret.HasField("close_time")) == (0, False)
    assert await claimed(shared, only_order(ret)) == UNITS
    assert (await receive(staff, ret)).received


async def test_a_parcel_for_a_closed_return_is_recorded_once_it_is_reopened(shared: Service) -> None:
    staff, ret = shared.client(), await in_state(shared, "cancelled after approval")
    with refused("INVALID_STATE"):
        await receive(staff, ret, 1)
    assert (await receive(staff, await reopen(staff, ret), 1)).orders[0].items[0].received_quantity == 1


@pytest.mark.parametrize("state", ["rejected", "cancelled after approval"])
async def test_it_reopens_only_while_its_units_are_still_there(shared: Service, state: str) -> None:
    staff, ret = shared.client(), await in_state(shared, state)
    await staff.returns.CreateReturn(create((only_order(ret), "1", 1)))
    with refused("QUANTITY_EXCEEDS_RETURNABLE") as caught:
        await reopen(staff, ret)
    assert caught[0].metadata["available"] == "3"
    assert (await found(staff, ret.name)).state == ret.state
    assert await claimed(shared, only_order(ret)) == 1
