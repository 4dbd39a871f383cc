"""Webhook endpoints and what they are told of, as tests need them."""

from __future__ import annotations

import asyncio
from typing import Any

from commerce.returns.v1 import webhooks_service_pb2 as pb
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.webhook_pb2 import WebhookDelivery, WebhookEndpoint
from tests.support.messages import create, feed, line, new_request_id, order
from tests.support.service import ALL, Client, Service

PARENT = "tenants/acme"


async def made(client: Client, url: str, *, tenant: str = "acme", **settings: Any) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret."""
    request = pb.CreateWebhookEndpointRequest(
        parent=f"tenants/{tenant}", webhook_endpoint=WebhookEndpoint(url=url, **settings)
    )
    answer = await client.webhooks.CreateWebhookEndpoint(request)
    return answer.webhook_endpoint, answer.secret


async def filed(client: Client, count: int, order_id: str = "hooked", tenant: str = "acme") -> list[Return]:
    """So many new returns, each with one event."""
    await feed(client, order(order_id, line("1", 100_000, 10_000_000), tenant=tenant), tenant=tenant)
    calls = [
        client.returns.CreateReturn(create((order_id, "1", 1), tenant=tenant, request_id=new_request_id()))
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
    """A client who may do all."""
    return service.client(*ALL, tenant=tenant)
