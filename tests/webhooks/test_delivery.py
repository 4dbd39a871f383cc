"""Events reach endpoints, signed, once they are committed, and say what the endpoint asked for."""

from __future__ import annotations

import json

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import ParseDict
from standardwebhooks.webhooks import Webhook

from commerce.returns.v1 import returns_service_pb2 as returns_pb
from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.return_pb2 import Return
from tests.support.hooks import caught_up, changed, deliveries, endpoint_now, everything, filed, made, states
from tests.support.messages import create, feed, line, order
from tests.support.receiver import Receiver, receiving
from tests.support.service import Service


async def test_an_event_arrives_signed_and_says_what_the_log_says(service: Service, receiver: Receiver) -> None:
    client = everything(service)
    _, secret = await made(client, receiver.url)
    [ret] = await filed(client, 1)
    await receiver.has(1)
    [got] = receiver.received
    said = Webhook(secret).verify(got.body, got.headers)
    assert got.headers["content-type"] == "application/json"
    logged = (await client.returns.ListReturnEvents(returns_pb.ListReturnEventsRequest(parent=ret.name))).events[0]
    assert (got.id, said["type"]) == (logged.id, "return.created")
    assert said["timestamp"] == said["data"]["time"] == logged.time.ToJsonString()
    data = dict(said["data"])
    snapshot = ParseDict(data.pop("return"), Return())
    event = ParseDict(data, ReturnEvent())
    event.snapshot.CopyFrom(snapshot)
    assert event == logged


async def test_a_delivery_tells_its_attempts(service: Service, receiver: Receiver) -> None:
    client = everything(service)
    endpoint, _ = await made(client, receiver.url)
    [ret] = await filed(client, 1)
    await receiver.has(1)
    while states(found := await deliveries(client, endpoint)) != ["DELIVERED"]:
        pass
    [delivery] = found
    [attempt] = delivery.attempts
    assert (delivery.return_name, delivery.event_type, delivery.event_sequence) == (ret.name, "return.created", 1)
    assert delivery.event_id == receiver.received[0].id
    assert (attempt.status, attempt.error) == (200, "")
    assert 0 < attempt.latency.ToMicroseconds() < 10_000_000
    statistics = (await endpoint_now(client, endpoint)).statistics
    assert (statistics.pending_count, statistics.delivered_count, statistics.exhausted_count) == (0, 1, 0)
    assert statistics.HasField("last_success_time")
    assert not statistics.HasField("last_failure_time")
    assert not statistics.HasField("oldest_pending_time")


async def test_a_cloudevent_is_one(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    _, secret = await made(client, receiver.url, payload_format="PAYLOAD_FORMAT_CLOUDEVENTS")
    [ret] = await filed(client, 1)
    await caught_up(stepped)
    [got] = receiver.received
    assert got.headers["content-type"] == "application/cloudevents+json"
    said = Webhook(secret).verify(got.body, got.headers)
    required = {name: said[name] for name in ("specversion", "id", "source", "type")}
    assert required == {"specversion": "1.0", "id": got.id, "source": "/tenants/acme", "type": "return.created"}
    assert (said["subject"], said["datacontenttype"], said["sequence"]) == (ret.name, "application/json", "1")
    assert said["data"]["return"]["name"] == ret.name
    # Attribute names are lower-case letters and digits; there is nothing else beside `data`.
    assert all(name.isascii() and name.isalnum() and name.islower() for name in said)


async def test_types_and_filters_choose_and_the_rest_is_never_on_its_way(stepped: Service) -> None:
    client = everything(stepped)
    async with receiving() as by_type, receiving() as by_filter, receiving() as by_both, receiving() as all_of_it:
        await made(client, by_type.url, event_types=["return.updated", "return.rejected"])
        chosen = 'type = "return.updated" AND snapshot.reason.code = "CODE-1"'
        endpoint, _ = await made(client, by_filter.url, filter=chosen)
        await made(client, by_both.url, event_types=["return.*"], filter="return_version >= 3")
        await made(client, all_of_it.url)
        [ret] = await filed(client, 1)
        await changed(client, ret, 3)
        await caught_up(stepped)
        seen = [
            [got.json["data"]["returnVersion"] for got in one.received]
            for one in (by_type, by_filter, by_both, all_of_it)
        ]
        assert seen == [["2", "3", "4"], ["3"], ["3", "4"], ["1", "2", "3", "4"]]
        assert len(await deliveries(client, endpoint)) == 1


async def test_an_endpoint_gets_the_events_from_its_making_on(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    await filed(client, 2)
    await made(client, receiver.url)
    [later] = await filed(client, 1)
    await caught_up(stepped)
    assert [got.json["data"]["returnName"] for got in receiver.received] == [later.name]


async def test_excluded_fields_are_not_in_the_body(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    paths = ["requestor.email", "orders.items.reason", "attributes.private.notes", "submitter", "total.gross.nanos"]
    await made(client, receiver.url, excluded_fields=FieldMask(paths=paths))
    await feed(client, order("o1", line("1", 4, 999)))
    attributes = {"private": {"notes": "sensitive", "kept": 1}, "open": True}
    request = create(
        ("o1", "1", 1), attributes=attributes, requestor={"customer_id": "c1", "email": "secret@example.com"}
    )
    await client.returns.CreateReturn(request)
    await caught_up(stepped)
    [got] = receiver.received
    assert b"sensitive" not in got.body
    assert b"secret@example.com" not in got.body
    snapshot = got.json["data"]["return"]
    assert snapshot["attributes"] == {"private": {"kept": 1}, "open": True}
    assert snapshot["requestor"] == {"customerId": "c1"}
    assert "submitter" not in snapshot
    assert "reason" not in snapshot["orders"][0]["items"][0]
    assert "nanos" not in snapshot["total"]["gross"]
    assert snapshot["number"]


async def test_headers_are_sent_along_and_the_trace_of_the_change(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    await made(client, receiver.url, headers={"X-Api-Key": "s3cret", "authorization": "Bearer abc def"})
    await feed(client, order("o1", line("1", 4)))
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await client.returns.CreateReturn(create(("o1", "1", 1)), metadata=(("traceparent", trace),))
    await caught_up(stepped)
    [got] = receiver.received
    assert (got.headers["x-api-key"], got.headers["authorization"]) == ("s3cret", "Bearer abc def")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    version, trace_id, span, flags = got.headers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", "4bf92f3577b34da6a3ce929d0e0e4736", "01")
    assert span != "00f067aa0ba902b7"


async def test_the_body_and_the_id_are_the_same_in_every_attempt(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    _, secret = await made(client, receiver.url)
    receiver.respond = lambda _: b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"
    await filed(client, 1)
    for _ in range(3):
        await caught_up(stepped)
        stepped.clock.forward(3_600)  # type: ignore[attr-defined]
    assert len(receiver.received) == 3
    assert len({(got.id, got.body) for got in receiver.received}) == 1
    stamps = [int(got.headers["webhook-timestamp"]) for got in receiver.received]
    assert stamps[2] - stamps[0] >= 7_200
    assert len({got.headers["webhook-signature"] for got in receiver.received}) == 3
    # The published library refuses what is older or newer than five minutes: the first one is still good here.
    Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)


@pytest.mark.parametrize("payload_format", ["PAYLOAD_FORMAT_STANDARD_WEBHOOKS", "PAYLOAD_FORMAT_CLOUDEVENTS"])
async def test_a_test_message_is_signed_and_answered(stepped: Service, receiver: Receiver, payload_format: str) -> None:
    client = everything(stepped)
    endpoint, secret = await made(client, receiver.url, payload_format=payload_format)
    receiver.respond = lambda _: b"HTTP/1.1 418 Teapot\r\ncontent-length: 2000\r\n\r\n" + b"t" * 2_000
    answer = await client.webhooks.TestWebhookEndpoint(pb.TestWebhookEndpointRequest(name=endpoint.name))
    assert (answer.attempt.status, answer.attempt.error, answer.attempt.answer) == (418, "", b"t" * 1_024)
    [got] = receiver.received
    said = Webhook(secret).verify(got.body, got.headers)
    assert (said["type"], said["data"]) == ("webhook.test", {"webhookEndpoint": endpoint.name})
    assert await deliveries(client, endpoint) == []
    assert json.loads(got.body) == said
