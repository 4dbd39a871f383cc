"""The public face as a typed program uses it: `make lint` checks these functions with mypy --strict, tests run them."""

from __future__ import annotations

import asyncio
import inspect
from datetime import timedelta
from pathlib import Path
from typing import Any, assert_type

import pytest

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.order_pb2 import Order
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from commerce.returns.v1.return_pb2 import ReceiptItem, Return
from commerce.returns.v1.returnable_item_pb2 import ReturnableItem
from commerce.returns.v1.returns_service_pb2 import ApprovalItem, ListReturnsResponse, StreamReturnEventsRequest
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from commerce.returns.v1.webhooks_service_pb2 import RotateWebhookSecretResponse
from returns_client import AsyncReturnsClient, ReturnsClient, ReturnsError
from returns_client.exceptions import InvalidState, WebhookEndpointNotFound
from tests.support.faces import asynchronous, synchronous
from tests.support.messages import draft, line, order
from tests.support.service import serving


async def use_async(client: AsyncReturnsClient) -> list[str]:
    """One of everything, with the types that a program sees."""
    told = []
    stored = await client.orders.upsert(order("o1", line(quantity=9)))
    assert_type(stored, Order)
    told.extend([assert_type(sold, Order).name async for sold in client.orders.list(filter='customer_id="c1"')])
    async for item in client.returns.returnable_items(order="o1"):
        assert_type(item, ReturnableItem)
    filed = await client.returns.create(draft(("o1", "1", 3)), return_id="rma-1")
    assert_type(filed, Return)
    changed = await client.returns.update(
        filed.name, ReturnDraft(reason=Reason(details="late")), update_mask=["reason.details"], etag=filed.etag
    )
    told.append(f"{changed.reason.code}: {changed.reason.details}")
    await client.returns.approve("rma-1", items=[ApprovalItem(order="o1", line_id="1", quantity=2)])
    received = await client.returns.record_receipt(
        "rma-1", "p1", items=[ReceiptItem(order="o1", line_id="1", quantity=1)]
    )
    told.append(Return.GoodsState.Name(received.goods_state))
    closed = await client.returns.close("rma-1", close_reason=Return.CLOSE_REASON_COMPLETED, reason=Reason(code="X"))
    told.append(Return.State.Name(closed.state))
    try:
        await client.returns.reject("rma-1", Reason(code="USED"))
    except InvalidState as error:
        told.append(assert_type(error.state, str))
        assert_type(error.allowed_actions, tuple[str, ...])
    reopened = await client.returns.reopen("rma-1", reason=Reason(code="MISTAKE"))
    told.append(Return.State.Name(reopened.state))
    second = await client.returns.create(draft(("o1", "1", 1)))
    assert_type(await client.returns.delete(second.name, etag=second.etag), None)
    [again] = await client.returns.batch_get(["rma-1"])
    told.append(again.number)
    async for page in client.returns.list(order_by="create_time", include_total_size=True).pages():
        assert_type(page, ListReturnsResponse)
        told.append(str(page.total_size))
    async with client.events.follow(start=StreamReturnEventsRequest.START_EARLIEST) as events:
        async for event in events:
            assert_type(event, ReturnEvent)
            told.append(event.type)
            if event.type == "return.deleted":
                break
    timeline = [event.sequence async for event in client.events.list("rma-1")]
    told.append(str(len(timeline)))
    policy = await client.policy.get()
    updated = await client.policy.update(ReturnPolicy(require_etag=True), update_mask="require_etag", etag=policy.etag)
    told.append(str(updated.require_etag))
    created = await client.webhooks.create(WebhookEndpoint(url="https://hooks.example.com/r"), validate_only=True)
    told.append(created.webhook_endpoint.url)
    try:
        rotated = await client.webhooks.rotate_secret("none", grace_period=timedelta(hours=1))
        assert_type(rotated, RotateWebhookSecretResponse)
    except WebhookEndpointNotFound as error:
        told.append(error.code)
    async for endpoint in client.webhooks.list():
        assert_type(endpoint, WebhookEndpoint)
    return told


def use_sync(client: ReturnsClient) -> list[str]:
    """The same, without await."""
    told = []
    assert_type(client.orders.upsert(order("o2", line(quantity=9))), Order)
    filed = client.returns.create(draft(("o2", "1", 3)), return_id="rma-2")
    assert_type(filed, Return)
    told.extend([assert_type(one, Return).name for one in client.returns.list(filter="state=PENDING")])
    with client.events.follow(start=StreamReturnEventsRequest.START_EARLIEST) as events:
        for event in events:
            told.append(assert_type(event, ReturnEvent).type)
            break
    try:
        client.returns.get("none")
    except ReturnsError as error:
        told.append(assert_type(error.reason, str))
    return told


async def test_a_typed_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(tmp_path / "data") as service, asynchronous(service) as client:
        monkeypatch.setattr("socket.getaddrinfo", _public)
        assert await use_async(client) == [
            *("tenants/acme/orders/o1", "DEFECT: late", "GOODS_STATE_PARTIALLY_RECEIVED", "STATE_CLOSED", "CLOSED"),
            *("STATE_APPROVED", "R-000001", "1"),
            *("return.created", "return.updated", "return.approved", "return.received", "return.closed"),
            *("return.reopened", "return.created", "return.deleted", "6", "True", "https://hooks.example.com/r"),
            "NOT_FOUND",
        ]
        await client.returns.close("rma-1", etag=(await client.returns.get("rma-1")).etag)
        with synchronous(service) as other:
            told = await asyncio.to_thread(use_sync, other)
        assert told == ["tenants/acme/returns/rma-2", "return.created", "RETURN_NOT_FOUND"]


def _public(host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
    import socket

    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port or 443))]


def test_both_clients_have_the_same_face() -> None:
    """The synchronous one is made from the other; this says so to whoever looks at the face alone."""
    one, other = AsyncReturnsClient, ReturnsClient
    for service in ("returns", "orders", "policy", "webhooks", "events"):
        first, second = (_members(_service(client, service)) for client in (one, other))
        assert first == second, service


def _service(client: type, name: str) -> type:
    module = inspect.getmodule(client)
    kind: type = getattr(module, client.__annotations__[name])
    return kind


def _members(kind: type) -> dict[str, list[str]]:
    return {
        name: list(inspect.signature(member).parameters)
        for name, member in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
