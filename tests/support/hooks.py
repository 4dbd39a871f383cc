"""Webhook endpoints and what they are told of, as tests need them."""

from __future__ import annotations

import asyncio
from typing import Any

from commerce.returns.v1 import returns_service_pb2 as returns_pb
from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.webhook_pb2 import WebhookDelivery, WebhookEndpoint
from tests.support.messages import create, draft, feed, line, new_request_id, order
from tests.support.service import ALL, Client, Service

PARENT = "tenants/acme"


async def made(client: Client, url: str, *, tenant: str = "acme", **settings: Any) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret."""
    request = pb.CreateWebhookEndpointRequest(
        parent=f"tenants/{tenant}", webhook_endpoint=WebhookEndpoint(url=url, **settings)
    )
    answer = await client.webhooks.CreateWebhookEndpoint(request)
    return answer.webhook_endpoint, answer.secret


async def filed(
    client: Client, count: int, order_id: str = "hooked", tenant: str = "acme", code: str = "DEFECT"
) -> list[Return]:
    """So many new returns, each with one event."""
    await feed(client, order(order_id, line("1", 100_000, 10_000_000), tenant=tenant), tenant=tenant)
    calls = [
        client.returns.CreateReturn(create((order_id, "1", 1), tenant=tenant, code=code, request_id=new_request_id()))
        for _ in range(count)
    ]
    return list(await asyncio.gather(*calls))


async def deliveries(client: Client, endpoint: WebhookEndpoint, filter: str = "") -> list[WebhookDelivery]:  # noqa: A002
    """All deliveries of an endpoint, the first event first."""
    request = pb.ListWebhookDeliveriesRequest(parent=endpoint.name, filter=filter, page_size=1000)
    found: list[WebhookDelivery] = []
    while True:
        page = await client.webhooks.ListWebhookDeliveries(request)
        found += page.deliveries
        request.page_token = page.next_page_token
        if not request.page_token:
            return found[::-1]


async def endpoint_now(client: Client, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """The endpoint as it is."""
    answer: WebhookEndpoint = await client.webhooks.GetWebhookEndpoint(pb.GetWebhookEndpointRequest(name=endpoint.name))
    return answer


def everything(service: Service, tenant: str = "acme") -> Client:
    """A client who may do all, for a year."""
    return service.client(*ALL, tenant=tenant, ttl_seconds=365 * 86_400)


async def caught_up(service: Service) -> None:
    """Have the bridge do all that can be done at this time."""
    assert service.app is not None
    assert service.app.bridge is not None
    await service.app.bridge.catch_up()


async def changed(client: Client, ret: Return, times: int, begin: int = 0) -> None:
    """So many more events of a return, one after the other; `begin` is how many of these it had before."""
    for number in range(begin, begin + times):
        request = returns_pb.UpdateReturnRequest(name=ret.name, draft=draft(code=f"CODE-{number}"))
        await client.returns.UpdateReturn(request)


def states(found: list[WebhookDelivery]) -> list[str]:
    """The short names of the states of deliveries."""
    return [WebhookDelivery.State.Name(one.state).removeprefix("STATE_") for one in found]


def state_of(endpoint: WebhookEndpoint) -> str:
    """The short name of an endpoint's state."""
    return WebhookEndpoint.State.Name(endpoint.state).removeprefix("STATE_")
