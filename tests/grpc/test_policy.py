"""The shop's policy binds customers; staff may override it, and that is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.policy_pb2 import PolicyReason, ReturnPolicy
from commerce.returns.v1.reason_pb2 import Reason
from tests.support.messages import create, draft, feed, line, order
from tests.support.service import ALL, CUSTOMER, Client, Service, refused

DAY = 86_400


async def _ruled(service: Service, *paths: str, **rules: Any) -> ReturnPolicy:
    """acme's policy with these rules."""
    request = policy_pb.UpdateReturnPolicyRequest(
        return_policy=ReturnPolicy(name="tenants/acme/returnPolicy", **rules), update_mask=FieldMask(paths=paths)
    )
    answer: ReturnPolicy = await service.client(*ALL).policy.UpdateReturnPolicy(request)
    return answer


async def _bought(
    service: Service, order_id: str, days_ago: float, *, delivered: float | None = None, **of: Any
) -> None:
    now = service.clock() // 1_000_000
    times: dict[str, Any] = {"place_time": Timestamp(seconds=int(now - days_ago * DAY))}
    if delivered is not None:
        times["deliver_time"] = Timestamp(seconds=int(now - delivered * DAY))
    await feed(service.client(*ALL), order(order_id, line("1", 4, 1000, **of), **times))


async def _blocks(client: Client, order_id: str) -> list[str]:
    request = pb.ListReturnableItemsRequest(parent="tenants/acme", order=order_id)
    (item,) = (await client.returns.ListReturnableItems(request)).returnable_items
    return list(item.blocks)


async def test_the_window_runs_from_delivery_or_else_from_placing(service: Service) -> None:
    await _ruled(service, return_window=Duration(seconds=14 * DAY))
    owner = service.customer("c1")
    await _bought(service, "fresh", 13.9)
    await _bought(service, "late", 14.1)
    await _bought(service, "delivered-lately", 40, delivered=13.9)
    await _bought(service, "delivered-long-ago", 40, delivered=14.1)
    for order_id in ("fresh", "delivered-lately"):
        assert await _blocks(owner, order_id) == []
        assert (await owner.returns.CreateReturn(create((order_id, "1", 1)))).name
    for order_id in ("late", "delivered-long-ago"):
        assert await _blocks(owner, order_id) == ["WINDOW_EXPIRED"]
        with refused("NOT_RETURNABLE", grpc.StatusCode.FAILED_PRECONDITION) as caught:
            await owner.returns.CreateReturn(create((order_id, "1", 1)))
        facts = caught[0].metadata
        assert (facts["cause"], facts["order"], facts["line_id"]) == ("WINDOW_EXPIRED", order_id, "1")


async def test_a_final_sale_is_final_for_customers(service: Service) -> None:
    await _bought(service, "final", 1, final_sale=True)
    owner = service.customer("c1")
    assert await _blocks(owner, "final") == ["FINAL_SALE"]
    with refused("NOT_RETURNABLE") as caught:
        await owner.returns.CreateReturn(create(("final", "1", 1)))
    assert caught[0].metadata["cause"] == "FINAL_SALE"


@pytest.mark.parametrize("user_type", ["EMPLOYEE", "SERVICE"])
async def test_staff_override_the_policy_and_that_is_kept(service: Service, user_type: str) -> None:
    await _ruled(service, return_window=Duration(seconds=DAY))
    await _bought(service, "old-final", 9, final_sale=True)
    await _bought(service, "fresh", 0.5)
    staff = service.client(subject="ann", user_type=user_type)
    ret = await staff.returns.CreateReturn(create(("old-final", "1", 1), ("fresh", "1", 1)))
    (kept,) = ret.assisted_actions
    assert (kept.employee, set(kept.overridden)) == ("ann", {"WINDOW_EXPIRED", "FINAL_SALE"})


async def test_a_customer_cannot_claim_more_of_what_became_late(service: Service, clock: Any) -> None:
    await _ruled(service, return_window=Duration(seconds=5 * DAY))
    await _bought(service, "o1", 4)
    ret = await service.customer("c1").returns.CreateReturn(create(("o1", "1", 2)))
    clock.forward(2 * DAY)
    owner = service.customer("c1")
    with refused("NOT_RETURNABLE"):
        await owner.returns.UpdateReturn(pb.UpdateReturnRequest(name=ret.name, draft=draft(("o1", "1", 3), code="")))
    less = pb.UpdateReturnRequest(name=ret.name, draft=draft(("o1", "1", 1), code=""))
    assert (await owner.returns.UpdateReturn(less)).orders[0].items[0].quantity == 1


OFFERED = [
    PolicyReason(code="DEFECT", active=True),
    PolicyReason(code="OTHER", active=True, requires_details=True),
    PolicyReason(code="GONE", active=False),
]


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        (Reason(code="DEFECT"), ""),
        (Reason(code="OTHER", details="a stain"), ""),
        (Reason(code="OTHER"), "draft.reason.details"),
        (Reason(code="OTHER", details="  "), "draft.reason.details"),
        (Reason(code="GONE"), "draft.reason.code"),
        (Reason(code="UNHEARD"), "draft.reason.code"),
        (Reason(details="no code"), "draft.reason.code"),
    ],
    ids=str,
)
async def test_only_reasons_that_the_shop_offers_are_taken(service: Service, reason: Reason, field: str) -> None:
    await _ruled(service, reasons=OFFERED)
    await _bought(service, "o1", 1)
    request = create(("o1", "1", 1))
    request.draft.reason.CopyFrom(reason)
    for scopes, more in ((("returns.returns_manage",), {}), (CUSTOMER, {"customer_id": "c1"})):
        client = service.client(*scopes, **more)
        if not field:
            assert (await client.returns.CreateReturn(request)).reason == reason
            continue
        with refused("FIELD_INVALID") as caught:
            await client.returns.CreateReturn(request)
        assert caught[0].fields == [field]


async def test_an_items_reason_is_one_of_the_shops_too(service: Service) -> None:
    await _ruled(service, reasons=OFFERED)
    await _bought(service, "o1", 1)
    request = create(("o1", "1", 1))
    request.draft.orders[0].items[0].reason.code = "UNHEARD"
    with refused("FIELD_INVALID") as caught:
        await service.client().returns.CreateReturn(request)
    assert "reason.code" in caught[0].fields[0]


async def test_expire_after_is_the_shops(service: Service) -> None:
    await _ruled(service, expire_after=Duration(seconds=3 * DAY))
    await _bought(service, "o1", 1)
    ret = await service.customer("c1").returns.CreateReturn(create(("o1", "1", 1)))
    assert ret.expire_time.ToDatetime() - ret.create_time.ToDatetime() == timedelta(days=3)


async def test_a_wrong_filter_for_auto_approval_changes_nothing(service: Service) -> None:
    with refused("FILTER_INVALID", grpc.StatusCode.INVALID_ARGUMENT):
        await _ruled(service, auto_approve="total.gross.unit < 50")
    assert not (await _ruled(service, "auto_approve")).auto_approve


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"return_window": Duration(seconds=-1)}, "return_policy.return_window"),
        ({"return_window": Duration(seconds=3_651 * DAY)}, "return_policy.return_window"),
        ({"expire_after": Duration(seconds=0)}, "return_policy.expire_after"),
        ({"expire_after": Duration(seconds=3_651 * DAY)}, "return_policy.expire_after"),
        ({"reasons": [PolicyReason(code="", active=True)]}, "return_policy.reasons[0].code"),
        ({"reasons": [PolicyReason(code="x" * 65)]}, "return_policy.reasons[0].code"),
        ({"reasons": [PolicyReason(code="A"), PolicyReason(code="A")]}, "return_policy.reasons[1].code"),
        ({"reasons": [PolicyReason(code=str(n)) for n in range(201)]}, "return_policy.reasons"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_rule_that_cannot_be_is_refused(service: Service, rules: dict[str, Any], field: str) -> None:
    with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        await _ruled(service, **rules)
    assert caught[0].fields == [field]
