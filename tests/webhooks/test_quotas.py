"""A tenant has so many webhook endpoints, and so many redelivery jobs under way, and never one more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from tests.support.hooks import PARENT, caught_up, everything, made
from tests.support.messages import new_request_id
from tests.support.service import Refusal, Service, gathered, outcome, refused, serving
from tests.webhooks.test_redelivery import over

URL = "http://127.0.0.1:9/"
FEW = {"bridge": False, "max_endpoints": 3, "max_redeliveries": 2}


@pytest.fixture
async def few(tmp_path: Path, database_url: str | None) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data", database_url, webhooks=FEW) as service:
        yield service


def endpoint_request(request_id: str = "") -> pb.CreateWebhookEndpointRequest:
    return pb.CreateWebhookEndpointRequest(
        parent=PARENT, webhook_endpoint=WebhookEndpoint(url=URL), request_id=request_id
    )


async def test_one_endpoint_more_is_refused_until_one_is_deleted(few: Service) -> None:
    client = everything(few)
    last = endpoint_request(new_request_id())
    [first, _], _ = await made(client, URL), await made(client, URL)
    answer = await client.webhooks.CreateWebhookEndpoint(last)
    more = endpoint_request()
    for more.validate_only in (False, True):
        with refused("OVERLOADED", grpc.StatusCode.RESOURCE_EXHAUSTED) as refusals:
            await client.webhooks.CreateWebhookEndpoint(more)
        assert refusals[0].metadata == {"cause": "QUOTA"}
        assert refusals[0].retry_seconds is None
        assert refusals[0].message.startswith("the tenant has 3 webhook endpoints and may have 3; delete")
    assert await client.webhooks.CreateWebhookEndpoint(last) == answer, "what was done is told again"
    await made(everything(few, "globex"), URL, tenant="globex")
    await client.webhooks.DeleteWebhookEndpoint(pb.DeleteWebhookEndpointRequest(name=first.name))
    await made(client, URL)
    with refused("OVERLOADED"):
        await made(client, URL)


async def test_one_job_more_is_refused_until_one_is_over(few: Service) -> None:
    client = everything(few)
    [endpoint, _], [other, _] = await made(client, URL), await made(client, URL)
    first = await client.webhooks.CreateWebhookRedelivery(over(endpoint, 1))
    await client.webhooks.CreateWebhookRedelivery(over(other, 1))
    with refused("OVERLOADED", grpc.StatusCode.RESOURCE_EXHAUSTED) as refusals:
        await client.webhooks.CreateWebhookRedelivery(over(endpoint, 1))
    assert (refusals[0].metadata, refusals[0].retry_seconds) == ({"cause": "QUOTA"}, None)
    assert refusals[0].message.startswith("the tenant has 2 redelivery jobs under way and may have 2; wait")
    with refused("FIELD_INVALID"):  # what is wrong anyway is told first
        await client.webhooks.CreateWebhookRedelivery(over(endpoint, 5, 5))
    await client.webhooks.CancelWebhookRedelivery(pb.CancelWebhookRedeliveryRequest(name=first.name))
    await client.webhooks.CreateWebhookRedelivery(over(endpoint, 1))
    await client.webhooks.DeleteWebhookEndpoint(pb.DeleteWebhookEndpointRequest(name=other.name))
    await client.webhooks.CreateWebhookRedelivery(over(endpoint, 1))
    with refused("OVERLOADED"):
        await client.webhooks.CreateWebhookRedelivery(over(endpoint, 1))
    await caught_up(few)  # the jobs find nothing, and end
    await client.webhooks.CreateWebhookRedelivery(over(endpoint, 1))


async def test_of_many_at_once_no_more_get_in(tmp_path: Path, database_url: str | None) -> None:
    """Also by several servers: on PostgreSQL they share the database, and decide one after the other."""
    async with AsyncExitStack() as stack:
        services = [
            await stack.enter_async_context(serving(tmp_path / f"data-{number}", database_url, webhooks=FEW))
            for number in range(3 if database_url else 1)
        ]
        clients = [everything(service) for service in services]
        calls = [client.webhooks.CreateWebhookEndpoint(endpoint_request()) for client in clients * 10]
        endpoints = [one.webhook_endpoint for one in await gathered(calls) if not isinstance(one, Refusal)]
        listed = await clients[0].webhooks.ListWebhookEndpoints(pb.ListWebhookEndpointsRequest(parent=PARENT))
        assert (len(endpoints), len(listed.webhook_endpoints)) == (3, 3)

        asked = [(client, over(endpoint, 1)) for client in clients * 4 for endpoint in endpoints]
        answers = await gathered([client.webhooks.CreateWebhookRedelivery(request) for client, request in asked])
        assert sum(not isinstance(one, Refusal) for one in answers) == 2


async def test_who_asks_twice_for_the_last_one_gets_it_twice(tmp_path: Path, database_url: str | None) -> None:
    """The second asks, by another server, while the first is being done."""
    async with AsyncExitStack() as stack:
        services = [
            await stack.enter_async_context(serving(tmp_path / f"data-{number}", database_url, webhooks=FEW))
            for number in range(3 if database_url else 1)
        ]
        clients = [everything(service) for service in services]
        for _ in range(2):
            await made(clients[0], URL)
        for _ in range(5):
            request = endpoint_request(new_request_id())
            calls = [outcome(client.webhooks.CreateWebhookEndpoint(request)) for client in clients * 3]
            names = {getattr(one, "webhook_endpoint", one).name for one in await asyncio.gather(*calls)}
            assert len(names) == 1
            await clients[0].webhooks.DeleteWebhookEndpoint(pb.DeleteWebhookEndpointRequest(name=names.pop()))
