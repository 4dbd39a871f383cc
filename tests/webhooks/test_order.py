"""Per return one after the other, returns side by side; or no order at all, where that is wanted."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from tests.support.hooks import caught_up, changed, deliveries, everything, filed, made, states
from tests.support.receiver import Received, Receiver, answer
from tests.support.service import Service


def _per_return(receiver: Receiver) -> dict[str, list[int]]:
    seen: dict[str, list[int]] = {}
    for got in receiver.accepted:
        data = got.json["data"]
        seen.setdefault(data["returnName"], []).append(int(data["returnVersion"]))
    return seen


async def test_events_of_a_return_arrive_in_order_whatever_fails(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    await made(client, receiver.url)
    failures: Counter[str] = Counter()

    def respond(got: Received) -> bytes:
        # Every third event fails once.
        failures[got.id] += 1
        return answer(500) if failures[got.id] == 1 and int(got.json["data"]["sequence"]) % 3 == 0 else answer(204)

    receiver.respond = respond
    returns = await filed(client, 6)
    await asyncio.gather(*(changed(client, ret, 5) for ret in returns))
    for _ in range(20):
        await caught_up(stepped)
        stepped.clock.forward(10)  # type: ignore[attr-defined]
    assert len(receiver.received) == 36 + 12
    assert _per_return(receiver) == {ret.name: [1, 2, 3, 4, 5, 6] for ret in returns}


async def test_a_failing_return_holds_back_itself_alone(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    bad, *good = await filed(client, 3)
    for ret in (bad, *good):
        await changed(client, ret, 2)
    receiver.respond = lambda got: answer(500 if got.json["data"]["returnName"] == bad.name else 200)
    await caught_up(stepped)
    assert _per_return(receiver) == {ret.name: [1, 2, 3] for ret in good}
    tried = [
        got.json["data"]["returnVersion"] for got in receiver.received if got.json["data"]["returnName"] == bad.name
    ]
    assert tried == ["1"]
    found = await deliveries(client, endpoint, f'return_name = "{bad.name}"')
    assert states(found) == ["WAITING", "HELD", "HELD"]
    receiver.respond = lambda _: answer(200)
    stepped.clock.forward(6)  # type: ignore[attr-defined]
    await caught_up(stepped)
    assert _per_return(receiver)[bad.name] == [1, 2, 3]


async def test_one_of_a_return_is_under_way_at_a_time_and_eight_of_an_endpoint(
    service: Service, receiver: Receiver
) -> None:
    client = everything(service)
    await made(client, receiver.url)
    under_way: Counter[str] = Counter()
    most = {"of a return": 0, "at all": 0}
    together = asyncio.Event()

    async def respond(got: Received) -> bytes:
        name = got.json["data"]["returnName"]
        under_way[name] += 1
        most["of a return"] = max(most["of a return"], under_way[name])
        most["at all"] = max(most["at all"], under_way.total())
        if under_way.total() == 8:
            together.set()
        await together.wait()
        await asyncio.sleep(0.005)
        under_way[name] -= 1
        return answer(200)

    receiver.respond = respond
    returns = await filed(client, 20)
    await asyncio.gather(*(changed(client, ret, 2) for ret in returns))
    await receiver.has(60)
    assert most == {"of a return": 1, "at all": 8}


async def test_without_order_the_events_of_a_return_go_side_by_side(service: Service, receiver: Receiver) -> None:
    client = everything(service)
    await made(client, receiver.url, ordering="ORDERING_NONE", state="STATE_DISABLED")
    endpoint = (
        await client.webhooks.ListWebhookEndpoints(pb.ListWebhookEndpointsRequest(parent="tenants/acme"))
    ).webhook_endpoints[0]
    [ret] = await filed(client, 1)
    await changed(client, ret, 11)
    together = asyncio.Event()
    waiting: set[str] = set()

    async def respond(got: Received) -> bytes:
        waiting.add(got.id)
        if len(waiting) == 8:
            together.set()
        await together.wait()
        return answer(200)

    receiver.respond = respond
    await client.webhooks.EnableWebhookEndpoint(pb.EnableWebhookEndpointRequest(name=endpoint.name))
    await receiver.has(12)
    assert Counter(_per_return(receiver)[ret.name]) == Counter(range(1, 13))


async def test_the_ordering_can_be_changed_while_events_wait(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    receiver.respond = lambda _: answer(500)
    [ret] = await filed(client, 1)
    await changed(client, ret, 2)
    await caught_up(stepped)
    assert states(await deliveries(client, endpoint)) == ["WAITING", "HELD", "HELD"]

    async def set_to(ordering: Any) -> None:
        said = WebhookEndpoint(name=endpoint.name, ordering=ordering)
        mask = FieldMask(paths=["ordering"])
        await client.webhooks.UpdateWebhookEndpoint(
            pb.UpdateWebhookEndpointRequest(webhook_endpoint=said, update_mask=mask)
        )

    await set_to("ORDERING_NONE")
    assert states(await deliveries(client, endpoint)) == ["WAITING", "PENDING", "PENDING"]
    await set_to("ORDERING_PER_RETURN")
    assert states(await deliveries(client, endpoint)) == ["WAITING", "HELD", "HELD"]
    receiver.respond = lambda _: answer(200)
    stepped.clock.forward(10)  # type: ignore[attr-defined]
    await caught_up(stepped)
    assert _per_return(receiver) == {ret.name: [1, 2, 3]}
