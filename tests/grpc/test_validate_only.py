"""`validate_only`: every check, the answer that would be, and a database that is as it was."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty

from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.messages import create, draft, feed, new_request_id, order
from tests.support.methods import METHODS, MUTATIONS, call
from tests.support.mutations import EXISTING, SUCCEEDING, dumped, etag_of
from tests.support.scenes import STATES, VERBS, found, in_state, ordered, tried
from tests.support.service import ALL, FEED, Refusal, Service, outcome, refused

TIMES = (
    "create_time",
    "update_time",
    "expire_time",
    "approve_time",
    "close_time",
    "receive_time",
    "end_time",
    "next_attempt_time",
    "previous_secret_expire_time",
)
NOT_SPENT = ("secret", "attempt")
"""What a try never answers."""
CREATING = ("CreateReturn", "CreateWebhookEndpoint", "CreateWebhookRedelivery")

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_mutation_can_be_tried_and_is_tried_here(shared: Service) -> None:
    assert set(MUTATIONS) == set(SUCCEEDING)
    reading = {
        name for name in METHODS if METHODS[name].short_name.startswith(("Get", "List", "BatchGet", "Stream", "Export"))
    }
    assert set(METHODS) - reading - set(MUTATIONS) == {"OrdersService/ImportOrders"}


@pytest.mark.parametrize("name", SUCCEEDING)
async def test_a_try_leaves_the_database_as_it_was(shared: Service, name: str) -> None:
    client, request = shared.client(*ALL), await SUCCEEDING[name](shared)
    request.validate_only, request.request_id = True, new_request_id()
    before = await dumped(shared)
    tried_ = await call(client, name, request)
    again = await call(client, name, request)
    assert await dumped(shared) == before
    assert type(tried_) is type(again)
    request.validate_only = False
    done = await call(client, name, request)
    after = await dumped(shared)
    assert after != before
    if isinstance(done, Empty):
        return
    # What was promised is what came, but for the times and what a try does not spend.
    _forget(tried_, spent=name.endswith(CREATING))
    _forget(done, spent=name.endswith(CREATING))
    assert tried_ == done


def _forget(answer: Any, *, spent: bool) -> None:
    """Take out what differs between what would be and what is."""
    for field in (*NOT_SPENT, *TIMES, *(("name", "number", "etag", "secret_exists") if spent else ())):
        if field in answer.DESCRIPTOR.fields_by_name:
            answer.ClearField(field)
    for part in [*getattr(answer, "receipts", ()), *getattr(answer, "assisted_actions", ())]:
        part.ClearField("time")
    if "webhook_endpoint" in answer.DESCRIPTOR.fields_by_name:
        _forget(answer.webhook_endpoint, spent=spent)


async def test_a_tried_create_answers_without_name_number_and_etag(shared: Service) -> None:
    request = create((await ordered(shared), "1", 1), validate_only=True, return_id="chosen-id")
    answer = await shared.client().returns.CreateReturn(request)
    assert (answer.name, answer.number, answer.etag) == ("", "", "")
    assert answer.orders[0].items[0].quantity == 1


async def test_the_first_try_of_a_tenant_writes_nothing_either(shared: Service) -> None:
    tenant = "brandnew"
    await feed(shared.client(*FEED, tenant=tenant), order("o1", tenant=tenant), tenant=tenant)
    before = await dumped(shared)
    await shared.client(tenant=tenant).returns.CreateReturn(create(("o1", "1", 1), tenant=tenant, validate_only=True))
    assert await dumped(shared) == before


async def test_a_try_reads_no_record_of_an_answer(shared: Service) -> None:
    client, order_id = shared.client(), await ordered(shared)
    request = create((order_id, "1", 4), request_id=new_request_id())
    await client.returns.CreateReturn(request)
    request.validate_only = True
    with refused("QUANTITY_EXCEEDS_RETURNABLE"):
        await client.returns.CreateReturn(request)


@pytest.mark.parametrize("name", EXISTING)
async def test_a_try_checks_the_etag(shared: Service, name: str) -> None:
    client, request = shared.client(*ALL), await SUCCEEDING[name](shared)
    request.validate_only, request.etag = True, "not-this"
    with refused("ETAG_MISMATCH") as caught:
        await call(client, name, request)
    assert caught[0].metadata["etag"] == await etag_of(shared, request)


@pytest.mark.parametrize("state", STATES)
async def test_a_try_is_refused_as_the_deed_would_be(shared: Service, state: str) -> None:
    staff, ret = shared.client(), await in_state(shared, state)
    for verb in VERBS:
        would = await outcome(tried(staff, verb, ret.name, validate_only=True))
        if isinstance(would, Refusal):
            assert await outcome(tried(staff, verb, ret.name)) == would
    assert await found(staff, ret.name) == ret


async def test_a_try_is_refused_for_the_same_reasons(shared: Service) -> None:
    staff, customer, order_id = shared.client(), shared.customer("c2"), await ordered(shared)
    cases = [
        (staff, create((order_id, "1", 5)), "QUANTITY_EXCEEDS_RETURNABLE"),
        (staff, create((order_id, "9", 1)), "LINE_NOT_FOUND"),
        (staff, create(("no-such", "1", 1)), "ORDER_NOT_FOUND"),
        (customer, create((order_id, "1", 1)), "ORDER_NOT_FOUND"),
        (staff, pb.CreateReturnRequest(parent="tenants/acme", draft=draft(code="X")), "FIELD_INVALID"),
    ]
    before = await dumped(shared)
    for client, request, reason in cases:
        request.validate_only = True
        with refused(reason):
            await client.returns.CreateReturn(request)
    assert await dumped(shared) == before
