"""A return that the shop's policy matches is filed and approved in one call, as two events."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from commerce.returns.v1 import policy_service_pb2, returns_service_pb2
from commerce.returns.v1.party_pb2 import Approver, Submitter
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.return_pb2 import Return
from tests.support.messages import create, new_request_id
from tests.support.scenes import claimed, only_order, ordered
from tests.support.service import Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")
POLICY_SCOPES = ("returns.policy_manage",)
State = Return.State


async def approves(service: Service, tenant: str, text: str) -> ReturnPolicy:
    """The policy of a tenant that now approves at once what the filter matches."""
    policy = ReturnPolicy(name=f"tenants/{tenant}/returnPolicy", auto_approve=text)
    request = policy_service_pb2.UpdateReturnPolicyRequest(
        return_policy=policy, update_mask=FieldMask(paths=["auto_approve"])
    )
    answer: ReturnPolicy = await service.client(*POLICY_SCOPES, tenant=tenant).policy.UpdateReturnPolicy(request)
    return answer


async def file(service: Service, tenant: str, quantity: int = 1, **more: Any) -> Return:
    order_id = await ordered(service, tenant=tenant)
    customer = service.customer("c1", tenant=tenant)
    answer: Return = await customer.returns.CreateReturn(create((order_id, "1", quantity), tenant=tenant, **more))
    return answer


async def events_of(service: Service, tenant: str, ret: Return) -> list[Any]:
    request = returns_service_pb2.ListReturnEventsRequest(parent=ret.name)
    return list((await service.client(tenant=tenant).returns.ListReturnEvents(request)).events)


async def test_a_match_is_approved_by_the_service_in_two_events(shared: Service) -> None:
    policy = await approves(shared, "auto1", "state = PENDING AND total.gross.units < 5 AND reason.code = DEFECT")
    assert "total.gross.units" in policy.auto_approve
    cheap = await file(shared, "auto1", quantity=1, request_id=new_request_id())
    assert (cheap.state, cheap.version, cheap.etag) == (State.STATE_APPROVED, 2, "2")
    assert not cheap.HasField("approver")
    assert cheap.goods_state == Return.GoodsState.GOODS_STATE_AWAITING
    assert cheap.approved_total == cheap.total
    filed, approved = await events_of(shared, "auto1", cheap)
    assert (filed.type, filed.return_version, filed.snapshot.state) == ("return.created", 1, State.STATE_PENDING)
    assert (approved.type, approved.return_version, approved.snapshot.state) == (
        "return.approved",
        2,
        State.STATE_APPROVED,
    )
    assert approved.sequence == filed.sequence + 1
    assert (filed.actor.user_type, filed.actor.subject) == (Submitter.USER_TYPE_CUSTOMER, "sub-c1")
    assert (approved.actor.user_type, approved.actor.subject) == (Submitter.USER_TYPE_SERVICE, "returns-service")
    assert filed.request_id == approved.request_id
    assert await claimed(shared, only_order(cheap), tenant="auto1") == 1


async def test_what_does_not_match_waits_for_a_decision(shared: Service) -> None:
    await approves(shared, "auto2", "total.gross.units < 5 AND NOT attributes.checked:*")
    dear = await file(shared, "auto2", quantity=4)
    assert (dear.state, dear.version) == (State.STATE_PENDING, 1)
    assert [event.type for event in await events_of(shared, "auto2", dear)] == ["return.created"]
    marked = await file(shared, "auto2", attributes={"checked": False})
    assert marked.state == State.STATE_PENDING
    await approves(shared, "auto2", "")
    assert (await file(shared, "auto2")).state == State.STATE_PENDING


async def test_a_repeated_request_is_answered_as_the_first(shared: Service) -> None:
    await approves(shared, "auto3", "currency_code=EUR")
    order_id = await ordered(shared, tenant="auto3")
    request = create((order_id, "1", 1), tenant="auto3", request_id=new_request_id())
    customer = shared.customer("c1", tenant="auto3")
    first, *others = await asyncio.gather(*(customer.returns.CreateReturn(request) for _ in range(4)))
    assert first.state == State.STATE_APPROVED
    assert all(other == first for other in others)
    assert len(await events_of(shared, "auto3", first)) == 2


async def test_validate_only_says_what_would_be(shared: Service) -> None:
    await approves(shared, "auto4", "orders.items.product_id=product-*")
    would_be = await file(shared, "auto4", validate_only=True)
    assert (would_be.state, would_be.version, would_be.name, would_be.number, would_be.etag) == (
        State.STATE_APPROVED,
        2,
        "",
        "",
        "",
    )
    parent = returns_service_pb2.ListReturnEventsRequest(parent="tenants/auto4")
    assert not (await shared.client(tenant="auto4").returns.ListReturnEvents(parent)).events


async def test_an_approver_and_an_expiry_that_staff_named_stay(shared: Service) -> None:
    await approves(shared, "auto5", "approver.id=boss")
    order_id = await ordered(shared, tenant="auto5")
    approver = Approver(type=Approver.TYPE_USER, id="boss")
    request = create((order_id, "1", 1), tenant="auto5", approver=approver)
    filed = await shared.client(tenant="auto5").returns.CreateReturn(request)
    assert (filed.state, filed.approver) == (State.STATE_APPROVED, approver)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("state=OPEN", 7, "one of PENDING"),
        ("totl.gross.units<5", 1, "did you mean total.gross.units?"),
        ("total.gross.units <", 20, "expected a value"),
        ("cheap", 1, "stands alone"),
        ("(" * 21 + "state=PENDING" + ")" * 21, 21, "20 levels"),
    ],
)
async def test_a_policy_with_a_wrong_filter_is_refused(shared: Service, text: str, column: int, message: str) -> None:
    with refused("FILTER_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as refusals:
        await approves(shared, "auto6", text)
    assert refusals[0].fields == ["return_policy.auto_approve"]
    assert refusals[0].metadata["column"] == str(column)
    assert message in refusals[0].message


async def test_a_policy_cannot_name_another_tenants_order(shared: Service) -> None:
    with refused("TENANT_MISMATCH", grpc.StatusCode.PERMISSION_DENIED) as refusals:
        await approves(shared, "auto6", "orders.order=tenants/other/orders/1")
    assert refusals[0].metadata["field"] == "return_policy.auto_approve"


async def test_customers_cannot_list_by_what_they_do_not_see(shared: Service) -> None:
    pb = returns_service_pb2
    request = pb.ListReturnsRequest(parent="tenants/acme", filter="state=PENDING approver.id=boss")
    with refused("FILTER_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as refusals:
        await shared.customer("c1").returns.ListReturns(request)
    assert refusals[0].metadata["column"] == "15"
    await shared.client().returns.ListReturns(request)
