"""A person asks what is stored of them, and is forgotten: from every table, while the books balance as before."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import privacy_service_pb2 as pb
from commerce.returns.v1 import returns_service_pb2 as returns_pb
from commerce.returns.v1.return_pb2 import Return
from returns_server.domain.ids import Micros
from returns_server.storage import privacy
from returns_server.storage.privacy import statements
from tests.support.messages import create, draft, new_request_id, reason
from tests.support.people import (
    ACME,
    SECRETS,
    WHO,
    balanced,
    echo_stored,
    erased,
    everything,
    exported,
    filing,
    planted,
)
from tests.support.scenes import filed, found, only_order, ordered
from tests.support.service import ALL, MovableClock, Service, refused, serving
from tests.support.streams import EARLIEST, streaming


async def test_nothing_planted_is_left_in_any_table_and_the_books_balance(service: Service) -> None:
    client = service.client(*ALL)
    await planted(service)
    other = await found(client, (await filed(service)).name)
    await echo_stored(service, 1)
    # The feed's answers tell of customers too.
    again = await client.orders.GetOrder(orders_pb.GetOrderRequest(name=f"{ACME}/orders/planted-0"))
    again.deliver_time.seconds = again.place_time.seconds + 60
    await client.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=again, request_id=new_request_id()))
    before = await everything(service)
    assert [secret for secret in SECRETS[:-1] if secret not in before] == [], "planted, to be found"

    answer = await erased(client, **WHO)

    assert (answer.order_count, answer.return_count) == (5, 4)
    after = await everything(service)
    assert [secret for secret in SECRETS if secret in after] == []
    await balanced(service)
    assert await found(client, other.name) == other, "another's return is as it was"
    assert await erased(client, **WHO) == pb.ErasePersonResponse(), "nothing is left to be found"
    assert await exported(client, 0, **WHO) == pb.ExportPersonResponse()


async def test_an_erased_return_keeps_what_the_books_need_and_has_one_event(service: Service) -> None:
    client = service.client(*ALL)
    ret = (await planted(service))[0]
    before = await found(client, ret.name)
    await erased(client, customer_id="planted-customer")
    after = await found(client, ret.name)
    assert (after.version, after.etag) == (before.version + 1, str(before.version + 1))
    assert (after.state, after.total, after.approved_total) == (before.state, before.total, before.approved_total)
    assert not after.requestor.ListFields()
    assert after.reason == reason("ERASED", "")
    assert after.orders[0].items[0].reason == reason("ERASED", "")
    assert not after.HasField("attributes")
    assert after.submitter.user_type == before.submitter.user_type
    timeline = await client.returns.ListReturnEvents(returns_pb.ListReturnEventsRequest(parent=ret.name))
    last = timeline.events[-1]
    assert [event.type for event in timeline.events] == ["return.created", "return.approved", "return.person_erased"]
    assert set(last.changed_paths.paths) == {"requestor", "submitter", "reason", "orders", "attributes"}
    assert last.actor.subject == "bob"
    after.ClearField("allowed_actions")
    assert last.snapshot == after
    # Staff go on with it: the goods are still on their way.
    received = await client.returns.RecordReceipt(returns_pb.RecordReceiptRequest(name=ret.name, receipt_id="p1"))
    assert received.received
    await balanced(service)


async def test_past_events_keep_their_places_and_lose_the_person(service: Service) -> None:
    client = service.client(*ALL)
    await planted(service)
    request = returns_pb.ListReturnEventsRequest(parent=ACME, page_size=1000)
    before = (await client.returns.ListReturnEvents(request)).events
    await erased(client, **WHO)
    after = (await client.returns.ListReturnEvents(request)).events
    assert [(e.sequence, e.id, e.cursor, e.type) for e in after[: len(before)]] == [
        (e.sequence, e.id, e.cursor, e.type) for e in before
    ]
    assert {e.type for e in after[len(before) :]} == {"return.person_erased"}
    deleted = [e for e in after if e.type == "return.deleted"]
    assert len(deleted) == 1, "a deleted return has no new event, for it has no new version"
    assert not deleted[0].snapshot.requestor.ListFields()


async def test_streams_tell_of_the_erasure_and_hand_out_no_more_of_the_person(service: Service) -> None:
    client = service.client(*ALL)
    async with streaming(client, start=EARLIEST) as live:
        await planted(service)
        await live.until(lambda stream: len(stream.events) >= 9)
        assert "Plantina" in str(live.events)
        await erased(client, **WHO)
        await live.until(lambda stream: stream.events[-1].type == "return.person_erased")
        async with streaming(client, after_cursor=live.events[0].cursor) as second:
            await second.until(lambda stream: len(stream.events) >= len(live.events) - 1)
            assert [secret for secret in SECRETS if secret in str(second.events)] == []


async def test_pages_that_were_answered_before_are_not_answered_again(service: Service) -> None:
    client = service.client(*ALL)
    await planted(service)
    request = returns_pb.ListReturnsRequest(parent=ACME)
    for _ in range(3):
        assert "Plantina" in str(await client.returns.ListReturns(request))
    await erased(client, **WHO)
    page = str(await client.returns.ListReturns(request))
    assert [secret for secret in SECRETS if secret in page] == []


async def test_a_persons_requests_and_answers_are_forgotten(service: Service) -> None:
    client = service.client(*ALL)
    order_id = await ordered(service, customer_id="planted-customer")
    own = service.customer("planted-customer")
    ret = await own.returns.CreateReturn(filing(order_id, "planted own"))
    approving = returns_pb.ApproveReturnRequest(name=ret.name, request_id=new_request_id())
    assert "planted own" in str(await client.returns.ApproveReturn(approving))
    await erased(client, customer_id="planted-customer")
    # What staff asked is answered as before, without the person.
    repeated = await client.returns.ApproveReturn(approving)
    assert (repeated.name, repeated.version) == (ret.name, 2)
    assert "planted" not in str(repeated)
    assert "sub-planted-customer" not in await everything(service)


async def test_the_feed_does_not_bring_a_person_back_by_repeating_a_request(service: Service) -> None:
    client = service.client(*ALL)
    order_id = await ordered(service)
    said = await client.orders.GetOrder(orders_pb.GetOrderRequest(name=f"{ACME}/orders/{order_id}"))
    said.customer_id = "planted-customer"
    request = orders_pb.UpsertOrderRequest(order=said, request_id=new_request_id())
    await client.orders.UpsertOrder(request)
    await erased(client, customer_id="planted-customer")
    with refused("REQUEST_ID_REUSED"):
        await client.orders.UpsertOrder(request)
    assert "planted-customer" not in await everything(service)


async def test_an_address_finds_a_customers_returns_and_a_submitter(service: Service) -> None:
    staff = service.client(*ALL)
    mine = await ordered(service, customer_id="someone")
    request = create((mine, "1", 1))
    request.draft.requestor.customer_id, request.draft.requestor.email = "someone", "planted@example.org"
    by_address = await staff.returns.CreateReturn(request)
    others = filing(await ordered(service), "not of the submitter")
    others.draft.submitter.user_type = 1
    others.draft.submitter.email, others.draft.submitter.first_name = "planted@example.org", "Plantina"
    handed_in = await staff.returns.CreateReturn(others)
    answer = await erased(staff, email=" Planted@Example.org ")
    assert (answer.return_count, answer.event_count) == (2, 2)
    assert not (await found(staff, by_address.name)).requestor.ListFields()
    left = await found(staff, handed_in.name)
    assert left.requestor.customer_id == "c1"
    assert left.reason.details == "not of the submitter"
    assert (left.submitter.email, left.submitter.first_name) == ("", "")
    assert "lantina" not in await everything(service)


async def test_a_short_id_finds_the_fields_that_are_it_and_no_others(service: Service) -> None:
    staff = service.client(*ALL)
    order_id = await ordered(service, customer_id="7")
    ret = await service.customer("7").returns.CreateReturn(create((order_id, "1", 1)))
    other = await found(staff, (await filed(service)).name)
    answer = await erased(staff, customer_id="7")
    assert (answer.order_count, answer.return_count, answer.event_count) == (1, 1, 1)
    assert not (await found(staff, ret.name)).requestor.ListFields()
    assert await found(staff, other.name) == other


async def test_a_customer_who_comes_back_finds_nothing_and_can_file_again(service: Service) -> None:
    staff = service.client(*ALL)
    ret = (await planted(service))[0]
    await erased(staff, customer_id="planted-customer")
    own = service.customer("planted-customer")
    assert not (await own.returns.ListReturns(returns_pb.ListReturnsRequest(parent=ACME))).returns
    with refused("RETURN_NOT_FOUND"):
        await found(own, ret.name)
    order_id = await ordered(service, customer_id="planted-customer")
    await own.returns.CreateReturn(create((order_id, "1", 1)))


async def test_staff_file_for_an_order_that_became_anonymous(service: Service) -> None:
    staff = service.client(*ALL)
    ret = (await planted(service))[0]
    await erased(staff, customer_id="planted-customer")
    request = returns_pb.UpdateReturnRequest(name=ret.name, draft=draft(code="OTHER"))
    assert (await staff.returns.UpdateReturn(request)).reason.code == "OTHER"
    order_name = f"{ACME}/orders/{only_order(ret)}"
    anonymous = await staff.orders.GetOrder(orders_pb.GetOrderRequest(name=order_name))
    assert (anonymous.customer_id, anonymous.guest_email) == ("", "")
    with refused("FIELD_INVALID"):
        await staff.returns.CreateReturn(create((only_order(ret), "1", 1)))


async def test_a_repeat_is_answered_the_same_and_a_try_counts(service: Service) -> None:
    client = service.client(*ALL)
    await planted(service)
    tried = await client.privacy.ErasePerson(
        pb.ErasePersonRequest(parent=ACME, person=pb.Person(**WHO), validate_only=True)
    )
    before = await everything(service)
    request = pb.ErasePersonRequest(parent=ACME, person=pb.Person(**WHO), request_id=new_request_id())
    first = await client.privacy.ErasePerson(request)
    assert first == tried
    assert (first.order_count, first.return_count) == (5, 4)
    assert await client.privacy.ErasePerson(request) == first
    assert before != await everything(service)
    with refused("REQUEST_ID_REUSED"):
        await client.privacy.ErasePerson(
            pb.ErasePersonRequest(parent=ACME, person=pb.Person(customer_id="other"), request_id=request.request_id)
        )


async def test_an_export_tells_all_that_an_erasure_would_take(service: Service) -> None:
    client = service.client(*ALL)
    returns = await planted(service)
    await filed(service)
    for page_size in (0, 1, 3):
        told = await exported(client, page_size=page_size, **WHO)
        assert len(told.orders) == 5
        assert {ret.name for ret in told.returns} == {ret.name for ret in (*returns[:3], returns[4])}
        assert [event.sequence for event in told.events] == sorted({event.sequence for event in told.events})
        assert len(told.events) == 4 + 4 + 1, "four filed, four changed, one for the guest"
        for secret in ("Plantagenet", "planted street 7", "guest-planted@example.org"):
            assert secret in str(told)
    erasure = await erased(client, **WHO)
    assert (len(told.orders), len(told.returns)) == (erasure.order_count, erasure.return_count)
    assert len(told.events) == erasure.event_count


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ErasePersonRequest(parent=ACME), "person"),
        (pb.ErasePersonRequest(parent=ACME, person=pb.Person()), "person"),
        (pb.ErasePersonRequest(parent=ACME, person=pb.Person(email="nobody")), "person.email"),
        (pb.ErasePersonRequest(parent=ACME, person=pb.Person(customer_id="x" * 256)), "person.customer_id"),
        (pb.ErasePersonRequest(parent=ACME, person=pb.Person(**WHO), request_id="again"), "request_id"),
    ],
    ids=["none", "nobody", "no address", "long id", "request id"],
)
async def test_a_request_that_names_nobody_is_refused(service: Service, request_: Any, field: str) -> None:
    with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        await service.client(*ALL).privacy.ErasePerson(request_)
    assert caught[0].fields == [field]


async def test_a_token_of_another_person_or_method_is_refused(service: Service) -> None:
    client = service.client(*ALL)
    await planted(service)
    request = pb.ExportPersonRequest(parent=ACME, person=pb.Person(**WHO), page_size=1)
    token = (await client.privacy.ExportPerson(request)).next_page_token
    with refused("PAGE_TOKEN_INVALID"):
        await client.privacy.ErasePerson(
            pb.ErasePersonRequest(parent=ACME, person=pb.Person(**WHO), resume_token=token)
        )
    request.person.customer_id, request.page_token = "other", token
    with refused("PAGE_TOKEN_INVALID"):
        await client.privacy.ExportPerson(request)


class HastyClock(MovableClock):
    """A clock on which every call takes longer than an erasure may."""

    hasty = False

    def __call__(self) -> Micros:
        if self.hasty:
            self.forward(5)
        return super().__call__()


async def test_a_long_erasure_goes_on_where_it_stopped(
    tmp_path: Path, database_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call does one step of a few rows; between two of them the server may as well have been restarted."""
    monkeypatch.setattr(privacy, "_AT_ONCE", 2)
    monkeypatch.setattr(statements, "WALKED", 3)
    clock = HastyClock()
    async with serving(tmp_path / "data", database_url, clock=clock, webhooks={"bridge": False}) as service:
        client = service.client(*ALL)
        await planted(service)
        others = [await found(client, (await filed(service)).name) for _ in range(4)]
        clock.hasty = True
        answers: list[pb.ErasePersonResponse] = []
        token = ""
        while not answers or token:
            request = pb.ErasePersonRequest(parent=ACME, person=pb.Person(**WHO), resume_token=token)
            answers.append(await client.privacy.ErasePerson(request))
            await balanced(service)
            token = answers[-1].resume_token
        assert len(answers) > 10
        assert sum(answer.order_count for answer in answers) == 5
        assert sum(answer.return_count for answer in answers) == 4
        assert [secret for secret in SECRETS if secret in await everything(service)] == []
        clock.hasty = False
        assert [await found(client, ret.name) for ret in others] == others


async def test_an_erasure_among_changes_loses_neither(service: Service) -> None:
    """While returns of the person are changed by others, the log stays dense and every change stands."""
    client = service.client(*ALL)
    order_id = await ordered(service, customer_id="planted-customer")
    own = service.customer("planted-customer")
    returns = [await own.returns.CreateReturn(filing(order_id, "planted own")) for _ in range(4)]

    async def changed(ret: Return) -> None:
        for code in ("A", "B", "C"):
            await client.returns.UpdateReturn(returns_pb.UpdateReturnRequest(name=ret.name, draft=draft(code=code)))

    await asyncio.gather(*(changed(ret) for ret in returns), erased(client, customer_id="planted-customer"))
    await erased(client, customer_id="planted-customer")
    await balanced(service)
    for ret in returns:
        assert (await found(client, ret.name)).reason.code == "C"
    assert "planted-customer" not in await everything(service)


async def test_an_erasure_is_heard_of_by_another_server(tmp_path: Path, postgres_url: str) -> None:
    """Two servers on one PostgreSQL: what the second holds in memory is let go when the first erases."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(serving(tmp_path / "a", postgres_url, webhooks={"bridge": False}))
        second = await stack.enter_async_context(serving(tmp_path / "b", postgres_url, webhooks={"bridge": False}))
        client = first.client(*ALL)
        live = await stack.enter_async_context(streaming(second.client(*ALL), start=EARLIEST))
        await planted(first)
        await live.until(lambda stream: len(stream.events) >= 9)
        request = returns_pb.ListReturnsRequest(parent=ACME)
        assert "Plantina" in str(await second.client(*ALL).returns.ListReturns(request))
        await erased(client, **WHO)
        assert "Plantina" not in str(await second.client(*ALL).returns.ListReturns(request))
        await live.until(lambda stream: sum(event.type == "return.person_erased" for event in stream.events) == 4)
        async with streaming(second.client(*ALL), after_cursor=live.events[0].cursor) as late:
            await late.until(lambda stream: len(stream.events) >= len(live.events) - 1)
            assert [secret for secret in SECRETS if secret in str(late.events)] == []


async def test_nothing_is_left_in_sqlites_files_once_the_server_has_stopped(tmp_path: Path) -> None:
    """Rows that were rewritten leave no shadows in pages, and closing the database empties its write-ahead log."""

    def left() -> list[str]:
        content = b"".join(path.read_bytes() for path in sorted((tmp_path / "data").iterdir()))
        return [secret for secret in SECRETS if secret.encode() in content]

    async with serving(tmp_path / "data", webhooks={"bridge": False}) as service:
        await planted(service)
        assert "Plantagenet" in left()
        await erased(service.client(*ALL), **WHO)
    assert left() == []
