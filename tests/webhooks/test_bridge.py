"""The bridge at work: woken by commands, never far ahead of what it posts, and seen in its metrics."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from returns_server.domain.ids import TenantId
from returns_server.storage.webhooks import fan_out as stored_fan_out
from returns_server.webhooks import fan_out
from returns_server.webhooks.bridge import Bridge
from tests.support.hooks import caught_up, deliveries, endpoint_now, everything, filed, made, states
from tests.support.receiver import Received, Receiver, answer, nobody, receiving
from tests.support.service import Client, MovableClock, Service, serving


def bridge_of(service: Service) -> Bridge:
    assert service.app is not None
    assert service.app.bridge is not None
    return service.app.bridge


async def enable(client: Client, endpoint: WebhookEndpoint, since: int = 1) -> None:
    request = pb.EnableWebhookEndpointRequest(name=endpoint.name)
    request.resume_from.FromSeconds(since)
    await client.webhooks.EnableWebhookEndpoint(request)


async def test_what_a_command_puts_on_its_way_is_posted_at_once(service: Service, receiver: Receiver) -> None:
    """The bridge looks by itself every ten minutes here: only being told makes it look before the test gives up."""
    client = everything(service)
    bridge = bridge_of(service)
    bridge.pace = replace(bridge.pace, poll_seconds=600.0)
    await filed(client, 1)
    for number in range(3):  # the first may still be met by a look at the usual pace
        endpoint, _ = await made(client, f"{receiver.url}/{number}", state="STATE_DISABLED")
        await enable(client, endpoint)
        await receiver.has(2 * number + 1)
        while states(await deliveries(client, endpoint)) != ["DELIVERED"]:
            await asyncio.sleep(0.01)
        [delivery] = await deliveries(client, endpoint)
        await client.webhooks.RedeliverWebhook(pb.RedeliverWebhookRequest(delivery=delivery.name))
        await receiver.has(2 * number + 2)
    endpoint, _ = await made(client, f"{receiver.url}/job")
    job = pb.CreateWebhookRedeliveryRequest(endpoint=endpoint.name)
    job.start_time.FromSeconds(1)
    await client.webhooks.CreateWebhookRedelivery(job)
    await receiver.has(7)


async def test_a_log_that_nobody_follows_is_not_read_with_every_commit(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, bridge = everything(service), bridge_of(service)
    bridge.pace = replace(bridge.pace, poll_seconds=600.0)
    looks: list[frozenset[TenantId] | None] = []
    step = bridge.fan_out.step

    async def seen(tenants: frozenset[TenantId] | None = None) -> tuple[bool, int]:
        looks.append(tenants)
        return await step(tenants)

    monkeypatch.setattr(bridge.fan_out, "step", seen)
    await filed(client, 5)
    assert set(looks) <= {None}
    await made(client, receiver.url)
    await filed(client, 1)
    await receiver.has(1)


async def test_an_endpoint_that_another_process_made_is_served(tmp_path: Path, postgres_url: str) -> None:
    """The bridge is not told of it: the next look at all logs finds it, and from then on each commit tells."""
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving())
        bridge = bridge_of(await stack.enter_async_context(serving(tmp_path / "data", postgres_url)))
        other = await stack.enter_async_context(serving(tmp_path / "data", postgres_url, webhooks={"bridge": False}))
        client = everything(other)
        await made(client, receiver.url)
        await filed(client, 2)
        await receiver.has(2)
        bridge.pace = replace(bridge.pace, poll_seconds=600.0)
        for number in range(3, 6):  # the first may still be met by a look at the usual pace
            await filed(client, 1)
            await receiver.has(number)


async def test_a_long_backlog_stays_in_the_log_until_it_can_be_posted(
    stepped: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a backlog of millions would become rows much faster than it is posted, and posting would wait for it."""
    ahead, step, count = 20, 5, 60
    monkeypatch.setattr(stored_fan_out, "AHEAD", ahead)
    monkeypatch.setattr(fan_out, "EVENTS_A_STEP", step)
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    await filed(client, count)
    while (await bridge_of(stepped).fan_out.step())[0]:
        pass
    waiting = (await endpoint_now(client, endpoint)).statistics.pending_count
    assert ahead < waiting <= ahead + step
    await caught_up(stepped)
    assert len(receiver.accepted) == count
    assert states(await deliveries(client, endpoint)) == ["DELIVERED"] * count


async def test_what_happens_is_counted(stepped: Service, receiver: Receiver, clock: MovableClock) -> None:
    assert stepped.app is not None
    value = stepped.app.registry.get_sample_value
    client = everything(stepped)
    answers = {"/a": [503, 200], "/gone": [410]}

    def respond(got: Received) -> bytes:
        return answer(answers[got.target].pop(0))

    receiver.respond = respond
    base = receiver.url.removesuffix("/hook")
    for target in answers:
        await made(client, f"{base}{target}")
    bridge = bridge_of(stepped)
    with nobody() as url:
        await made(client, url)
        await filed(client, 1)
        await caught_up(stepped)
        clock.forward(7)
        await bridge.count()
        assert value("returns_webhook_pending") == 3
        assert value("returns_webhook_endpoints_off") == 1
        assert 7 <= (value("returns_webhook_oldest_pending_seconds") or 0) < 60
        await caught_up(stepped)
    await bridge.count()
    outcomes = ("2xx", "4xx", "5xx", "no_answer")
    assert [value("returns_webhook_attempts_total", {"outcome": one}) for one in outcomes] == [1, 1, 1, 2]
    assert value("returns_webhook_attempt_seconds_count") == 5
    assert value("returns_webhook_age_seconds_count") == 1
    assert 7 <= (value("returns_webhook_age_seconds_sum") or 0) < 60
    assert value("returns_webhook_endpoints_turned_off_total") == 1
    assert value("returns_webhook_exhausted_total") == 0
    assert value("returns_webhook_pending") == 2
    assert value("returns_webhook_in_flight") == 0
