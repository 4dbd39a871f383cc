"""Calls of the client: deadlines hold, changes have one effect, tokens are renewed, whatever the network does."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.returns_service_pb2 import ListReturnsRequest, StreamReturnEventsRequest
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub
from returns_client import AsyncReturnsClient, TokenFile
from returns_client.channels import OPTIONS
from returns_client.exceptions import (
    DeadlineExceeded,
    EtagMismatch,
    RequestIdReused,
    ReturnsError,
    TokenExpired,
    Unavailable,
)
from tests.support.faces import asynchronous, done, synchronous
from tests.support.messages import create, draft, line, order
from tests.support.proxy import Faults, proxied
from tests.support.service import ALL, Service, serving


async def stocked(service: Service) -> AsyncReturnsClient:
    client = asynchronous(service)
    await client.orders.upsert(order("o1", line(quantity=100_000)))
    return client


async def _cut_after_the_change(service: Service, address: str, call: Awaitable[Return], proxy: Any) -> list[str]:
    """Make a call, break its connection when the change is stored and not yet answered; the returns that there are."""
    direct = asynchronous(service)
    proxy.faults = Faults(answers_held=True)
    task = asyncio.ensure_future(call)
    async with asyncio.timeout(30):
        while not (await direct.returns.list().first()).returns:
            await asyncio.sleep(0.005)
    assert not task.done()
    proxy.cut_all(random.Random(3))
    proxy.faults = Faults()
    async with asyncio.timeout(30):
        answer = await task
    names = [each.name async for each in direct.returns.list()]
    assert answer.name in names
    await direct.close()
    return names


@pytest.mark.parametrize("face", [asynchronous, synchronous])
async def test_a_change_whose_answer_was_lost_has_one_effect(tmp_path: Path, face: Callable[..., Any]) -> None:
    async with serving(tmp_path / "data") as service, proxied(service.address) as proxy:
        direct = await stocked(service)
        client = face(service, proxy.address)
        await done(client.policy.get)  # connects
        call = done(client.returns.create, draft(("o1", "1", 1)))
        assert len(await _cut_after_the_change(service, proxy.address, call, proxy)) == 1
        await direct.close()
        await done(client.close)


async def test_without_a_request_id_it_has_two(tmp_path: Path) -> None:
    """The control: the channel repeats the bare stub's call as well."""
    async with serving(tmp_path / "data") as service, proxied(service.address) as proxy:
        direct = await stocked(service)
        async with grpc.aio.insecure_channel(proxy.address, options=OPTIONS) as channel:
            metadata = (("authorization", f"Bearer {service.token(*ALL)}"),)
            await channel.channel_ready()
            call = ReturnsServiceStub(channel).CreateReturn(create(("o1", "1", 1)), metadata=metadata, timeout=20)
            assert len(await _cut_after_the_change(service, proxy.address, call, proxy)) == 2
        await direct.close()


@pytest.mark.slow
@pytest.mark.parametrize("face", [asynchronous, synchronous])
async def test_over_a_lossy_network_no_change_happens_twice_and_no_call_overruns(
    tmp_path: Path, face: Callable[..., Any]
) -> None:
    chance = random.Random(7)
    timeout_seconds = 8.0
    async with serving(tmp_path / "data") as service, proxied(service.address) as proxy:
        direct = await stocked(service)
        clients = [face(service, proxy.address, timeout_seconds=timeout_seconds) for _ in range(4)]
        acknowledged: list[str] = []
        slowest, over = 0.0, False

        async def file(client: Any, caller: int) -> None:
            nonlocal slowest
            # However fast the machine is, enough connections are cut.
            for number in takewhile(lambda number: number < 25 or proxy.cut <= 20, range(1_000)):
                given = draft(("o1", "1", 1), code=f"{caller}-{number}")
                began = time.monotonic()
                try:
                    acknowledged.append((await done(client.returns.create, given)).reason.code)
                except (Unavailable, DeadlineExceeded):
                    continue
                finally:
                    slowest = max(slowest, time.monotonic() - began)

        async def disturb() -> None:
            while not over:
                proxy.faults = Faults(
                    delay_seconds=chance.choice([0, 0.005, 0.02]), bytes_per_second=chance.choice([0, 0, 50_000])
                )
                await asyncio.sleep(chance.uniform(0.02, 0.2))
                proxy.cut_all(chance)

        disturbing = asyncio.create_task(disturb())
        await asyncio.gather(*(file(client, number) for number, client in enumerate(clients)))
        over = True
        await disturbing
        stored = [each.reason.code async for each in direct.returns.list(page_size=30)]
        assert len(stored) == len(set(stored)), "a change happened twice"
        assert set(acknowledged) <= set(stored)
        assert proxy.cut > 20
        assert len(acknowledged) > 50, "the network was worse than the test means"
        assert slowest < timeout_seconds + 5
        for client in clients:
            await done(client.close)
        await direct.close()


@pytest.mark.parametrize("face", [asynchronous, synchronous])
async def test_a_call_into_a_network_that_swallows_everything_ends_at_its_deadline(
    tmp_path: Path, face: Callable[..., Any]
) -> None:
    async with serving(tmp_path / "data") as service, proxied(service.address, Faults(vanished=True)) as proxy:
        client = face(service, proxy.address, timeout_seconds=0.5)
        for more in ({}, {"timeout": 0.2}):
            began = time.monotonic()
            with pytest.raises((DeadlineExceeded, Unavailable)):
                await done(client.returns.get, "some-return", **more)
            assert time.monotonic() - began < 5
        await done(client.close)


async def test_a_server_that_is_not_there_is_unavailable_after_several_tries(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        pass
    async with asynchronous(service, timeout_seconds=9) as client:
        with pytest.raises((Unavailable, DeadlineExceeded), match="onnect"):
            await client.returns.get("some-return")


async def test_a_call_is_repeated_once_with_a_renewed_token(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        tokens = [service.token(*ALL, ttl_seconds=-60), service.token(*ALL)]
        asked = 0

        async def current() -> str:
            nonlocal asked
            asked += 1
            return tokens[min(asked, 2) - 1]

        async with asynchronous(service, token=current) as client:
            assert (await client.policy.get()).name == "tenants/acme/returnPolicy"
        assert asked == 2
        for stale in (tokens[0], lambda: tokens[0]):
            async with asynchronous(service, token=stale) as client:
                with pytest.raises(TokenExpired) as refused:
                    await client.policy.get()
                assert (refused.value.code, refused.value.reason) == ("UNAUTHENTICATED", "TOKEN_EXPIRED")
                assert tokens[0] not in str(refused.value)


async def test_a_token_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "token"
    async with serving(tmp_path / "data") as service:
        source = TokenFile(path)
        async with asynchronous(service, token=source) as client:
            with pytest.raises(FileNotFoundError):
                await client.policy.get()
            path.write_text(service.token(*ALL, ttl_seconds=-60) + "\n")
            with pytest.raises(TokenExpired):
                await client.policy.get()
            renewed = tmp_path / "new"
            renewed.write_text(service.token(*ALL) + "\n")
            renewed.replace(path)
            assert (await client.policy.get()).name
        with synchronous(service, token=source) as other:
            assert (await done(other.policy.get)).name
    path.write_text("\n")
    with pytest.raises(ValueError, match="has no token in it"):
        source()
    assert repr(source) == f"TokenFile({str(path)!r})"


async def test_what_went_wrong_is_typed(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        client = await stocked(service)
        filed = await client.returns.create(draft(("o1", "1", 1)), return_id="rma-1")
        with pytest.raises(EtagMismatch) as stale:
            await client.returns.approve("rma-1", etag="other")
        assert stale.value.etag == filed.etag
        assert stale.value.request_id
        assert str(stale.value).startswith(f"ETAG_MISMATCH etag={filed.etag}: ")
        request_id = stale.value.request_id
        approved = await client.returns.approve("rma-1", etag=filed.etag, request_id=request_id)
        assert approved.state == Return.STATE_APPROVED
        with pytest.raises(RequestIdReused):
            await client.returns.close("rma-1", request_id=request_id)
        with pytest.raises(ReturnsError) as wrong:
            await client.returns.create(draft(("o1", "1", -1), ("o1", "2", 0)))
        assert len(wrong.value.violations) == 2
        assert wrong.value.violations[0].field.startswith("draft.orders[0].items[0]")
        await client.close()


async def test_the_request_is_the_callers_and_stays_as_it_was(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client:
        given = order("o9", line(quantity=5))
        given.name = "o9"
        stored = await client.orders.upsert(given)
        assert (given.name, stored.name) == ("o9", "tenants/acme/orders/o9")
        assert (await client.orders.get("o9")).etag == stored.etag
        answer = await client.orders.import_orders([order(f"i{number}") for number in range(30)] + [given])
        assert (answer.imported_count, answer.unchanged_count, given.name) == (30, 1, "o9")
        with synchronous(service) as other:
            again = await done(other.orders.import_orders, [order(f"i{number}") for number in range(31)])
        assert (again.imported_count, again.unchanged_count) == (1, 30)


async def test_lists_walk_all_pages_and_each_iteration_begins_anew(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        client = await stocked(service)
        filed = [(await client.returns.create(draft(("o1", "1", 1)))).name for _ in range(7)]
        pages = client.returns.list(page_size=3, order_by="create_time asc", include_total_size=True)
        for _ in range(2):
            assert [each.name async for each in pages] == filed
        sizes = [(len(page.returns), page.total_size) async for page in pages.pages()]
        assert sizes == [(3, 7), (3, 7), (1, 7)]
        second = (await pages.first()).next_page_token
        rest = client.returns.list(page_size=3, order_by="create_time asc", include_total_size=True, page_token=second)
        assert [each.name async for each in rest] == filed[3:]
        listed = ReturnsServiceStub(client._calls.channel)
        metadata = (("authorization", f"Bearer {service.token(*ALL)}"),)
        one = await listed.ListReturns(ListReturnsRequest(parent="tenants/acme"), metadata=metadata)
        assert len(one.returns) == 7
        with synchronous(service) as other:
            got = await asyncio.to_thread(lambda: [each.name for each in other.returns.list(page_size=2)])
        assert got == filed[::-1]
        await client.close()


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.returns.get(""),
        lambda c: c.returns.returnable_items(order="a", customer_id="b"),
        lambda c: c.events.follow(start=StreamReturnEventsRequest.START_LATEST, start_time=Timestamp(seconds=1)),
    ],
)
async def test_what_cannot_be_meant_is_refused_before_it_is_sent(tmp_path: Path, call: Callable[[Any], Any]) -> None:
    client = AsyncReturnsClient("127.0.0.1:1", tenant="acme", token="t")
    with pytest.raises(ValueError, match=r"empty|one of"):
        await call(client)
    await client.close()
