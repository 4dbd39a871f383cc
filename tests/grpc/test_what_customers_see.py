"""A customer's answers hold what is theirs, and nothing of how the shop works inside."""

from __future__ import annotations

import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.party_pb2 import Actor, Approver, Submitter
from commerce.returns.v1.return_pb2 import Return
from tests.support.messages import create
from tests.support.scenes import approve, filed, only_order, ordered
from tests.support.service import Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def assisted(service: Service) -> Return:
    """A return that staff filed and approved for the customer c1."""
    staff = service.client()
    ret = await staff.returns.CreateReturn(create((await ordered(service), "1", 1)))
    return await approve(staff, ret, approver=Approver(type=Approver.TYPE_USER, id="u-7"))


async def test_staff_see_who_did_what_and_the_customer_does_not(shared: Service) -> None:
    ret = await assisted(shared)
    request = pb.GetReturnRequest(name=ret.name)
    staffs = await shared.client().returns.GetReturn(request)
    customers = await shared.customer("c1").returns.GetReturn(request)

    assert staffs.approver.id == "u-7"
    assert staffs.assisted_actions
    assert staffs.submitter.subject
    assert not customers.HasField("approver")
    assert not customers.assisted_actions
    assert customers.submitter == Submitter(user_type=staffs.submitter.user_type)
    assert customers.etag == staffs.etag


async def test_lists_and_batches_hide_the_same(shared: Service) -> None:
    ret, customer = await assisted(shared), shared.customer("c1").returns
    one = await customer.GetReturn(pb.GetReturnRequest(name=ret.name))
    batch = await customer.BatchGetReturns(pb.BatchGetReturnsRequest(parent="tenants/acme", names=[ret.name]))
    page = await customer.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1_000))

    assert list(batch.returns) == [one]
    assert [found for found in page.returns if found.name == ret.name] == [one]


async def test_events_hide_the_same(shared: Service) -> None:
    ret = await assisted(shared)
    request = pb.ListReturnEventsRequest(parent=ret.name)
    staffs = (await shared.client().returns.ListReturnEvents(request)).events
    customers = (await shared.customer("c1").returns.ListReturnEvents(request)).events

    assert [event.type for event in customers] == ["return.created", "return.approved"]
    assert [event.id for event in customers] == [event.id for event in staffs]
    assert [event.cursor for event in customers] == [event.cursor for event in staffs]
    assert staffs[1].actor.subject == "bob"
    assert staffs[1].snapshot.approver.id == "u-7"
    for event in customers:
        assert event.actor == Actor(user_type=Submitter.USER_TYPE_EMPLOYEE)
        assert not event.snapshot.HasField("approver")
        assert not event.snapshot.assisted_actions
        assert not set(event.changed_paths.paths) & {"approver", "assisted_actions"}


async def test_a_customers_own_doing_is_shown(shared: Service) -> None:
    customer, ret = shared.customer("c1").returns, await filed(shared)
    events = (await customer.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))).events

    assert ret.submitter.subject == "sub-c1"
    assert events[0].actor.subject == "sub-c1"


async def test_another_customer_finds_nothing(shared: Service) -> None:
    ret, stranger = await assisted(shared), shared.customer("c2").returns

    with refused("RETURN_NOT_FOUND"):
        await stranger.GetReturn(pb.GetReturnRequest(name=ret.name))
    with refused("RETURN_NOT_FOUND"):
        await stranger.BatchGetReturns(pb.BatchGetReturnsRequest(parent="tenants/acme", names=[ret.name]))
    with refused("RETURN_NOT_FOUND"):
        await stranger.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))
    with refused("ORDER_NOT_FOUND"):
        await stranger.ListReturnableItems(pb.ListReturnableItemsRequest(parent="tenants/acme", order=only_order(ret)))


@pytest.mark.parametrize("selection", [{"customer_id": "c1"}, {"guest_email": "anna@example.com"}])
async def test_a_customer_cannot_ask_for_the_lines_of_another(shared: Service, selection: dict[str, str]) -> None:
    with refused("REQUIRES_MANAGE_SCOPE") as refusals:
        await shared.customer("c2").returns.ListReturnableItems(
            pb.ListReturnableItemsRequest(parent="tenants/acme", **selection)  # type: ignore[arg-type]
        )

    assert refusals[0].metadata["field"] == next(iter(selection))


async def test_staff_must_say_whose_lines(shared: Service) -> None:
    with refused("FIELD_INVALID"):
        await shared.client().returns.ListReturnableItems(pb.ListReturnableItemsRequest(parent="tenants/acme"))
