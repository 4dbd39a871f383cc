"""Past events once more: one by name, or a time range as a job that can be followed and cancelled."""

from __future__ import annotations

from collections import Counter
from typing import Any

import grpc
import pytest

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint, WebhookRedelivery
from tests.support.hooks import caught_up, changed, deliveries, everything, filed, made, states
from tests.support.receiver import Receiver, answer
from tests.support.service import Client, MovableClock, Service, refused

HOUR = 3_600


def over(
    endpoint: WebhookEndpoint, start: int, end: int | None = None, **more: Any
) -> pb.CreateWebhookRedeliveryRequest:
    request = pb.CreateWebhookRedeliveryRequest(endpoint=endpoint.name, **more)
    request.start_time.FromMicroseconds(start)
    if end is not None:
        request.end_time.FromMicroseconds(end)
    return request


async def job_now(client: Client, job: WebhookRedelivery) -> WebhookRedelivery:
    found: WebhookRedelivery = await client.webhooks.GetWebhookRedelivery(pb.GetWebhookRedeliveryRequest(name=job.name))
    return found


def arrived(receiver: Receiver) -> list[int]:
    return [int(got.json["data"]["sequence"]) for got in receiver.accepted]


async def test_one_delivery_comes_once_more_with_the_id_it_had(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    await filed(client, 2)
    await caught_up(stepped)
    [first, _] = await deliveries(client, endpoint)
    told = await client.webhooks.RedeliverWebhook(pb.RedeliverWebhookRequest(delivery=first.name))
    assert (states([told]), told.event_id) == (["PENDING"], first.event_id)
    await caught_up(stepped)
    assert sorted(arrived(receiver)) == [1, 1, 2]
    assert Counter(got.id for got in receiver.accepted)[first.event_id] == 2
    [again, _] = await deliveries(client, endpoint)
    assert (states([again]), [one.status for one in again.attempts]) == (["DELIVERED"], [200, 200])


async def test_a_failure_of_what_is_redelivered_re_enters_the_schedule(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    await filed(client, 1)
    await caught_up(stepped)
    [delivery] = await deliveries(client, endpoint)
    receiver.respond = lambda _: answer(500)
    await client.webhooks.RedeliverWebhook(pb.RedeliverWebhookRequest(delivery=delivery.name))
    began = clock()
    await caught_up(stepped)
    ended = clock()
    [delivery] = await deliveries(client, endpoint)
    assert states([delivery]) == ["WAITING"]
    # The schedule's five seconds, give or take its jitter, from whenever it failed.
    assert began + 4_000_000 <= delivery.next_attempt_time.ToMicroseconds() <= ended + 6_000_000


async def test_of_a_return_that_is_busy_what_is_redelivered_waits_its_turn(
    stepped: Service, receiver: Receiver
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    [ret] = await filed(client, 1)
    await caught_up(stepped)
    receiver.respond = lambda _: answer(500)
    await changed(client, ret, 1)
    await caught_up(stepped)
    [first, second] = await deliveries(client, endpoint)
    assert states([first, second]) == ["DELIVERED", "WAITING"]
    told = await client.webhooks.RedeliverWebhook(pb.RedeliverWebhookRequest(delivery=first.name))
    assert states([told]) == ["HELD"]
    receiver.respond = lambda _: answer(200)
    await client.webhooks.RedeliverWebhook(pb.RedeliverWebhookRequest(delivery=second.name))
    await caught_up(stepped)
    assert arrived(receiver) == [1, 2, 1]


async def test_a_job_posts_a_time_range_once_more(stepped: Service, receiver: Receiver, clock: MovableClock) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    bounds = []
    for _ in range(4):
        bounds.append(clock())
        for ret in await filed(client, 2):
            await changed(client, ret, 1)
        clock.forward(HOUR)
    await caught_up(stepped)
    assert sorted(arrived(receiver)) == list(range(1, 17))
    receiver.accepted.clear()
    job = await client.webhooks.CreateWebhookRedelivery(over(endpoint, bounds[1], bounds[3]))
    assert job.state == WebhookRedelivery.STATE_RUNNING
    await caught_up(stepped)
    assert sorted(arrived(receiver)) == list(range(5, 13))
    per_return: dict[str, list[str]] = {}
    for got in receiver.accepted:
        per_return.setdefault(got.json["data"]["returnName"], []).append(got.json["data"]["returnVersion"])
    assert list(per_return.values()) == [["1", "2"]] * 4
    done = await job_now(client, job)
    assert (done.state, done.requeued_count) == (WebhookRedelivery.STATE_DONE, 8)


async def test_a_job_may_post_only_what_never_arrived(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    begin = clock()
    receiver.respond = lambda got: answer(500 if int(got.json["data"]["sequence"]) in (2, 4) else 200)
    await filed(client, 5)
    await caught_up(stepped)
    receiver.respond = lambda _: answer(200)
    receiver.accepted.clear()
    job = await client.webhooks.CreateWebhookRedelivery(over(endpoint, begin, only_failed=True))
    await caught_up(stepped)
    assert sorted(arrived(receiver)) == [2, 4]
    assert (await job_now(client, job)).requeued_count == 2


async def test_a_job_posts_also_what_was_before_the_endpoint(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    begin = clock()
    await filed(client, 3)
    endpoint, _ = await made(client, receiver.url, filter="return_version = 1")
    clock.forward(1)
    await client.webhooks.CreateWebhookRedelivery(over(endpoint, begin))
    await caught_up(stepped)
    assert sorted(arrived(receiver)) == [1, 2, 3]


async def test_a_job_of_many_goes_in_steps_and_can_be_cancelled(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url, state="STATE_DISABLED")
    begin = clock()
    for number in range(3):
        await filed(client, 150, order_id=f"o{number}")
    clock.forward(1)
    await client.webhooks.EnableWebhookEndpoint(pb.EnableWebhookEndpointRequest(name=endpoint.name))
    await caught_up(stepped)
    assert len(receiver.accepted) == 450
    job = await client.webhooks.CreateWebhookRedelivery(over(endpoint, begin))
    bridge = stepped.app.bridge if stepped.app else None
    assert bridge is not None
    await bridge.work()
    under_way = await job_now(client, job)
    assert (under_way.state, 0 < under_way.requeued_count < 450) == (WebhookRedelivery.STATE_RUNNING, True)
    told = await client.webhooks.CancelWebhookRedelivery(pb.CancelWebhookRedeliveryRequest(name=job.name))
    assert told.state == WebhookRedelivery.STATE_CANCELLED
    await caught_up(stepped)
    # What was already on its way stays so.
    assert len(receiver.accepted) == 450 + under_way.requeued_count
    again = await client.webhooks.CancelWebhookRedelivery(pb.CancelWebhookRedeliveryRequest(name=job.name))
    assert again == told
    listed = await client.webhooks.ListWebhookRedeliveries(pb.ListWebhookRedeliveriesRequest(parent=endpoint.name))
    assert list(listed.webhook_redeliveries) == [told]


async def test_jobs_come_in_pages_the_newest_first(stepped: Service) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, "http://127.0.0.1:9/")
    jobs = [(await client.webhooks.CreateWebhookRedelivery(over(endpoint, 1))).name for _ in range(5)]
    request = pb.ListWebhookRedeliveriesRequest(parent=endpoint.name, page_size=2)
    found = []
    while True:
        page = await client.webhooks.ListWebhookRedeliveries(request)
        found += [one.name for one in page.webhook_redeliveries]
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert found == jobs[::-1]


async def test_a_range_that_is_none_is_refused(stepped: Service, clock: MovableClock) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, "http://127.0.0.1:9/")
    for start, end in ((clock() + 10**9, None), (2 * 10**6, 10**6), (10**6, 10**6)):
        with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
            await client.webhooks.CreateWebhookRedelivery(over(endpoint, start, end))
        assert caught[0].fields == ["start_time"]


@pytest.mark.parametrize("below", ["deliveries/77", "deliveries/x", "deliveries/99999999999999999999"])
async def test_a_delivery_that_there_is_not_is_not_found(stepped: Service, below: str) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, "http://127.0.0.1:9/")
    with refused("WEBHOOK_ENDPOINT_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
        await client.webhooks.RedeliverWebhook(pb.RedeliverWebhookRequest(delivery=f"{endpoint.name}/{below}"))
