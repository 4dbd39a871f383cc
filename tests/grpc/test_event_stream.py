"""The stream of events: every change once, in order, from any place on, for those who may see it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.orders_service_pb2 import ListOrdersRequest
from commerce.returns.v1.return_pb2 import Return
from returns_server.domain.ids import TenantId
from returns_server.events import tail
from returns_server.events.cursor import Cursor
from returns_server.storage import notifications
from tests.support.messages import create, feed, line, order
from tests.support.scenes import ordered
from tests.support.service import ALL, Client, MovableClock, Service, refused, serving
from tests.support.streams import LATEST, streaming

PLENTY = 1_000_000


async def filed(client: Client, count: int, order_id: str = "o1") -> list[Return]:
    """So many returns of one unit each, one after the other."""
    if not (await client.orders.ListOrders(ListOrdersRequest(parent="tenants/acme"))).orders:
        await feed(client, order("o1", line("1", PLENTY, PLENTY)), order("o2", line("1", 100, 100), customer_id="c2"))
    return [await client.returns.CreateReturn(create((order_id, "1", 1))) for _ in range(count)]


async def listed(client: Client, parent: str = "tenants/acme") -> list[ReturnEvent]:
    """All events, by the unary twin."""
    events: list[ReturnEvent] = []
    token = ""
    while True:
        page = await client.returns.ListReturnEvents(
            pb.ListReturnEventsRequest(parent=parent, page_size=7, page_token=token)
        )
        events += page.events
        token = page.next_page_token
        if not token:
            return events


async def test_a_stream_brings_what_was_and_what_comes(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 3)
    async with streaming(client) as stream:
        await stream.until_caught_up()
        assert stream.sequences == [1, 2, 3]
        assert stream.kinds == ["batch", "caught_up"]
        [ret] = await filed(client, 1)
        await client.returns.ApproveReturn(pb.ApproveReturnRequest(name=ret.name))
        await stream.until_sequence(5)
    assert [event.type for event in stream.events] == ["return.created"] * 4 + ["return.approved"]
    assert stream.events == await listed(client), "as the unary twin answers them, cursors too"
    assert stream.kinds.count("caught_up") == 1
    assert all(message.cursor == message.batch.events[-1].cursor for message in stream.messages if message.batch.events)


async def test_a_stream_from_the_latest_brings_only_what_comes(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 3)
    for more in ({"start": LATEST}, {"start": 0}):
        async with streaming(client, **more) as stream:
            first = await stream.read()
            assert first.WhichOneof("content") == "caught_up"
            count = len(await listed(client))
            await filed(client, 1)
            await stream.until_sequence(count + 1)
            assert stream.sequences == [count + 1]


async def test_a_tenant_without_events_can_be_followed(service: Service) -> None:
    client = service.client(*ALL)
    async with streaming(client) as stream:
        await stream.until_caught_up()
        cursor = stream.cursor
        await filed(client, 2)
        await stream.until_sequence(2)
    async with streaming(client, after_cursor=cursor) as again:
        await again.until_sequence(2)
        assert again.events == stream.events


async def test_every_cursor_resumes_right_after_it(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 6)
    async with streaming(client, max_batch_events=2) as stream:
        await stream.until_caught_up()
        assert [len(message.batch.events) for message in stream.messages[:-1]] == [2, 2, 2]
    for cursor in {event.cursor for event in stream.events} | {message.cursor for message in stream.messages}:
        async with streaming(client, after_cursor=cursor) as resumed:
            await resumed.until_caught_up()
        before = [event for event in stream.events if event.cursor == cursor]
        assert resumed.sequences == list(range(before[0].sequence + 1, 7))


async def test_a_stream_goes_on_where_a_list_was_taken(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 3)
    page = await client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1))
    await filed(client, 2)
    async with streaming(client, after_cursor=page.event_cursor) as stream:
        await stream.until_caught_up()
    assert stream.sequences == [4, 5]


async def test_a_stream_begins_at_a_time(service: Service, clock: MovableClock) -> None:
    client = service.client(*ALL)
    await filed(client, 2)
    clock.forward(600)
    await filed(client, 3)
    events = await listed(client)
    for index, event in enumerate(events):
        async with streaming(client, start_time=event.time) as stream:
            await stream.until_caught_up()
            earliest = next(e.sequence for e in events if e.time.ToNanoseconds() >= event.time.ToNanoseconds())
            assert stream.sequences == list(range(earliest, 6)), index
    for time, expected in (
        (Timestamp(seconds=1), [1, 2, 3, 4, 5]),
        (Timestamp(seconds=events[-1].time.seconds + 9), []),
    ):
        async with streaming(client, start_time=time) as stream:
            await stream.until_caught_up()
            assert stream.sequences == expected


async def test_a_filter_leaves_out_and_the_cursor_moves_on(service: Service) -> None:
    client = service.client(*ALL)
    returns = await filed(client, 4)
    await client.returns.ApproveReturn(pb.ApproveReturnRequest(name=returns[1].name))
    cases = {
        "type=return.approved": [5],
        f"return_name={returns[1].name}": [2, 5],
        "snapshot.state=APPROVED": [5],
        "type=return.created AND NOT return_name:" + returns[0].name: [2, 3, 4],
        "snapshot.orders.items.product_id=product-1 AND return_version>=2": [5],
        "changed_paths:approved_total": [5],
        "actor.subject=bob AND snapshot.currency_code=EUR": [1, 2, 3, 4, 5],
        "type=return.deleted": [],
    }
    for text, expected in cases.items():
        async with streaming(client, filter=text) as stream:
            await stream.until_caught_up()
            assert stream.sequences == expected, text
        async with streaming(client, after_cursor=stream.cursor) as unfiltered:
            await unfiltered.until_caught_up()
            assert unfiltered.sequences == [], "the cursor is behind what the filter left out"


async def test_a_filter_that_matches_nothing_still_moves_the_cursor_of_a_live_stream(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 1)
    async with streaming(client, filter="type=return.deleted", heartbeat_seconds=1, start=LATEST) as stream:
        await stream.until_caught_up()
        await filed(client, 3)
        head = (await listed(client))[-1].cursor
        # Signs of life may have come before the last of them was stored.
        await stream.until(lambda said: said.cursor == head or said.kinds.count("checkpoint") == 20)
        assert (stream.cursor, stream.kinds[-1], stream.events) == (head, "checkpoint", [])
    async with streaming(client, after_cursor=stream.cursor) as after:
        await after.until_caught_up()
        assert after.sequences == []


async def test_a_silent_stream_gives_signs_of_life(service: Service) -> None:
    client = service.client(*ALL)
    async with streaming(client, heartbeat_seconds=1) as stream:
        await stream.until(lambda said: said.kinds.count("checkpoint") == 2)
        assert stream.kinds == ["caught_up", "checkpoint", "checkpoint"]
        assert len({message.cursor for message in stream.messages}) == 1


async def test_customers_get_their_own_events_only(service: Service) -> None:
    staff = service.client(*ALL)
    await filed(staff, 2)
    await filed(staff, 2, "o2")
    async with streaming(service.customer("c2")) as stream, streaming(service.customer("c3")) as nobody:
        await stream.until_caught_up()
        assert stream.sequences == [3, 4]
        await nobody.until_caught_up()
        await filed(staff, 1, "o1")
        [own] = await filed(staff, 1, "o2")
        await staff.returns.ApproveReturn(pb.ApproveReturnRequest(name=own.name))
        await stream.until_sequence(7)
        assert stream.sequences == [3, 4, 6, 7]
        assert nobody.events == []
    approved = stream.events[-1]
    assert (approved.actor.subject, approved.snapshot.HasField("approver")) == ("", False)
    assert "approver" not in approved.changed_paths.paths
    assert stream.events == await listed(service.customer("c2"))
    with refused("FILTER_INVALID"):
        async with streaming(service.customer("c2"), filter="actor.subject=bob") as stream:
            await stream.read()


async def test_tenants_do_not_see_each_other(service: Service) -> None:
    client, other = service.client(*ALL), service.client(*ALL, tenant="other")
    await filed(client, 2)
    async with streaming(other, "other") as stream:
        await stream.until_caught_up()
        assert stream.events == []
        cursor = stream.cursor
        await filed(client, 1)
        order_id = await ordered(service, tenant="other")
        await other.returns.CreateReturn(create((order_id, "1", 1), tenant="other"))
        await stream.until_sequence(1)
        assert {event.return_name.split("/")[1] for event in stream.events} == {"other"}
    with refused("CURSOR_INVALID", grpc.StatusCode.INVALID_ARGUMENT):
        async with streaming(client, after_cursor=cursor) as stream:
            await stream.read()
    with refused("TENANT_MISMATCH", grpc.StatusCode.PERMISSION_DENIED):
        async with streaming(other, "acme") as stream:
            await stream.read()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"after_cursor": "nonsense"}, "CURSOR_INVALID"),
        ({"after_cursor": str(Cursor(b"abcd", TenantId("acme"), 2**63))}, "CURSOR_INVALID"),
        ({"filter": "type="}, "FILTER_INVALID"),
        ({"filter": "state=PENDING"}, "FILTER_INVALID"),
        ({"max_batch_events": 501}, "FIELD_INVALID"),
        ({"max_batch_events": -1}, "FIELD_INVALID"),
        ({"heartbeat_seconds": 0.5}, "FIELD_INVALID"),
        ({"heartbeat_seconds": 61}, "FIELD_INVALID"),
        ({"start": 7}, "FIELD_INVALID"),
        ({"start_time": Timestamp(seconds=-1)}, "FIELD_INVALID"),
    ],
)
async def test_a_wrong_request_is_refused(service: Service, more: dict[str, Any], reason: str) -> None:
    with refused(reason, grpc.StatusCode.INVALID_ARGUMENT):
        async with streaming(service.client(), **more) as stream:
            await stream.read()


async def test_large_events_travel_in_small_batches(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 1)
    text = "x" * 2_000
    attributes = {f"k{number}": text for number in range(7)}
    for _ in range(40):
        await client.returns.CreateReturn(create(("o1", "1", 1), attributes=attributes))
    async with streaming(client) as stream:
        await stream.until_caught_up()
    assert stream.sequences == list(range(1, 42))
    sizes = [message.ByteSize() for message in stream.messages]
    assert len(sizes) > 2
    assert max(sizes) <= 300_000


async def test_many_streams_read_the_same_at_once(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 5)

    async def followed(start: int) -> list[ReturnEvent]:
        async with streaming(client, max_batch_events=start) as stream:
            await stream.until_sequence(25)
            return stream.events

    following = [asyncio.create_task(followed(n)) for n in range(1, 21)]
    await filed(client, 20)
    everything = await listed(client)
    for events in await asyncio.gather(*following):
        assert events == everything


async def test_a_change_on_one_server_reaches_the_streams_of_another(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Word must come by notification: nobody looks by himself for an hour.
    monkeypatch.setattr(notifications, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(tail, "_LOOK_SECONDS", 3600.0)
    async with AsyncExitStack() as stack:
        services = [await stack.enter_async_context(serving(tmp_path / "data", postgres_url)) for _ in range(2)]
        near, far = (service.client(*ALL) for service in services)
        async with streaming(near) as here, streaming(far) as there:
            await filed(near, 5)
            await here.until_sequence(5)
            await there.until_sequence(5)
            await filed(far, 5)
            await here.until_sequence(10)
            await there.until_sequence(10)
            assert here.events == there.events


async def test_the_list_of_events_takes_the_filter_and_the_cursors_of_the_stream(service: Service) -> None:
    client = service.client(*ALL)
    returns = await filed(client, 6)
    await client.returns.ApproveReturn(pb.ApproveReturnRequest(name=returns[3].name))

    async def sequences(parent: str = "tenants/acme", **more: Any) -> tuple[list[int], str]:
        found: list[int] = []
        while True:
            request = pb.ListReturnEventsRequest(parent=parent, **more)
            page = await client.returns.ListReturnEvents(request)
            found += [event.sequence for event in page.events]
            if not page.next_page_token:
                return found, page.cursor
            more["page_token"] = page.next_page_token

    for size in (1, 2, 50):
        approved, cursor = await sequences(filter="type=return.approved", page_size=size)
        assert approved == [7]
        assert await sequences(filter="NOT type=return.created", page_size=size) == ([7], cursor)
        created, _ = await sequences(filter="type=return.created AND snapshot.state=PENDING", page_size=size)
        assert created == [1, 2, 3, 4, 5, 6]
        assert await sequences(returns[3].name, page_size=size) == ([4, 7], cursor)
        assert await sequences(returns[3].name, filter="return_version>1", page_size=size) == ([7], cursor)
        assert (await sequences(returns[0].name, page_size=size)) == ([1], cursor), "to the head, whatever was found"
    events = await listed(client)
    assert (await sequences(after_cursor=events[2].cursor))[0] == [4, 5, 6, 7]
    assert (await sequences(returns[3].name, after_cursor=events[3].cursor))[0] == [7]
    assert (await sequences(after_cursor=cursor))[0] == []
    await filed(client, 1)
    async with streaming(client, after_cursor=cursor) as stream:
        await stream.until_caught_up()
        assert stream.sequences == [8]
    with refused("CURSOR_INVALID"):
        await sequences(after_cursor="nonsense")
    with refused("FILTER_INVALID"):
        await sequences(filter="nonsense=1")
    page = await client.returns.ListReturnEvents(
        pb.ListReturnEventsRequest(parent="tenants/acme", page_size=1, filter="type=return.created")
    )
    with refused("PAGE_TOKEN_INVALID"):
        await sequences(page_token=page.next_page_token, filter="type=return.approved")
