"""Events reach endpoints, signed, once they are committed."""

from __future__ import annotations

from standardwebhooks.webhooks import Webhook

from tests.support.hooks import deliveries, everything, filed, made
from tests.support.receiver import Receiver
from tests.support.service import Service


async def test_an_event_arrives_signed(service: Service, receiver: Receiver) -> None:
    client = everything(service)
    endpoint, secret = await made(client, receiver.url)
    [ret] = await filed(client, 1)
    await receiver.has(1)
    [got] = receiver.received
    said = Webhook(secret).verify(got.body, got.headers)
    assert said["type"] == "return.created"
    assert said["data"]["return"]["name"] == ret.name
    [delivery] = await deliveries(client, endpoint)
    assert delivery.event_id == got.id
