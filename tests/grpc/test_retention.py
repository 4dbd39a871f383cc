"""Retention moves the earliest cursor; the timeline of a return lives as long as the return."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.storage.audit import audit
from tests.grpc.test_event_stream import filed, listed
from tests.support.messages import create, new_request_id
from tests.support.service import ALL, MovableClock, Service, refused, serving
from tests.support.streams import streaming

DAY = 86_400


@pytest.fixture
async def service(tmp_path: Path, database_url: str | None, clock: MovableClock) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data", database_url, clock=clock, events={"retention": "2d"}) as service:
        yield service


async def pass_days(service: Service, clock: MovableClock, days: float) -> None:
    """Let time pass, retention run, and the books be checked."""
    clock.forward(days * DAY)
    app = service.app
    assert app is not None
    assert app.retention is not None
    await app.retention.tick()
    assert (await app.database.read(audit, heavy=True)).findings == ()


async def test_streams_and_lists_begin_at_what_is_kept(service: Service, clock: MovableClock) -> None:
    old = service.client(*ALL, ttl_seconds=10 * DAY)
    await filed(old, 4)
    async with streaming(old) as stream:
        await stream.until_caught_up()
    before = stream.events
    clock.forward(DAY)
    await filed(old, 3)
    await pass_days(service, clock, 1.5)
    client = service.client(*ALL, ttl_seconds=30 * DAY)
    async with streaming(client) as stream:
        await stream.until_caught_up()
        assert stream.sequences == [5, 6, 7]
    assert [event.sequence for event in await listed(client)] == [5, 6, 7]
    for event in before[:3]:
        with refused("CURSOR_EXPIRED", grpc.StatusCode.OUT_OF_RANGE) as caught:
            async with streaming(client, after_cursor=event.cursor) as stream:
                await stream.read()
        async with streaming(client, after_cursor=caught[0].metadata["earliest_cursor"]) as stream:
            await stream.until_caught_up()
            assert stream.sequences == [5, 6, 7]
    # Right behind the last event that is not kept nothing is missing.
    async with streaming(client, after_cursor=before[3].cursor) as stream:
        await stream.until_caught_up()
        assert stream.sequences == [5, 6, 7]
    async with streaming(client, start_time=before[0].time) as stream:
        await stream.until_caught_up()
        assert stream.sequences == [5, 6, 7]
    for event in before:
        assert [one.sequence for one in await listed(client, event.return_name)] == [event.sequence]
    await pass_days(service, clock, 3)
    async with streaming(client) as stream:
        await stream.until_caught_up()
        assert stream.sequences == []
        await filed(client, 1)
        await stream.until_sequence(8)


async def test_the_timeline_of_a_deleted_return_goes_as_a_whole(service: Service, clock: MovableClock) -> None:
    client = service.client(*ALL, ttl_seconds=30 * DAY)
    kept, deleted, late = await filed(client, 3)
    request = create(("o1", "1", 1), request_id=new_request_id())
    again = await client.returns.CreateReturn(request)
    for ret in (deleted, again):
        await client.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name))
    clock.forward(1.5 * DAY)
    await client.returns.DeleteReturn(pb.DeleteReturnRequest(name=late.name))
    await pass_days(service, clock, 1)
    assert [event.return_version for event in await listed(client, kept.name)] == [1]
    assert [event.return_version for event in await listed(client, late.name)] == [1, 2], "its end is recent"
    with refused("RETURN_NOT_FOUND"):
        await listed(client, deleted.name)
    # A request of that time is no longer remembered.
    assert (await client.returns.CreateReturn(request)).name != again.name
    await pass_days(service, clock, 2)
    with refused("RETURN_NOT_FOUND"):
        await listed(client, late.name)


async def test_other_cursors_at_the_beginning_of_a_log_are_told_apart(service: Service, clock: MovableClock) -> None:
    """The event there may be gone; its id is remembered."""
    client = service.client(*ALL, ttl_seconds=30 * DAY)
    [ret] = await filed(client, 1)
    await client.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name))
    async with streaming(client) as stream:
        await stream.until_caught_up()
    await pass_days(service, clock, 3)
    await filed(client, 1)
    async with streaming(client, after_cursor=stream.events[1].cursor) as resumed:
        await resumed.until_caught_up()
        assert resumed.sequences == [3]


async def test_a_log_longer_than_a_step_is_taken_in_several(
    service: Service, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returns_server.storage.retention._EVENTS_AT_ONCE", 3)
    client = service.client(*ALL, ttl_seconds=30 * DAY)
    returns = await filed(client, 10)
    for ret in returns[::2]:
        await client.returns.DeleteReturn(pb.DeleteReturnRequest(name=ret.name))
    await pass_days(service, clock, 3)
    await filed(client, 1)
    async with streaming(client) as stream:
        await stream.until_caught_up()
        assert stream.sequences == [16]
    assert [len(await listed(client, ret.name)) for ret in returns[1::2]] == [1] * 5
