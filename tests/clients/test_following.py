"""Following events with the client: each is handled once and in order, whatever happens to servers and connections."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub
from returns_client import AsyncReturnsClient
from returns_client._async import events as async_events
from returns_client._sync import events as sync_events
from returns_client.channels import Server
from returns_client.exceptions import CursorExpired, CursorInvalid, FilterInvalid, TokenExpired
from returns_client.following import StreamRefused, follow
from returns_server.addresses import Address
from tests.support.faces import asynchronous, synchronous
from tests.support.messages import draft, line, order
from tests.support.ports import lasting_port
from tests.support.proxy import Faults, proxied
from tests.support.service import ALL, serving

EARLIEST = StreamReturnEventsRequest.START_EARLIEST
RESTARTS = 20  # fifty, of a server of its own, in `make test-clients`


async def stocked(client: AsyncReturnsClient) -> None:
    await client.orders.upsert(order("o1", line(quantity=10_000)))


async def filed(client: AsyncReturnsClient, count: int = 1) -> None:
    for _ in range(count):
        await client.returns.create(draft(("o1", "1", 1)))


class Handled:
    """What a consumer has dealt with."""

    def __init__(self) -> None:
        self.events: list[ReturnEvent] = []
        self._more = asyncio.Condition()
        self._loop = asyncio.get_running_loop()

    async def by(self, follower: Any) -> None:
        async for event in follower:
            await self.take(event)

    def by_thread(self, follower: Any) -> None:
        for event in follower:
            asyncio.run_coroutine_threadsafe(self.take(event), self._loop).result()

    async def take(self, event: ReturnEvent) -> None:
        async with self._more:
            self.events.append(event)
            self._more.notify_all()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(60), self._more:
            await self._more.wait_for(lambda: len(self.events) >= count)

    @property
    def sequences(self) -> list[int]:
        return [event.sequence for event in self.events]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_server_restarted_over_and_over_costs_no_event_and_repeats_none(tmp_path: Path) -> None:
    """Half of the times in order, with a goodbye; half of the times the connection is cut before, as by a crash."""
    chance = random.Random(1)
    listen = Address("127.0.0.1", lasting_port())
    async with serving(tmp_path / "data", listen=listen) as first:
        await_first = asynchronous(first)
        await stocked(await_first)
        await filed(await_first)
        await await_first.close()
    handled, handled_in_thread = Handled(), Handled()
    async with proxied(first.address) as proxy:
        client = asynchronous(first, proxy.address)
        other = synchronous(first, proxy.address)
        direct = asynchronous(first)
        task = asyncio.create_task(handled.by(client.events.follow(start=EARLIEST, max_batch_events=2)))
        follower = other.events.follow(start=EARLIEST)
        thread = asyncio.create_task(asyncio.to_thread(handled_in_thread.by_thread, follower))
        count = 1
        try:
            for restart in range(RESTARTS):
                async with serving(tmp_path / "data", listen=listen, shutdown_grace_seconds=0.2):
                    await filed(direct, 3)
                    count += 3
                    if restart % 10 == 9:  # else it may come or go before anybody has connected
                        await handled.reach(count)
                        await handled_in_thread.reach(count)
                    if restart % 2:
                        proxy.cut_all(chance)
            async with serving(tmp_path / "data", listen=listen):
                await handled.reach(count)
                await handled_in_thread.reach(count)
                logged = [event.id async for event in direct.events.list(page_size=20)]
        finally:
            # It would follow for ever, and the process of the tests wait for its thread.
            follower.close()
            task.cancel()
            await asyncio.gather(thread, task, return_exceptions=True)
            for each in (client, direct):
                await each.close()
            await asyncio.to_thread(other.close)
    for consumer in (handled, handled_in_thread):
        assert consumer.sequences == list(range(1, count + 1))
        assert [event.id for event in consumer.events] == logged


async def test_an_event_counts_as_handled_when_the_next_one_is_asked_for(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client:
        await stocked(client)
        await filed(client, 5)
        events = client.events.follow(start=EARLIEST)
        assert events.cursor == ""
        first, second, third = [await anext(events) for _ in range(3)]
        assert events.cursor == second.cursor
        stored = events.cursor
        await events.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(events)
        async with client.events.follow(after_cursor=stored) as again:
            assert [(await anext(again)).sequence for _ in range(3)] == [third.sequence, 4, 5]
        assert first.sequence == 1


@pytest.mark.parametrize("steps_back", [0, 2])
async def test_a_batch_that_breaks_in_the_middle_is_resumed_and_repeats_are_dropped(
    tmp_path: Path, steps_back: int
) -> None:
    """The stream goes on behind the last handled event; events that come again all the same are known by their ids."""
    async with serving(tmp_path / "data") as service, proxied(service.address) as proxy:
        client, direct = asynchronous(service, proxy.address), asynchronous(service)
        await stocked(direct)
        await filed(direct, 20)
        pauses: list[str] = []
        handled: list[int] = []
        cursors: list[str] = []

        def paused(reason: str) -> None:
            pauses.append(reason)
            events._cursor = cursors[-1 - steps_back]

        events = client.events.follow(start=EARLIEST, max_batch_events=4, on_pause=paused)
        async with events:
            async for event in events:
                handled.append(event.sequence)
                cursors.append(event.cursor)
                if event.sequence in {3, 11}:
                    proxy.cut_all(random.Random(0))
                if event.sequence == 20:
                    break
        assert handled == list(range(1, 21))
        assert pauses, "nothing was cut"
        await client.close()
        await direct.close()


async def test_the_cursor_moves_where_the_filter_lets_nothing_through(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client:
        await stocked(client)
        await filed(client, 3)
        events = client.events.follow(start=EARLIEST, filter="type=return.deleted", heartbeat_seconds=1)
        waiting = asyncio.create_task(anext(events))
        async with asyncio.timeout(30):
            while not events.caught_up:
                await asyncio.sleep(0.01)
        assert events.cursor == (await client.events.list().first()).cursor
        await events.aclose()
        with pytest.raises(StopAsyncIteration):
            await waiting


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"after_cursor": "nonsense"}, CursorInvalid),
        ({"filter": "colour=red"}, FilterInvalid),
    ],
)
async def test_what_another_try_would_not_change_is_raised(tmp_path: Path, asked: Any, error: type[Exception]) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client:
        with pytest.raises(error):
            await anext(client.events.follow(**asked))
        with synchronous(service) as other, pytest.raises(error):
            await asyncio.to_thread(next, other.events.follow(**asked))


async def test_a_cursor_of_a_future_that_never_was_expires_with_the_earliest(tmp_path: Path) -> None:
    async with serving(tmp_path / "one") as one, asynchronous(one) as client:
        await stocked(client)
        await filed(client)
        cursor = (await client.events.list().first()).cursor
    async with serving(tmp_path / "two") as two, asynchronous(two) as client:
        with pytest.raises(CursorExpired) as expired:
            await anext(client.events.follow(after_cursor=cursor))
        await stocked(client)
        await filed(client)
        async with client.events.follow(after_cursor=expired.value.earliest_cursor) as events:
            assert (await anext(events)).sequence == 1


async def test_a_stream_that_falls_silent_is_given_up_and_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network swallows everything and tells nobody; pings would notice after forty seconds."""
    for module in (async_events, sync_events):
        monkeypatch.setattr(module, "_LATE_SECONDS", 0.5)
    async with serving(tmp_path / "data") as service, proxied(service.address, Faults()) as proxy:
        direct = asynchronous(service)
        await stocked(direct)
        await filed(direct)
        for face in (asynchronous, synchronous):
            proxy.faults = Faults()
            client = face(service, proxy.address)
            pauses: list[str] = []
            handled = Handled()
            follower = client.events.follow(start=EARLIEST, heartbeat_seconds=1, on_pause=pauses.append)
            task = asyncio.create_task(handled.by(follower) if face is asynchronous else in_thread(handled, follower))
            await handled.reach(1)
            proxy.faults = Faults(vanished=True)
            async with asyncio.timeout(30):
                while not pauses:
                    await asyncio.sleep(0.01)
            assert "silent" in pauses[0]
            proxy.faults = Faults()
            proxy.cut_all(random.Random(0))
            await filed(direct)
            await handled.reach(len(handled.events) + 1)
            assert handled.sequences == list(range(1, len(handled.events) + 1))
            await _closed(follower, client)
            await asyncio.gather(task, return_exceptions=True)
        await direct.close()


async def in_thread(handled: Handled, follower: Any) -> None:
    await asyncio.to_thread(handled.by_thread, follower)


async def next_in_thread(follower: Any) -> Any:
    return await asyncio.to_thread(next, follower)


async def _closed(follower: Any, client: Any) -> None:
    if isinstance(client, AsyncReturnsClient):
        await follower.aclose()
        await client.close()
    else:
        await asyncio.to_thread(follower.close)
        await asyncio.to_thread(client.close)


async def test_a_token_that_expires_is_renewed_and_the_stream_goes_on(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        direct = asynchronous(service)
        await stocked(direct)
        await filed(direct)
        asked: list[str] = []

        def current() -> str:
            asked.append(service.token("returns.returns_read", ttl_seconds=3600 if asked else 2))
            return asked[-1]

        pauses: list[str] = []
        async with asynchronous(service, token=current) as client:
            events = client.events.follow(start=EARLIEST, heartbeat_seconds=1, on_pause=pauses.append)
            assert (await anext(events)).sequence == 1
            waiting = asyncio.create_task(anext(events))
            async with asyncio.timeout(30):
                while not pauses:
                    await asyncio.sleep(0.01)
            assert pauses == ["token expired"]
            await filed(direct)
            assert (await waiting).sequence == 2
            assert len(asked) == 2
            await events.aclose()
        await direct.close()


async def test_a_token_that_nobody_renews_ends_the_stream(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        token = service.token("returns.returns_read", ttl_seconds=-60)
        async with asynchronous(service, token=token) as client:
            with pytest.raises(TokenExpired):
                await anext(client.events.follow())


@pytest.mark.parametrize("face", [asynchronous, synchronous])
async def test_tokens_that_cannot_be_had_for_a_while_interrupt_and_do_not_end(tmp_path: Path, face: Any) -> None:
    async with serving(tmp_path / "data") as service, proxied(service.address) as proxy:
        direct = asynchronous(service)
        await stocked(direct)
        await filed(direct)
        token, away = service.token("returns.returns_read"), [OSError("the issuer does not answer")]

        def current() -> str:
            if away:
                raise away[0]
            return token

        client = face(service, proxy.address, token=current)
        with pytest.raises(OSError, match="issuer"):
            await (anext if face is asynchronous else next_in_thread)(client.events.follow(start=EARLIEST))
        away.clear()
        pauses: list[str] = []
        follower = client.events.follow(start=EARLIEST, on_pause=pauses.append)
        handled = Handled()
        task = asyncio.create_task(handled.by(follower) if face is asynchronous else in_thread(handled, follower))
        await handled.reach(1)
        away.append(OSError("the issuer does not answer"))
        proxy.cut_all(random.Random(0))
        async with asyncio.timeout(30):
            while not any("issuer" in pause for pause in pauses):
                await asyncio.sleep(0.01)
        assert token not in str(pauses)
        await filed(direct)
        away.clear()
        await handled.reach(2)
        await _closed(follower, client)
        await task
        assert handled.sequences == [1, 2]
        await direct.close()


async def test_waiting_for_an_event_may_be_given_up_and_taken_up_again(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client, asynchronous(service) as other:
        await stocked(other)
        handled: list[int] = []
        given_up = 0
        async with client.events.follow(start=EARLIEST) as events:
            await filed(other)
            while len(handled) < 12:
                try:
                    handled.append((await asyncio.wait_for(anext(events), 0.05)).sequence)
                except TimeoutError:
                    given_up += 1
                    await filed(other)
        assert given_up
        assert handled == list(range(1, 13))


async def test_list_then_follow_leaves_no_hole(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client:
        await stocked(client)
        await filed(client, 3)
        page = await client.returns.list().first()
        await filed(client)
        async with client.events.follow(after_cursor=page.event_cursor) as events:
            event = await anext(events)
        assert event.return_name not in [each.name for each in page.returns]
        assert event.sequence == 4


async def test_closing_the_client_ends_its_followers(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        client, other = asynchronous(service), synchronous(service)
        followers = client.events.follow(), other.events.follow()
        waiting = asyncio.create_task(anext(followers[0]))
        in_thread = asyncio.create_task(asyncio.to_thread(next, followers[1], None))
        async with asyncio.timeout(30):
            while not all(follower.caught_up for follower in followers):
                await asyncio.sleep(0.01)
        began = time.monotonic()
        await client.close()
        await asyncio.to_thread(other.close)
        with pytest.raises(StopAsyncIteration):
            await waiting
        assert await in_thread is None
        assert time.monotonic() - began < 10


async def test_a_follower_that_another_thread_closes_ends_whatever_it_was_about(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        feeding = asynchronous(service)
        await stocked(feeding)
        await filed(feeding, 3)
        client = synchronous(service)

        def followed(after: int, delay_seconds: float) -> None:
            follower = client.events.follow(start=EARLIEST)
            ended = threading.Thread(target=lambda: [event.sequence for event in follower])
            ended.start()
            time.sleep(delay_seconds)
            follower.close()
            ended.join(10)
            assert not ended.is_alive(), after

        for count in range(60):
            await asyncio.to_thread(followed, count, count % 12 / 1_000)
        await feeding.close()
        await asyncio.to_thread(client.close)


async def test_following_may_end_when_all_that_has_happened_was_told(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client:
        await stocked(client)
        await filed(client, 5)
        follower = client.events.follow(start=EARLIEST, max_batch_events=2, until_caught_up=True)
        assert [event.sequence async for event in follower] == [1, 2, 3, 4, 5]
        # Behind what a filter left out, too.
        other = client.events.follow(start=EARLIEST, filter="type=return.closed", until_caught_up=True)
        assert [event async for event in other] == []
        assert other.cursor == follower.cursor
        with synchronous(service) as blocking:
            again = blocking.events.follow(after_cursor=follower.cursor, until_caught_up=True)
            assert await asyncio.to_thread(list, again) == []
            all_of_them = blocking.events.follow(start=EARLIEST, until_caught_up=True)
            assert len(await asyncio.to_thread(list, all_of_them)) == 5


async def test_following_with_a_stub_of_ones_own_is_the_same(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client:
        await stocked(client)
        await filed(client, 3)
        server = Server(service.address, service.token(*ALL))
        request = StreamReturnEventsRequest(parent="tenants/acme", start=EARLIEST)
        async with server.channel() as channel:
            stub = ReturnsServiceStub(channel)
            logged = [event async for event in client.events.list()]
            async with aclosing(follow(stub, request, lambda: server.metadata)) as messages:
                for event in logged:
                    message = await anext(messages)
                    assert (list(message.batch.events), message.cursor) == ([event], event.cursor)
            wrong = StreamReturnEventsRequest(parent="tenants/acme", filter="nonsense=1")
            with pytest.raises(StreamRefused) as refused:
                await anext(follow(stub, wrong, lambda: server.metadata))
            refusal = refused.value.refusal
            assert (refusal.reason, refusal.facts["column"]) == ("FILTER_INVALID", "1")
            with pytest.raises(StreamRefused, match="UNAUTHENTICATED TOKEN_"):
                await anext(follow(stub, request, lambda: ()))
