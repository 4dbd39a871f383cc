"""When a stream ends: by a goodbye that says how to go on, or by an error that says why not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import pytest

from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsResponse
from returns_server.events import following
from returns_server.storage.database import Database
from returns_server.storage.session import WriteSession
from tests.grpc.test_event_stream import filed
from tests.support.service import ALL, MovableClock, Service, refused, serving
from tests.support.streams import EARLIEST, Stream, streaming

Goodbye = StreamReturnEventsResponse.Goodbye


def streams_open(service: Service) -> float:
    assert service.app is not None
    return service.app.registry.get_sample_value("returns_streams") or 0.0


def goodbye_of(stream: Stream) -> Goodbye:
    assert stream.kinds[-1] == "goodbye"
    assert stream.kinds.count("goodbye") == 1
    return stream.messages[-1].goodbye


async def test_a_server_that_stops_says_goodbye_and_the_next_one_goes_on(
    tmp_path: Path, database_url: str | None
) -> None:
    async with serving(tmp_path / "data", database_url) as service:
        client = service.client(*ALL)
        await filed(client, 3)
        stack = [streaming(client) for _ in range(20)]
        streams = [await one.__aenter__() for one in stack]
        for stream in streams:
            await stream.until_caught_up()
        ending = [asyncio.create_task(stream.to_the_end()) for stream in streams]
        assert service.app is not None
        await service.app.server.stop(10)
        await asyncio.gather(*ending)
    for stream in streams:
        goodbye = goodbye_of(stream)
        assert goodbye.reason == Goodbye.REASON_DRAINING
        assert 0 <= goodbye.retry_delay.ToMilliseconds() <= 2_000
    async with serving(tmp_path / "data", database_url) as service:
        client = service.client(*ALL)
        await filed(client, 1)
        async with streaming(client, after_cursor=streams[0].cursor) as stream:
            await stream.until_caught_up()
            assert stream.sequences == [4]


async def test_a_stream_ends_with_its_token(service: Service, clock: MovableClock) -> None:
    writer = service.client(*ALL)
    await filed(writer, 1)
    client = service.client(*ALL, ttl_seconds=30)
    async with streaming(client) as stream:
        await stream.until_caught_up()
        clock.forward(31)
        # Whatever wakes the stream makes it look at the time.
        await filed(service.client(*ALL), 1)
        await stream.to_the_end()
    goodbye = goodbye_of(stream)
    assert (goodbye.reason, goodbye.retry_delay.ToMilliseconds()) == (Goodbye.REASON_TOKEN_EXPIRED, 0)
    async with streaming(service.client(*ALL), after_cursor=stream.cursor) as again:
        await again.until_sequence(2)


async def test_a_token_that_expires_wakes_a_silent_stream(service: Service) -> None:
    client = service.client(*ALL, ttl_seconds=1)
    async with streaming(client, heartbeat_seconds=60) as stream:
        await stream.to_the_end()
    assert goodbye_of(stream).reason == Goodbye.REASON_TOKEN_EXPIRED


async def test_a_stream_ends_at_its_age(tmp_path: Path, database_url: str | None) -> None:
    async with serving(tmp_path / "data", database_url, streams={"max_age_seconds": 1}) as service:
        client = service.client(*ALL)
        await filed(client, 1)
        async with streaming(client, heartbeat_seconds=60) as stream:
            await stream.to_the_end()
        goodbye = goodbye_of(stream)
        assert goodbye.reason == Goodbye.REASON_MAX_AGE
        assert stream.sequences == [1]


async def test_a_stream_whose_token_is_no_longer_trusted_is_ended(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "RECHECK_SECONDS", 0.0)
    client = service.client(*ALL)
    async with streaming(client) as stream:
        await stream.until_caught_up()
        # As an issuer does that takes a key out of its set.
        assert service.app is not None
        for trusted in service.app.verifier._trusted.values():
            monkeypatch.setattr(trusted.keys, "current", lambda: ())

            async def renewed() -> tuple[()]:
                return ()

            monkeypatch.setattr(trusted.keys, "renewed", renewed)
        with refused("TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED):
            await stream.to_the_end()


async def test_a_tenant_has_so_many_streams_and_a_customer_fewer(tmp_path: Path, database_url: str | None) -> None:
    limits = {"max_per_tenant": 4, "max_per_customer": 2}
    async with serving(tmp_path / "data", database_url, streams=limits) as service:
        staff, customer = service.client(*ALL), service.customer("c1")
        async with streaming(customer) as first, streaming(customer) as second:
            await first.until_caught_up()
            await second.until_caught_up()
            with refused("TOO_MANY_STREAMS", grpc.StatusCode.RESOURCE_EXHAUSTED):
                async with streaming(customer) as third:
                    await third.read()
            async with streaming(staff) as third, streaming(service.customer("c2")) as fourth:
                await third.until_caught_up()
                await fourth.until_caught_up()
                with refused("TOO_MANY_STREAMS", grpc.StatusCode.RESOURCE_EXHAUSTED):
                    async with streaming(staff) as fifth:
                        await fifth.read()
                async with streaming(service.client(*ALL, tenant="other"), "other") as neighbour:
                    await neighbour.until_caught_up()
        while streams_open(service):
            await asyncio.sleep(0.01)
        async with streaming(customer) as first:
            await first.until_caught_up()


async def put_back(database: Database, head: int) -> None:
    """Make the log what a backup knew of it: everything after this sequence never was."""

    async def restore(session: WriteSession) -> None:
        for statement in (
            "DELETE FROM events WHERE sequence > {0}",
            "DELETE FROM return_items WHERE return_id NOT IN (SELECT return_id FROM events)",
            "DELETE FROM returns WHERE return_id NOT IN (SELECT return_id FROM events)",
            "UPDATE event_heads SET last_sequence = {0}",
        ):
            await session.execute(statement.format(head))

    await database.write(restore)


async def test_a_restored_log_refuses_the_cursors_of_its_lost_future(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 5)
    async with streaming(client) as stream:
        await stream.until_caught_up()
    cursors = {event.sequence: event.cursor for event in stream.events}
    assert service.app is not None
    await put_back(service.app.database, 3)
    for ahead in (4, 5):
        with refused("CURSOR_EXPIRED", grpc.StatusCode.OUT_OF_RANGE) as caught:
            async with streaming(client, after_cursor=cursors[ahead]) as again:
                await again.read()
        async with streaming(client, after_cursor=caught[0].metadata["earliest_cursor"]) as earliest:
            await earliest.until_caught_up()
            assert earliest.sequences == [1, 2, 3]
    # The log grows past the lost events: now others stand there.
    await filed(client, 4)
    for replaced in (4, 5):
        with refused("CURSOR_EXPIRED", grpc.StatusCode.OUT_OF_RANGE):
            async with streaming(client, after_cursor=cursors[replaced]) as again:
                await again.read()
    async with streaming(client, after_cursor=cursors[3]) as kept:
        await kept.until_caught_up()
        assert kept.sequences == [4, 5, 6, 7]


async def test_a_live_stream_notices_that_the_log_was_restored(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 5)
    async with streaming(client) as stream:
        await stream.until_caught_up()
        assert service.app is not None
        await put_back(service.app.database, 3)
        await filed(client, 1)
        with refused("CURSOR_EXPIRED", grpc.StatusCode.OUT_OF_RANGE):
            await stream.to_the_end()
        assert stream.sequences == [1, 2, 3, 4, 5]


async def test_another_log_refuses_cursors(tmp_path: Path, database_url: str | None) -> None:
    async with serving(tmp_path / "one") as service:
        client = service.client(*ALL)
        await filed(client, 1)
        async with streaming(client) as stream:
            await stream.until_caught_up()
    async with serving(tmp_path / "two", database_url) as service:
        client = service.client(*ALL)
        await filed(client, 1)
        with refused("CURSOR_EXPIRED"):
            async with streaming(client, after_cursor=stream.cursor) as again:
                await again.read()


async def test_a_stream_that_is_cancelled_leaves_nothing(service: Service) -> None:
    client = service.client(*ALL)
    await filed(client, 1)
    assert service.app is not None
    for number in range(30):
        async with streaming(client, start=EARLIEST, filter="type=return.created" if number % 2 else "") as stream:
            if number % 3:
                await stream.read()
    while streams_open(service) or any(task.get_name().startswith("tail-") for task in asyncio.all_tasks()):
        await asyncio.sleep(0.01)
