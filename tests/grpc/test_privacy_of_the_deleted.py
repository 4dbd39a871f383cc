"""What is left of a person in the log, and around it, once the returns were deleted: told when asked, and erased."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1 import webhooks_service_pb2 as hooks_pb
from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.return_pb2 import Return
from tests.support.consumers import whole_log
from tests.support.hooks import caught_up, deliveries, made
from tests.support.hooks import everything as everybody
from tests.support.messages import create, new_request_id, reason
from tests.support.mutations import dumped
from tests.support.people import ACME, attributes, balanced, erased, exported, filing, person
from tests.support.receiver import answer, receiving
from tests.support.scenes import approve, filed, found, ordered
from tests.support.service import ALL, MovableClock, Service, serving

WHO = {"customer_id": "planted-customer", "email": "guest-planted@example.org"}
TEXTS = (
    "planted-customer",
    "planted-subject",
    "planted@example.org",
    "Plantina",
    "Plantagenet",
    "planted details",
    "planted item",
    "planted street",
    "planted rejection",
    "planted closing",
    "planted assistance",
)
"""Told by the returns; every one of them stands in the log after they were deleted."""
DAY = 86_400


@pytest.fixture
async def service(tmp_path: Path, database_url: str | None, clock: MovableClock) -> AsyncIterator[Service]:
    given: dict[str, Any] = {"events": {"retention": "2d"}, "webhooks": {"bridge": False}}
    async with serving(tmp_path / "data", database_url, clock=clock, **given) as service:
        yield service


async def deleted(service: Service, webhook_url: str) -> list[Return]:
    """Returns of a customer and of a guest, each deleted in another state, and posted to a webhook meanwhile."""
    staff = everybody(service)
    await made(staff, webhook_url)
    own = person(service, email="planted@example.org")
    returns = []
    for number in range(4):
        order_id = await ordered(service, f"planted-{number}", customer_id="planted-customer")
        request = filing(order_id, "planted details")
        request.draft.orders[0].items[0].reason.CopyFrom(reason("", "planted item"))
        request.draft.attributes.CopyFrom(attributes())
        returns.append(await own.returns.CreateReturn(request))
    # Nothing differs after it, but it is remembered.
    same = pb.UpdateReturnRequest(name=returns[0].name, draft=request.draft, request_id=new_request_id())
    same.update_mask.paths.append("reason")
    await own.returns.UpdateReturn(same)
    await approve(staff, returns[1])
    await staff.returns.RejectReturn(
        pb.RejectReturnRequest(name=returns[2].name, reason=reason("", "planted rejection"))
    )
    await own.returns.CloseReturn(
        pb.CloseReturnRequest(name=returns[3].name, reason=reason("X", "planted closing"), request_id=new_request_id())
    )
    guests = await ordered(service, "planted-guest", customer_id="", guest_email="guest-planted@example.org")
    assisted = create((guests, "1", 1), assistance_reason="planted assistance", request_id=new_request_id())
    assisted.draft.requestor.guest_email = "guest-planted@example.org"
    returns.append(await staff.returns.CreateReturn(assisted))
    for ret in returns:
        await staff.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name, request_id=new_request_id()))
    await caught_up(service)
    return returns


async def left(service: Service) -> dict[str, list[str]]:
    """Tables that tell something planted, but the names that the shop gave its orders, with what they tell."""
    tables = {}
    for table, rows in (await dumped(service)).items():
        text = "\n".join(rows)
        if told := [secret for secret in (*TEXTS, "guest-planted") if secret in text]:
            tables[table] = told
    return tables


def of_deleted(events: Iterable[ReturnEvent], returns: list[Return]) -> list[int]:
    names = {ret.name for ret in returns}
    return [event.sequence for event in events if event.return_name in names]


async def test_all_that_the_log_holds_of_deleted_returns_is_told_and_erased(service: Service) -> None:
    async with receiving() as receiver:
        receiver.respond = lambda got: answer(200, b"you said: " + got.body[:8_000])
        client = everybody(service)
        returns = await deleted(service, receiver.url)
        other = await found(client, (await filed(service)).name)
        before = await whole_log(client)
        assert (await left(service)).keys() == {"orders", "events", "idempotency_keys", "webhook_attempts"}
        assert {text for told in (await left(service)).values() for text in told} == {*TEXTS, "guest-planted"}

        told = await exported(client, 0, **WHO)
        assert not told.returns
        assert [event.sequence for event in told.events] == of_deleted(before, returns)
        assert [text for text in TEXTS if text not in str(told)] == []

        counts = await erased(client, **WHO)
        assert (counts.order_count, counts.return_count) == (5, 0)
        assert counts.event_count == len(of_deleted(before, returns))
        assert await left(service) == {}
        await balanced(service)
        after = await whole_log(client)
        assert [(event.sequence, event.id, event.type) for event in after] == [
            (event.sequence, event.id, event.type) for event in before
        ], "no event is made, and none is gone"
        shown = [await deliveries(client, one) for one in await endpoints(service)]
        assert "planted" not in str(shown).replace("planted-", "")
        assert await found(client, other.name) == other
        assert not (await exported(client, 0, **WHO)).ByteSize()


async def test_what_receivers_answered_goes_with_the_timeline(service: Service, clock: MovableClock) -> None:
    """Retention takes the events of deleted returns: nothing would find the person in what was answered to them."""
    async with receiving() as receiver:
        receiver.respond = lambda got: answer(200, b"you said: " + got.body[:8_000])
        returns = await deleted(service, receiver.url)
        other = (await filed(service)).name
        await caught_up(service)
        clock.forward(3 * DAY)
        assert service.app is not None
        assert service.app.retention is not None
        await service.app.retention.tick()
        client = everybody(service)
        assert of_deleted(await whole_log(client), returns) == []
        assert "webhook_attempts" not in await left(service)
        [endpoint] = await endpoints(service)
        [kept] = [one for one in await deliveries(client, endpoint) if one.return_name == other]
        assert b"you said" in kept.attempts[0].answer
        await erased(client, **WHO)
        assert await left(service) == {}
        await balanced(service)


async def endpoints(service: Service) -> list[Any]:
    request = hooks_pb.ListWebhookEndpointsRequest(parent=ACME)
    return list((await service.client(*ALL).webhooks.ListWebhookEndpoints(request)).webhook_endpoints)
