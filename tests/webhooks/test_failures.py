"""What fails is tried again on schedule, and nothing is dropped: not after the last attempt, not while it is off."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from commerce.returns.v1 import webhooks_service_pb2 as pb
from returns_server.webhooks.schedule import STEPS
from tests.support.hooks import (
    caught_up,
    changed,
    deliveries,
    endpoint_now,
    everything,
    filed,
    made,
    state_of,
    states,
)
from tests.support.receiver import Received, Receiver, answer, nobody, receiving
from tests.support.service import MovableClock, Service

HOUR = 3_600


async def test_a_redirect_is_a_failure_and_never_followed(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    async with receiving() as elsewhere:
        endpoint, _ = await made(client, receiver.url)
        receiver.respond = lambda _: answer(307, location=elsewhere.url)
        await filed(client, 1)
        await caught_up(stepped)
        assert (len(receiver.received), elsewhere.connections) == (1, 0)
    [delivery] = await deliveries(client, endpoint)
    assert (states([delivery]), delivery.attempts[0].status) == (["WAITING"], 307)


async def test_every_attempt_is_told_and_its_answer_in_short(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    answers = iter([answer(500, b"x" * 100_000), answer(404, b"no such hook"), answer(200, b"ok")])
    receiver.respond = lambda _: next(answers)
    await filed(client, 1)
    for _ in range(3):
        await caught_up(stepped)
        clock.forward(HOUR)
    [delivery] = await deliveries(client, endpoint)
    assert [(one.status, one.answer[:20]) for one in delivery.attempts] == [
        (500, b"x" * 20),
        (404, b"no such hook"),
        (200, b"ok"),
    ]
    assert len(delivery.attempts[0].answer) == 1_024
    assert states([delivery]) == ["DELIVERED"]


async def test_a_receiver_that_is_not_there_is_told_in_a_word(stepped: Service) -> None:
    client = everything(stepped)
    with nobody() as url:
        endpoint, _ = await made(client, url)
        await filed(client, 1)
        await caught_up(stepped)
    [delivery] = await deliveries(client, endpoint)
    assert [(one.status, one.error) for one in delivery.attempts] == [(0, "connection refused")]


async def test_410_turns_the_endpoint_off_and_the_event_waits(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    receiver.respond = lambda _: answer(410)
    await filed(client, 2)
    await caught_up(stepped)
    assert state_of(await endpoint_now(client, endpoint)) == "DISABLED"
    count = len(receiver.received)
    receiver.respond = lambda _: answer(200)
    await filed(client, 1)
    await caught_up(stepped)
    assert len(receiver.received) == count
    await client.webhooks.EnableWebhookEndpoint(pb.EnableWebhookEndpointRequest(name=endpoint.name))
    await caught_up(stepped)
    assert states(await deliveries(client, endpoint)) == ["DELIVERED"] * 3
    assert len({got.id for got in receiver.accepted}) == len(receiver.accepted) == 3


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
async def test_retry_after_slows_the_whole_endpoint(
    stepped: Service, receiver: Receiver, clock: MovableClock, status: int, as_date: bool
) -> None:
    client = everything(stepped)
    await made(client, receiver.url)
    until = datetime.fromtimestamp(clock() / 1_000_000 + 2 * HOUR, UTC)
    asked = format_datetime(until, usegmt=True) if as_date else str(2 * HOUR)
    receiver.respond = lambda _: answer(status, retry_after=asked)
    await filed(client, 1)
    await caught_up(stepped)
    receiver.respond = lambda _: answer(200)
    await filed(client, 1)
    clock.forward(2 * HOUR - 60)
    await caught_up(stepped)
    assert len(receiver.received) == 1
    clock.forward(61)
    await caught_up(stepped)
    assert len(receiver.accepted) == 2


async def test_off_for_the_whole_horizon_and_on_again_every_event_arrives_in_order(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    receiver.respond = lambda _: answer(500)
    returns = await filed(client, 3)
    for ret in returns:
        await changed(client, ret, 2)
    waited = 0.0
    while state_of(await endpoint_now(client, endpoint)) == "ENABLED":
        await caught_up(stepped)
        clock.forward(HOUR / 2)
        waited += HOUR / 2
        assert waited < 120 * HOUR
    # 75 hours of schedule, give or take its jitter, and the breaker's minute.
    assert 0.8 * sum(STEPS) / 1e6 <= waited <= 1.2 * sum(STEPS) / 1e6 + 2 * HOUR
    assert state_of(await endpoint_now(client, endpoint)) == "DISABLED_BY_FAILURES"
    assert {got.json["data"]["returnVersion"] for got in receiver.received} == {"1"}
    # It stays off for weeks, and more happens.
    for ret in returns:
        await changed(client, ret, 1, begin=2)
    clock.forward(30 * 24 * HOUR)
    await caught_up(stepped)
    receiver.respond = lambda _: answer(200)
    await caught_up(stepped)
    assert receiver.accepted == []
    await client.webhooks.EnableWebhookEndpoint(pb.EnableWebhookEndpointRequest(name=endpoint.name))
    await caught_up(stepped)
    seen: dict[str, list[str]] = {}
    for got in receiver.accepted:
        seen.setdefault(got.json["data"]["returnName"], []).append(got.json["data"]["returnVersion"])
    assert seen == {ret.name: ["1", "2", "3", "4"] for ret in returns}
    statistics = (await endpoint_now(client, endpoint)).statistics
    assert (statistics.pending_count, statistics.delivered_count, statistics.exhausted_count) == (0, 12, 0)


async def test_one_that_exhausts_its_schedule_beside_successes_is_given_up_and_lets_the_next_go(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    [bad] = await filed(client, 1)
    await changed(client, bad, 1)

    def respond(got: Received) -> bytes:
        data = got.json["data"]
        poison = data["returnName"] == bad.name and data["returnVersion"] == "1"
        return answer(500 if poison else 200)

    receiver.respond = respond
    for _ in range(len(STEPS) + 1):
        await caught_up(stepped)
        await filed(client, 1)
        clock.forward(30 * HOUR)
    await caught_up(stepped)
    found = await deliveries(client, endpoint, f'return_name = "{bad.name}"')
    assert states(found) == ["EXHAUSTED", "DELIVERED"]
    assert len(found[0].attempts) == len(STEPS)
    now = await endpoint_now(client, endpoint)
    assert (state_of(now), now.statistics.exhausted_count) == ("ENABLED", 1)


async def test_an_endpoint_that_is_off_keeps_its_place_and_goes_on_from_there(
    stepped: Service, receiver: Receiver
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url, state="STATE_DISABLED")
    await filed(client, 5)
    await caught_up(stepped)
    assert (await deliveries(client, endpoint), receiver.received) == ([], [])
    await client.webhooks.EnableWebhookEndpoint(pb.EnableWebhookEndpointRequest(name=endpoint.name))
    await caught_up(stepped)
    assert sorted(int(got.json["data"]["sequence"]) for got in receiver.accepted) == [1, 2, 3, 4, 5]


async def test_it_may_go_on_from_a_later_time_or_from_an_earlier_one(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    receiver.respond = lambda _: answer(410)
    await filed(client, 2)
    endpoint, _ = await made(client, receiver.url)
    clock.forward(HOUR)
    [early] = await filed(client, 1)
    await changed(client, early, 1)
    await caught_up(stepped)
    assert state_of(await endpoint_now(client, endpoint)) == "DISABLED"
    clock.forward(HOUR)
    await filed(client, 1)
    clock.forward(HOUR)
    later = clock()
    await changed(client, early, 1, begin=1)
    receiver.respond = lambda _: answer(200)
    request = pb.EnableWebhookEndpointRequest(name=endpoint.name)
    request.resume_from.FromMicroseconds(later)
    await client.webhooks.EnableWebhookEndpoint(request)
    await caught_up(stepped)
    assert [int(got.json["data"]["sequence"]) for got in receiver.accepted] == [6]
    assert states(await deliveries(client, endpoint)) == ["CANCELLED", "CANCELLED", "DELIVERED"]
    # Further back than it was made: what had arrived does not come again, what was cancelled is not called back.
    request.resume_from.FromMicroseconds(1)
    await client.webhooks.EnableWebhookEndpoint(request)
    await caught_up(stepped)
    assert sorted(int(got.json["data"]["sequence"]) for got in receiver.accepted) == [1, 2, 5, 6]


async def test_one_failing_endpoint_leaves_others_alone(stepped: Service) -> None:
    client = everything(stepped)
    async with receiving() as bad, receiving() as good:
        bad.respond = lambda _: answer(500)
        await made(client, bad.url)
        await made(client, good.url)
        await filed(client, 40)
        await caught_up(stepped)
        assert len(good.accepted) == 40
        # The breaker: not all forty were tried on one that fails.
        assert 5 <= len(bad.received) < 20
