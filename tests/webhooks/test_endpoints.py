"""Endpoints for callers: settings, masks, etags, secrets that are shown once and rotate, pages, deletion."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from tests.support.hooks import PARENT, caught_up, deliveries, endpoint_now, everything, filed, made, state_of
from tests.support.messages import new_request_id
from tests.support.mutations import dumped
from tests.support.receiver import Received, Receiver, answer
from tests.support.service import MovableClock, Service, refused

URL = "http://127.0.0.1:9/hook"


def update(endpoint: WebhookEndpoint, *paths: str, etag: str = "", **said: Any) -> pb.UpdateWebhookEndpointRequest:
    mask = FieldMask(paths=paths) if paths else None
    message = WebhookEndpoint(name=endpoint.name, **said)
    return pb.UpdateWebhookEndpointRequest(webhook_endpoint=message, update_mask=mask, etag=etag)


async def test_a_new_endpoint_has_what_was_said_and_the_defaults(stepped: Service) -> None:
    client = everything(stepped)
    endpoint, secret = await made(client, URL)
    assert endpoint.name.startswith(f"{PARENT}/webhookEndpoints/")
    assert (endpoint.url, endpoint.secret_exists, state_of(endpoint)) == (URL, True, "ENABLED")
    assert endpoint.ordering == WebhookEndpoint.ORDERING_PER_RETURN
    assert endpoint.payload_format == WebhookEndpoint.PAYLOAD_FORMAT_STANDARD_WEBHOOKS
    assert secret.startswith("whsec_")
    assert await endpoint_now(client, endpoint) == endpoint
    listed = await client.webhooks.ListWebhookEndpoints(pb.ListWebhookEndpointsRequest(parent=PARENT))
    assert list(listed.webhook_endpoints) == [endpoint]


async def test_a_mask_says_which_fields_are_taken(stepped: Service) -> None:
    client = everything(stepped)
    endpoint, _ = await made(
        client, URL, display_name="one", event_types=["return.created"], filter="return_version = 1"
    )
    told = await client.webhooks.UpdateWebhookEndpoint(update(endpoint, display_name="two"))
    assert (told.display_name, told.filter) == ("two", "return_version = 1")
    told = await client.webhooks.UpdateWebhookEndpoint(update(endpoint, "filter", "name", "etag", display_name="three"))
    assert (told.display_name, told.filter) == ("two", "")
    told = await client.webhooks.UpdateWebhookEndpoint(update(endpoint, "*", url=URL + "2"))
    assert (told.url, told.display_name, list(told.event_types)) == (URL + "2", "", [])
    for paths, said, field in (
        (("*",), {}, "webhook_endpoint.url"),
        (("no_such",), {}, "update_mask"),
        (("headers.x",), {}, "update_mask"),
        (("event_types",), {"event_types": ["return.exploded"]}, "webhook_endpoint.event_types[0]"),
        (("excluded_fields",), {"excluded_fields": FieldMask(paths=["no.such"])}, "webhook_endpoint.excluded_fields"),
        (("state",), {"state": "STATE_DISABLED_BY_FAILURES"}, "webhook_endpoint.state"),
        (("headers",), {"headers": {"Host": "elsewhere"}}, 'webhook_endpoint.headers["Host"]'),
        (("headers",), {"headers": {"x": "a\r\nb: c"}}, 'webhook_endpoint.headers["x"]'),
        (("headers",), {"headers": {"x": ""}}, 'webhook_endpoint.headers["x"]'),
    ):
        with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
            await client.webhooks.UpdateWebhookEndpoint(update(endpoint, *paths, **said))
        assert caught[0].fields == [field]
    with refused("FILTER_INVALID") as caught:
        await client.webhooks.UpdateWebhookEndpoint(update(endpoint, filter="snapshot.no_such = 1"))
    assert (caught[0].metadata["field"], caught[0].metadata["column"]) == ("webhook_endpoint.filter", "1")


async def test_the_etag_is_over_what_callers_set(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url, headers={"x-key": "value"}, display_name="one")
    same = await client.webhooks.UpdateWebhookEndpoint(update(endpoint, headers={"x-key": "value"}, display_name="one"))
    assert (same.etag, same.update_time) == (endpoint.etag, endpoint.update_time)
    await filed(client, 1)
    await caught_up(stepped)
    assert (await endpoint_now(client, endpoint)).etag == endpoint.etag
    other = await client.webhooks.UpdateWebhookEndpoint(
        update(endpoint, headers={"x-key": "another"}, etag=endpoint.etag)
    )
    assert other.etag != endpoint.etag
    with refused("ETAG_MISMATCH", grpc.StatusCode.ABORTED) as caught:
        await client.webhooks.UpdateWebhookEndpoint(update(endpoint, display_name="x", etag=endpoint.etag))
    assert caught[0].metadata["etag"] == other.etag


async def test_values_of_headers_are_never_answered_and_stay_where_nothing_is_said(
    stepped: Service, receiver: Receiver
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url, headers={"x-one": "first", "x-two": "second"})
    assert dict(endpoint.headers) == {"x-one": "", "x-two": ""}
    kept = await client.webhooks.UpdateWebhookEndpoint(update(endpoint, headers={"x-one": "", "x-three": "third"}))
    assert dict(kept.headers) == {"x-one": "", "x-three": ""}
    await filed(client, 1)
    await caught_up(stepped)
    got = receiver.received[0].headers
    assert (got["x-one"], got["x-three"], "x-two" in got) == ("first", "third", False)


async def test_no_secret_stands_in_the_database(stepped: Service) -> None:
    client = everything(stepped)
    request = pb.CreateWebhookEndpointRequest(
        parent=PARENT,
        webhook_endpoint=WebhookEndpoint(url=URL, headers={"x-key": "very-secret-header"}),
        request_id=new_request_id(),
    )
    first = await client.webhooks.CreateWebhookEndpoint(request)
    rotate = pb.RotateWebhookSecretRequest(name=first.webhook_endpoint.name, request_id=new_request_id())
    second = await client.webhooks.RotateWebhookSecret(rotate)
    rows = repr(await dumped(stepped))
    for secret in (first.secret, second.secret, first.secret.removeprefix("whsec_"), "very-secret-header"):
        assert secret not in rows


async def test_a_repeat_answers_the_secret_also_after_a_rotation_and_not_after_deletion(stepped: Service) -> None:
    client = everything(stepped)
    request = pb.CreateWebhookEndpointRequest(
        parent=PARENT, webhook_endpoint=WebhookEndpoint(url=URL), request_id=new_request_id()
    )
    first = await client.webhooks.CreateWebhookEndpoint(request)
    rotate = pb.RotateWebhookSecretRequest(name=first.webhook_endpoint.name, request_id=new_request_id())
    second = await client.webhooks.RotateWebhookSecret(rotate)
    assert first.secret
    assert second.secret not in ("", first.secret)
    assert await client.webhooks.CreateWebhookEndpoint(request) == first
    assert await client.webhooks.RotateWebhookSecret(rotate) == second
    await client.webhooks.DeleteWebhookEndpoint(pb.DeleteWebhookEndpointRequest(name=first.webhook_endpoint.name))
    again = await client.webhooks.CreateWebhookEndpoint(request)
    assert (again.webhook_endpoint, again.secret) == (first.webhook_endpoint, "")


async def test_a_try_shows_no_secret(stepped: Service) -> None:
    client = everything(stepped)
    request = pb.CreateWebhookEndpointRequest(
        parent=PARENT, webhook_endpoint=WebhookEndpoint(url=URL), validate_only=True
    )
    answer_ = await client.webhooks.CreateWebhookEndpoint(request)
    assert (answer_.secret, answer_.webhook_endpoint.name, answer_.webhook_endpoint.etag) == ("", "", "")
    assert answer_.webhook_endpoint.url == URL


async def test_of_many_who_create_with_one_request_id_all_get_one_endpoint(stepped: Service) -> None:
    client = everything(stepped)
    request = pb.CreateWebhookEndpointRequest(
        parent=PARENT, webhook_endpoint=WebhookEndpoint(url=URL), request_id=new_request_id()
    )
    answers = await asyncio.gather(*(client.webhooks.CreateWebhookEndpoint(request) for _ in range(20)))
    assert len({one.SerializeToString(deterministic=True) for one in answers}) == 1
    assert answers[0].secret


async def test_old_and_new_secret_sign_for_the_grace_time(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, old = await made(client, receiver.url)
    rotate = pb.RotateWebhookSecretRequest(name=endpoint.name, grace_period=Duration(seconds=100))
    rotated = await client.webhooks.RotateWebhookSecret(rotate)
    until = rotated.previous_secret_expire_time.ToMicroseconds()
    assert 90 < (until - clock()) / 1_000_000 <= 100
    for ahead, verifying in ((0, {old, rotated.secret}), (101, {rotated.secret})):
        clock.forward(ahead)
        await filed(client, 1)
        await caught_up(stepped)
        got = receiver.received[-1]
        stamp = int(got.headers["webhook-timestamp"])
        found = {secret for secret in (old, rotated.secret) if _verifies(secret, got, stamp)}
        assert found == verifying


def _verifies(secret: str, got: Received, stamp: int) -> bool:
    # The library compares the stamp with its own clock, which a test does not move.
    expected = Webhook(secret).sign(got.id, datetime.fromtimestamp(stamp, UTC), got.body.decode())
    return expected in got.headers["webhook-signature"].split(" ")


async def test_a_rotation_every_moment_under_load_never_fails_who_knows_both_keys(
    service: Service, receiver: Receiver
) -> None:
    client = everything(service)
    endpoint, secret = await made(client, receiver.url)
    known = [secret]
    failed: list[str] = []

    def respond(got: Received) -> bytes:
        for one in known[-2:]:
            try:
                Webhook(one).verify(got.body, got.headers)
                return answer(200)
            except WebhookVerificationError:
                pass
        failed.append(got.id)
        return answer(400)

    receiver.respond = respond
    events = 0

    async def file_while_secrets_change() -> None:
        nonlocal events
        while len(known) < 8 or events < 150:
            await filed(client, 30)
            events += 30

    filing = asyncio.create_task(file_while_secrets_change())
    while not filing.done() or len(receiver.received) < events:
        request = pb.RotateWebhookSecretRequest(name=endpoint.name)
        known.append((await client.webhooks.RotateWebhookSecret(request)).secret)
        await asyncio.sleep(0.05)
    await filing
    await receiver.has(events)
    assert failed == []


async def test_endpoints_come_in_pages_the_newest_first(stepped: Service) -> None:
    client = everything(stepped)
    names = [(await made(client, f"{URL}/{number}"))[0].name for number in range(7)]
    request = pb.ListWebhookEndpointsRequest(parent=PARENT, page_size=3)
    found, sizes = [], []
    while True:
        page = await client.webhooks.ListWebhookEndpoints(request)
        found += [one.name for one in page.webhook_endpoints]
        sizes.append(len(page.webhook_endpoints))
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert (found, sizes) == (names[::-1], [3, 3, 1])


async def test_deliveries_come_in_pages_and_by_filter(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    receiver.respond = lambda got: answer(500 if int(got.json["data"]["sequence"]) % 2 else 200)
    returns = await filed(client, 6)
    await caught_up(stepped)
    request = pb.ListWebhookDeliveriesRequest(parent=endpoint.name, page_size=4)
    first = await client.webhooks.ListWebhookDeliveries(request)
    request.page_token = first.next_page_token
    second = await client.webhooks.ListWebhookDeliveries(request)
    everywhere = [*first.deliveries, *second.deliveries]
    assert [one.event_sequence for one in everywhere] == [6, 5, 4, 3, 2, 1]
    assert second.next_page_token == ""
    with refused("PAGE_TOKEN_INVALID"):
        request.filter = "state = DELIVERED"
        await client.webhooks.ListWebhookDeliveries(request)
    other, _ = await made(client, receiver.url)
    with refused("PAGE_TOKEN_INVALID"):
        await client.webhooks.ListWebhookDeliveries(
            pb.ListWebhookDeliveriesRequest(parent=other.name, page_size=4, page_token=first.next_page_token)
        )
    by_id = {one.event_sequence: one for one in everywhere}
    now = everywhere[0].event_time.ToJsonString()
    for text, expected in {
        "state = DELIVERED": [2, 4, 6],
        "state = STATE_WAITING AND event_sequence < 4": [1, 3],
        "state != DELIVERED": [1, 3, 5],
        "NOT state = DELIVERED": [1, 3, 5],
        'event_type = "return.created"': [1, 2, 3, 4, 5, 6],
        "event_type = return.closed": [],
        'event_type = "return.*"': [1, 2, 3, 4, 5, 6],
        f'event_id = "{by_id[3].event_id}"': [3],
        f'return_name = "{returns[0].name}"': None,
        f'event_time > "{now}"': [],
        f'event_time <= "{now}"': [1, 2, 3, 4, 5, 6],
        "next_attempt_time:*": [1, 3, 5],
        "NOT next_attempt_time:*": [2, 4, 6],
    }.items():
        found = [one.event_sequence for one in await deliveries(client, endpoint, text)]
        assert len(found) == 1 if expected is None else found == expected, text
    with refused("FILTER_INVALID"):
        await deliveries(client, endpoint, "no_such = 1")


async def test_a_deleted_endpoint_is_gone_and_what_it_left_is_tidied_away(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    receiver.respond = lambda _: answer(500)
    await filed(client, 3)
    await caught_up(stepped)
    await client.webhooks.DeleteWebhookEndpoint(pb.DeleteWebhookEndpointRequest(name=endpoint.name))
    for call in (
        client.webhooks.GetWebhookEndpoint(pb.GetWebhookEndpointRequest(name=endpoint.name)),
        client.webhooks.ListWebhookDeliveries(pb.ListWebhookDeliveriesRequest(parent=endpoint.name)),
        client.webhooks.ListWebhookRedeliveries(pb.ListWebhookRedeliveriesRequest(parent=endpoint.name)),
        client.webhooks.DeleteWebhookEndpoint(pb.DeleteWebhookEndpointRequest(name=endpoint.name)),
        client.webhooks.UpdateWebhookEndpoint(update(endpoint, display_name="x")),
    ):
        with refused("WEBHOOK_ENDPOINT_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
            await call
    listed = await client.webhooks.ListWebhookEndpoints(pb.ListWebhookEndpointsRequest(parent=PARENT))
    assert not listed.webhook_endpoints
    receiver.respond = lambda _: answer(200)
    stepped.clock.forward(100_000)  # type: ignore[attr-defined]
    await filed(client, 1)
    await caught_up(stepped)
    assert receiver.accepted == []
    bridge = stepped.app.bridge if stepped.app else None
    assert bridge is not None
    while await bridge.tidy():
        pass
    rows = await dumped(stepped)
    assert {name: len(found) for name, found in rows.items() if name.startswith("webhook_") and found} == {}


async def test_what_ended_long_ago_is_tidied_away_and_nothing_else(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    receiver.respond = lambda got: answer(200 if got.json["data"]["sequence"] == "1" else 500)
    await filed(client, 2)
    await caught_up(stepped)
    bridge = stepped.app.bridge if stepped.app else None
    assert bridge is not None
    assert await bridge.tidy() == 0
    clock.forward(31 * 86_400)
    while await bridge.tidy():
        pass
    assert [one.event_sequence for one in await deliveries(client, endpoint)] == [2]


@pytest.mark.parametrize("wrong", ["not a url", "https://", "", "ftp://example.com/"])
async def test_what_is_no_target_is_refused(stepped: Service, wrong: str) -> None:
    client = everything(stepped)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await made(client, wrong)
    assert caught.value.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION)
