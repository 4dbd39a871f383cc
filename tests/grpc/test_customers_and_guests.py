"""Customers and guests: what is theirs, what they may set, what they see; and both paths of a guest."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.party_pb2 import Approver, Submitter
from commerce.returns.v1.return_pb2 import Return
from tests.support.messages import create, draft, feed, order
from tests.support.scenes import VERBS, approve, filed, found, only_order, ordered, reopen, tried
from tests.support.service import CUSTOMER, FEED, Client, Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUEST = "guest@example.com"


def _registered(
    service: Service, *, email: str = GUEST, verified: bool = True, customer_id: str = "new-customer"
) -> Client:
    return service.customer(customer_id, email=email, email_verified=verified)


async def _orders(client: Client, **more: Any) -> set[str]:
    answer = await client.orders.ListOrders(orders_pb.ListOrdersRequest(parent="tenants/acme", page_size=1000, **more))
    return {one.name.rpartition("/")[2] for one in answer.orders}


async def _returns(client: Client) -> set[str]:
    answer = await client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1000))
    return {one.name for one in answer.returns}


async def test_staff_file_for_a_guest_by_the_address_of_the_order(shared: Service) -> None:
    order_id = await ordered(shared, guest_email=GUEST)
    staff = shared.client()
    assert order_id in await _orders(staff, filter=f'guest_email="{GUEST}"')
    request = create((order_id, "1", 1), requestor={"guest_email": GUEST})
    ret = await staff.returns.CreateReturn(request)
    assert (ret.requestor.guest_email, ret.requestor.customer_id) == (GUEST, "")
    assert ret.submitter.user_type == Submitter.USER_TYPE_EMPLOYEE
    assert ret.assisted_actions[0].employee == "bob"


async def test_a_guest_who_registers_with_a_verified_address_sees_all_and_files_alone(shared: Service) -> None:
    order_id = await ordered(shared, guest_email=GUEST)
    ret = await shared.client().returns.CreateReturn(create((order_id, "1", 1)))
    registered = _registered(shared)
    assert order_id in await _orders(registered)
    assert ret.name in await _returns(registered)
    assert (await found(registered, ret.name)).requestor.guest_email == GUEST
    mine = await registered.returns.CreateReturn(create((order_id, "1", 1)))
    assert mine.submitter.user_type == Submitter.USER_TYPE_CUSTOMER
    assert mine.name in await _returns(registered)
    closed = await registered.returns.CloseReturn(pb.CloseReturnRequest(name=ret.name))
    assert closed.state == Return.STATE_CLOSED
    # The order is still the guest's: nothing was linked anew.
    seen = await shared.client().orders.GetOrder(orders_pb.GetOrderRequest(name=f"tenants/acme/orders/{order_id}"))
    assert (seen.guest_email, seen.customer_id) == (GUEST, "")


@pytest.mark.parametrize(
    ("claims", "opens"),
    [
        ({"email": GUEST, "email_verified": True}, True),
        ({"email": "  Guest@Example.COM ", "email_verified": True}, True),
        ({"email": GUEST, "email_verified": False}, False),
        ({"email": GUEST}, False),
        ({"email": "other@example.com", "email_verified": True}, False),
        ({"email": "", "email_verified": True}, False),
        ({}, False),
    ],
    ids=str,
)
async def test_only_a_verified_address_opens_what_is_the_guests(
    shared: Service, claims: dict[str, Any], opens: bool
) -> None:
    order_id = await ordered(shared, guest_email=" GUEST@example.com ")
    ret = await shared.client().returns.CreateReturn(create((order_id, "1", 1)))
    client = shared.customer("someone", **claims)
    assert (order_id in await _orders(client)) == opens
    assert (ret.name in await _returns(client)) == opens
    if opens:
        assert (await found(client, ret.name)).name == ret.name
        return
    with refused("RETURN_NOT_FOUND"):
        await found(client, ret.name)
    with refused("ORDER_NOT_FOUND"):
        await client.orders.GetOrder(orders_pb.GetOrderRequest(name=f"tenants/acme/orders/{order_id}"))
    with refused("ORDER_NOT_FOUND"):
        await client.returns.CreateReturn(create((order_id, "1", 1)))
    with refused("ORDER_NOT_FOUND"):
        await client.returns.ListReturnableItems(pb.ListReturnableItemsRequest(parent="tenants/acme", order=order_id))


async def test_a_customer_returns_own_and_former_guest_orders_together(shared: Service) -> None:
    own, guests = await ordered(shared, customer_id="both"), await ordered(shared, guest_email="both@example.com")
    client = _registered(shared, email="both@example.com", customer_id="both")
    ret = await client.returns.CreateReturn(create((own, "1", 1), (guests, "1", 1)))
    assert {one.order.rpartition("/")[2] for one in ret.orders} == {own, guests}
    assert ret.requestor.customer_id == "both"
    assert {own, guests} <= await _orders(client)
    answer = await client.returns.ListReturnableItems(pb.ListReturnableItemsRequest(parent="tenants/acme"))
    assert {item.order.rpartition("/")[2] for item in answer.returnable_items} == {own, guests}


async def test_what_is_anothers_is_not_told_from_what_does_not_exist(shared: Service) -> None:
    ret, stranger = await filed(shared), shared.customer("c2")
    missing = "tenants/acme/returns/no-such-return"
    for verb in ("UPDATE", "CLOSE"):
        with refused("RETURN_NOT_FOUND", grpc.StatusCode.NOT_FOUND) as theirs:
            await tried(stranger, verb, ret.name, etag="1")
        with refused("RETURN_NOT_FOUND", grpc.StatusCode.NOT_FOUND) as none:
            await tried(stranger, verb, missing, etag="1")
        assert theirs[0].message.replace(ret.name, "") == none[0].message.replace(missing, "")
        assert theirs[0].metadata.keys() == none[0].metadata.keys()
    for name in (ret.name, missing):
        with refused("RETURN_NOT_FOUND"):
            await found(stranger, name)
        with refused("RETURN_NOT_FOUND"):
            await stranger.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=name))
        with refused("RETURN_NOT_FOUND"):
            await stranger.returns.BatchGetReturns(pb.BatchGetReturnsRequest(parent="tenants/acme", names=[name]))
    for order_id in (only_order(ret), "no-such-order"):
        for items in (((order_id, "1", 1),), ((order_id, "no-line", 1),)):
            with refused("ORDER_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
                await stranger.returns.CreateReturn(create(*items))
    assert ret.name not in await _returns(stranger)
    assert only_order(ret) not in await _orders(stranger)


STAFF_FIELDS: dict[str, dict[str, Any]] = {
    "draft.requestor": {"requestor": {"customer_id": "c1"}},
    "draft.submitter": {"submitter": Submitter(subject="x")},
    "draft.approver": {"approver": Approver(type=Approver.TYPE_USER, id="x")},
    "draft.expire_time": {"expire_time": Timestamp(seconds=4_000_000_000)},
    "return_id": {"return_id": "my-own-id"},
    "assistance_reason": {"assistance_reason": "because"},
}


@pytest.mark.parametrize("field", STAFF_FIELDS)
async def test_a_customer_may_not_set_what_is_staffs(shared: Service, field: str) -> None:
    order_id = await ordered(shared)
    with refused("REQUIRES_MANAGE_SCOPE", grpc.StatusCode.PERMISSION_DENIED) as caught:
        await shared.customer("c1").returns.CreateReturn(create((order_id, "1", 1), **STAFF_FIELDS[field]))
    assert caught[0].metadata["field"] == field
    if not field.startswith("draft."):
        return
    ret = await filed(shared)
    request = pb.UpdateReturnRequest(name=ret.name, draft=draft(code="", **STAFF_FIELDS[field]))
    with refused("REQUIRES_MANAGE_SCOPE"):
        await shared.customer("c1").returns.UpdateReturn(request)
    # Naming it in the mask is setting it, too.
    empty = pb.UpdateReturnRequest(name=ret.name, draft=draft(code=""))
    empty.update_mask.paths.append(field.removeprefix("draft."))
    with refused("REQUIRES_MANAGE_SCOPE"):
        await shared.customer("c1").returns.UpdateReturn(empty)


async def test_a_customers_requestor_and_submitter_come_from_the_token(shared: Service) -> None:
    order_id = await ordered(shared)
    client = shared.customer("c1", email=" Me@Example.com", email_verified=True, given_name="Ada", family_name="L")
    ret = await client.returns.CreateReturn(create((order_id, "1", 1)))
    said = ret.requestor
    assert (said.customer_id, said.first_name, said.last_name, said.email) == ("c1", "Ada", "L", "me@example.com")
    assert (ret.submitter.user_type, ret.submitter.subject) == (Submitter.USER_TYPE_CUSTOMER, "sub-c1")


async def test_customers_see_neither_the_approver_nor_who_acts_for_the_shop(shared: Service) -> None:
    staff, owner, order_id = (
        shared.client(subject="ann", email="ann@shop.example"),
        shared.customer("c1"),
        await ordered(shared),
    )
    ret = await staff.returns.CreateReturn(create((order_id, "1", 1), assistance_reason="called us"))
    ret = await approve(staff, ret, approver=Approver(type=Approver.TYPE_USER, id="boss"))
    assert (ret.approver.id, ret.submitter.subject, len(ret.assisted_actions)) == ("boss", "ann", 1)
    listed = await owner.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1000))
    batch = await owner.returns.BatchGetReturns(pb.BatchGetReturnsRequest(parent="tenants/acme", names=[ret.name]))
    timeline = await owner.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))
    seen = [await found(owner, ret.name), batch.returns[0], *(one for one in listed.returns if one.name == ret.name)]
    for one in [*seen, *(event.snapshot for event in timeline.events)]:
        assert not one.HasField("approver")
        assert not one.assisted_actions
        assert one.submitter == Submitter(user_type=Submitter.USER_TYPE_EMPLOYEE)
    for event in timeline.events:
        assert (event.actor.subject, event.actor.user_type) == ("", Submitter.USER_TYPE_EMPLOYEE)
        assert not {"approver", "assisted_actions"} & set(event.changed_paths.paths)
        assert b"ann" not in event.SerializeToString()
        assert b"boss" not in event.SerializeToString()


async def test_a_customer_sees_itself_as_submitter_and_actor(shared: Service) -> None:
    ret, owner = await filed(shared), shared.customer("c1")
    timeline = await owner.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))
    assert timeline.events[0].actor.subject == timeline.events[0].snapshot.submitter.subject == "sub-c1"


async def test_staff_who_name_no_requestor_get_the_orders_common_customer(shared: Service) -> None:
    staff = shared.client()
    one, two = await ordered(shared, customer_id="cx"), await ordered(shared, customer_id="cx")
    other, guests = await ordered(shared, customer_id="cy"), await ordered(shared, guest_email="g@example.com")
    nobodys = await ordered(shared, anonymous=True)
    assert (await staff.returns.CreateReturn(create((one, "1", 1), (two, "1", 1)))).requestor.customer_id == "cx"
    assert (await staff.returns.CreateReturn(create((guests, "1", 1)))).requestor.guest_email == "g@example.com"
    assert (await staff.returns.CreateReturn(create((one, "1", 1), (nobodys, "1", 1)))).requestor.customer_id == "cx"
    for items in (((one, "1", 1), (other, "1", 1)), ((one, "1", 1), (guests, "1", 1)), ((nobodys, "1", 1),)):
        with refused("FIELD_INVALID") as caught:
            await staff.returns.CreateReturn(create(*items))
        assert caught[0].fields == ["draft.requestor"]


async def test_every_order_is_the_requestors_or_nobodys(shared: Service) -> None:
    staff = shared.client()
    one, nobodys = await ordered(shared, customer_id="cx"), await ordered(shared, anonymous=True)
    guests = await ordered(shared, guest_email="g@example.com")
    for order_id, requestor in ((one, {"customer_id": "cy"}), (guests, {"guest_email": "h@example.com"})):
        with refused("ORDER_NOT_OF_REQUESTOR", grpc.StatusCode.FAILED_PRECONDITION) as caught:
            await staff.returns.CreateReturn(create((order_id, "1", 1), requestor=requestor))
        assert caught[0].metadata["order"] == order_id
    ret = await staff.returns.CreateReturn(create((nobodys, "1", 1), requestor={"customer_id": "cy"}))
    assert ret.requestor.customer_id == "cy"
    with refused("ORDER_NOT_FOUND"):
        await staff.returns.CreateReturn(create(("no-such-order", "1", 1), requestor={"customer_id": "cy"}))


async def test_only_staff_file_returns_of_an_anonymous_order(shared: Service) -> None:
    nobodys = await ordered(shared, anonymous=True)
    with refused("ORDER_NOT_FOUND"):
        await shared.customer("c1").returns.CreateReturn(create((nobodys, "1", 1)))
    assert nobodys not in await _orders(shared.customer("c1"))


async def test_a_customer_may_not_ask_for_what_another_can_return(shared: Service) -> None:
    customer = shared.customer("c1", email="c1@example.com", email_verified=True)
    for selection in (
        pb.ListReturnableItemsRequest(parent="tenants/acme", customer_id="c2"),
        pb.ListReturnableItemsRequest(parent="tenants/acme", guest_email=GUEST),
    ):
        with refused("REQUIRES_MANAGE_SCOPE"):
            await customer.returns.ListReturnableItems(selection)


async def test_a_service_acts_as_a_service_and_assists_nobody(shared: Service) -> None:
    order_id = await ordered(shared)
    robot = shared.client(subject="robot", user_type="SERVICE")
    ret = await robot.returns.CreateReturn(create((order_id, "1", 1)))
    assert ret.submitter.user_type == Submitter.USER_TYPE_SERVICE
    assert not ret.assisted_actions


async def test_what_an_employee_does_for_a_customer_is_kept_with_its_reason(shared: Service) -> None:
    staff, order_id = shared.client(subject="ann"), await ordered(shared)
    ret = await staff.returns.CreateReturn(create((order_id, "1", 1), assistance_reason="no computer"))
    request = pb.UpdateReturnRequest(name=ret.name, draft=draft(code="OTHER"), assistance_reason="a mistake")
    ret = await staff.returns.UpdateReturn(request)
    ret = await staff.returns.CloseReturn(pb.CloseReturnRequest(name=ret.name))
    ret = await reopen(staff, ret)
    done = [(one.employee, one.operation, one.reason) for one in ret.assisted_actions]
    assert [operation for _, operation, _ in done] == [1, 2, 3, 4]
    assert done[:2] == [("ann", 1, "no computer"), ("ann", 2, "a mistake")]


async def test_a_customer_may_try_every_verb_of_staff_in_vain(shared: Service) -> None:
    ret, owner = await filed(shared), shared.customer("c1")
    for verb in VERBS.keys() - {"UPDATE", "CLOSE"}:
        with refused("SCOPE_MISSING", grpc.StatusCode.PERMISSION_DENIED):
            await tried(owner, verb, ret.name)


async def test_the_feed_sees_orders_and_no_returns(shared: Service) -> None:
    feeder = shared.client(*FEED)
    await feed(feeder, order("seen-by-feed"))
    assert "seen-by-feed" in await _orders(feeder)
    with refused("SCOPE_MISSING"):
        await _returns(feeder)
    assert CUSTOMER == ("returns.returns_manage_own",)
