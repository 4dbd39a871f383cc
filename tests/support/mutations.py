"""For every mutation of the contract a request that succeeds, and everything that a database holds."""

from __future__ import annotations

import random
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import privacy_service_pb2 as privacy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1 import webhooks_service_pb2 as hooks_pb
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from returns_server.storage.database import Database
from returns_server.storage.schema import metadata
from returns_server.storage.session import Session
from tests.support.messages import create, draft, line, order, reason
from tests.support.methods import MUTATIONS
from tests.support.scenes import in_state, ordered
from tests.support.service import ALL, Service

POLICY = "tenants/acme/returnPolicy"


async def _create(service: Service) -> Any:
    return create((await ordered(service), "1", 2))


async def _update(service: Service) -> Any:
    return pb.UpdateReturnRequest(name=(await in_state(service, "pending")).name, draft=draft(code="OTHER"))


async def _approve(service: Service) -> Any:
    return pb.ApproveReturnRequest(name=(await in_state(service, "pending")).name)


async def _reject(service: Service) -> Any:
    return pb.RejectReturnRequest(name=(await in_state(service, "pending")).name, reason=reason())


async def _receive(service: Service) -> Any:
    return pb.RecordReceiptRequest(name=(await in_state(service, "approved")).name, receipt_id="parcel")


async def _close(service: Service) -> Any:
    return pb.CloseReturnRequest(name=(await in_state(service, "approved")).name)


async def _reopen(service: Service) -> Any:
    return pb.ReopenReturnRequest(name=(await in_state(service, "rejected")).name)


async def _delete(service: Service) -> Any:
    return pb.DeleteReturnRequest(name=(await in_state(service, "pending")).name)


async def _upsert(service: Service) -> Any:
    order_id = await ordered(service)
    return orders_pb.UpsertOrderRequest(order=order(order_id, line("1", 7, 700)))


async def _policy(service: Service) -> Any:
    # Long enough for every order in tests, and another one each time.
    window = Duration(seconds=3_650 * 86_400 - random.randrange(86_400))
    return policy_pb.UpdateReturnPolicyRequest(return_policy=ReturnPolicy(name=POLICY, return_window=window))


async def _endpoint(service: Service, **settings: Any) -> WebhookEndpoint:
    """A new endpoint that nothing is posted to: no server of these tests has a bridge at work."""
    said = {"url": "http://127.0.0.1:9/hook", "display_name": f"number {random.randrange(10**9)}", **settings}
    request = hooks_pb.CreateWebhookEndpointRequest(parent="tenants/acme", webhook_endpoint=WebhookEndpoint(**said))
    answer = await service.client(*ALL).webhooks.CreateWebhookEndpoint(request)
    found: WebhookEndpoint = answer.webhook_endpoint
    return found


async def _create_endpoint(service: Service) -> Any:
    said = WebhookEndpoint(url=f"http://127.0.0.1:9/{random.randrange(10**9)}", headers={"x-key": "value"})
    return hooks_pb.CreateWebhookEndpointRequest(parent="tenants/acme", webhook_endpoint=said)


async def _update_endpoint(service: Service) -> Any:
    said = WebhookEndpoint(name=(await _endpoint(service)).name, display_name="another", headers={"x-key": "value"})
    return hooks_pb.UpdateWebhookEndpointRequest(webhook_endpoint=said)


async def _delete_endpoint(service: Service) -> Any:
    return hooks_pb.DeleteWebhookEndpointRequest(name=(await _endpoint(service)).name)


async def _rotate(service: Service) -> Any:
    return hooks_pb.RotateWebhookSecretRequest(name=(await _endpoint(service)).name)


async def _test_endpoint(service: Service) -> Any:
    return hooks_pb.TestWebhookEndpointRequest(name=(await _endpoint(service)).name)


async def _enable(service: Service) -> Any:
    return hooks_pb.EnableWebhookEndpointRequest(name=(await _endpoint(service, state="STATE_DISABLED")).name)


async def _redeliver(service: Service) -> Any:
    endpoint = await _endpoint(service)
    await in_state(service, "pending")
    assert service.app is not None
    assert service.app.bridge is not None
    await service.app.bridge.fan_out.step()
    listed = await service.client(*ALL).webhooks.ListWebhookDeliveries(
        hooks_pb.ListWebhookDeliveriesRequest(parent=endpoint.name)
    )
    return hooks_pb.RedeliverWebhookRequest(delivery=listed.deliveries[0].name)


async def _create_job(service: Service) -> Any:
    endpoint = await _endpoint(service)
    return hooks_pb.CreateWebhookRedeliveryRequest(endpoint=endpoint.name, start_time=Timestamp(seconds=1))


async def _cancel_job(service: Service) -> Any:
    job = await service.client(*ALL).webhooks.CreateWebhookRedelivery(await _create_job(service))
    return hooks_pb.CancelWebhookRedeliveryRequest(name=job.name)


async def _erase(service: Service) -> Any:
    customer_id = f"erased-{uuid.uuid4().hex[:8]}"
    order_id = await ordered(service, customer_id=customer_id)
    await service.customer(customer_id).returns.CreateReturn(create((order_id, "1", 1)))
    return privacy_pb.ErasePersonRequest(parent="tenants/acme", person=privacy_pb.Person(customer_id=customer_id))


SUCCEEDING: dict[str, Callable[[Service], Awaitable[Any]]] = {
    "ReturnsService/CreateReturn": _create,
    "ReturnsService/UpdateReturn": _update,
    "ReturnsService/ApproveReturn": _approve,
    "ReturnsService/RejectReturn": _reject,
    "ReturnsService/RecordReceipt": _receive,
    "ReturnsService/CloseReturn": _close,
    "ReturnsService/ReopenReturn": _reopen,
    "ReturnsService/DeleteReturn": _delete,
    "OrdersService/UpsertOrder": _upsert,
    "PolicyService/UpdateReturnPolicy": _policy,
    "WebhooksService/CreateWebhookEndpoint": _create_endpoint,
    "WebhooksService/UpdateWebhookEndpoint": _update_endpoint,
    "WebhooksService/DeleteWebhookEndpoint": _delete_endpoint,
    "WebhooksService/RotateWebhookSecret": _rotate,
    "WebhooksService/TestWebhookEndpoint": _test_endpoint,
    "WebhooksService/EnableWebhookEndpoint": _enable,
    "WebhooksService/RedeliverWebhook": _redeliver,
    "WebhooksService/CreateWebhookRedelivery": _create_job,
    "WebhooksService/CancelWebhookRedelivery": _cancel_job,
    "PrivacyService/ErasePerson": _erase,
}
"""For each mutation, sets the scene and gives the request; a client with all scopes may send it."""

EXISTING = {
    name: request
    for name, request in SUCCEEDING.items()
    if "etag" in MUTATIONS[name].request_type.DESCRIPTOR.fields_by_name
}
"""The mutations of something that exists: they take an etag."""


async def etag_of(service: Service, request: Any) -> str:
    """The current etag of what a mutation is about."""
    client = service.client(*ALL)
    found: Any
    if isinstance(request, orders_pb.UpsertOrderRequest):
        found = await client.orders.GetOrder(orders_pb.GetOrderRequest(name=request.order.name))
    elif isinstance(request, policy_pb.UpdateReturnPolicyRequest):
        found = await client.policy.GetReturnPolicy(policy_pb.GetReturnPolicyRequest(name=POLICY))
    elif isinstance(request, hooks_pb.UpdateWebhookEndpointRequest):
        name = request.webhook_endpoint.name
        found = await client.webhooks.GetWebhookEndpoint(hooks_pb.GetWebhookEndpointRequest(name=name))
    elif "/webhookEndpoints/" in request.name:
        found = await client.webhooks.GetWebhookEndpoint(hooks_pb.GetWebhookEndpointRequest(name=request.name))
    else:
        found = await client.returns.GetReturn(pb.GetReturnRequest(name=request.name))
    return str(found.etag)


NOT_DUMPED = {"leases"}
"""The timer renews its lease whatever callers do."""


async def dumped(service: Service) -> dict[str, list[str]]:
    """Every row of every table, as text, sorted."""
    assert service.app is not None
    return await dumped_from(service.app.database)


async def dumped_from(database: Database) -> dict[str, list[str]]:
    """The same of a database that is open."""

    async def everything(session: Session) -> dict[str, list[str]]:
        found = {}
        for table in metadata.sorted_tables:
            if table.name not in NOT_DUMPED:
                rows = await session.fetch(session.dialect.prepare(sa.select(table)))
                found[table.name] = sorted(repr(tuple(row)) for row in rows)
        return found

    return await database.read(everything)
