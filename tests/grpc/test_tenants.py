"""Tenants are walls: method by method, a token of one can do nothing to and learn nothing of another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import privacy_service_pb2 as privacy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1 import webhooks_service_pb2 as hooks_pb
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.return_pb2 import ReceiptItem
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from tests.support.messages import create, draft, order, reason
from tests.support.methods import METHODS, about, call, put
from tests.support.scenes import filed, found, only_order
from tests.support.service import ALL, Client, Refusal, Service, outcome, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Walls:
    """Something of acme that the other tenant has no copy of, and staff of the other tenant with every scope."""

    service: Service
    order: str
    ret: str
    stranger: Client
    endpoint: str
    job: str

    def order_name(self, tenant: str) -> str:
        return f"tenants/{tenant}/orders/{self.order}"

    def name(self, tenant: str) -> str:
        return f"tenants/{tenant}/returns/{self.ret}"

    def hook(self, tenant: str, below: str = "") -> str:
        return f"tenants/{tenant}/webhookEndpoints/{self.endpoint}{below}"


@pytest_asyncio.fixture(loop_scope="module")
async def walls(shared: Service) -> Walls:
    ret = await filed(shared)
    stranger = shared.client(*ALL, tenant="other", subject="bob")
    mine = shared.client(*ALL)
    url = WebhookEndpoint(url="http://127.0.0.1:9/hook")
    made = await mine.webhooks.CreateWebhookEndpoint(
        hooks_pb.CreateWebhookEndpointRequest(parent=ACME, webhook_endpoint=url)
    )
    endpoint = made.webhook_endpoint.name
    job = await mine.webhooks.CreateWebhookRedelivery(
        hooks_pb.CreateWebhookRedeliveryRequest(endpoint=endpoint, start_time=Timestamp(seconds=1))
    )
    ids = (endpoint.rpartition("/")[2], job.name.rpartition("/")[2])
    return Walls(shared, only_order(ret), ret.name.rpartition("/")[2], stranger, *ids)


ACME = "tenants/acme"
OTHER = "tenants/other"

Requests = Callable[[Walls], Any]
NAMED: dict[str, Requests] = {
    "ReturnsService/CreateReturn": lambda w: create((w.order, "1", 1), tenant="acme"),
    "ReturnsService/GetReturn": lambda w: pb.GetReturnRequest(name=w.name("acme")),
    "ReturnsService/BatchGetReturns": lambda w: pb.BatchGetReturnsRequest(parent=ACME, names=[w.name("acme")]),
    "ReturnsService/ListReturns": lambda _: pb.ListReturnsRequest(parent=ACME, include_total_size=True),
    "ReturnsService/UpdateReturn": lambda w: pb.UpdateReturnRequest(name=w.name("acme"), draft=draft(code="X")),
    "ReturnsService/ApproveReturn": lambda w: pb.ApproveReturnRequest(name=w.name("acme")),
    "ReturnsService/RejectReturn": lambda w: pb.RejectReturnRequest(name=w.name("acme"), reason=reason()),
    "ReturnsService/RecordReceipt": lambda w: pb.RecordReceiptRequest(name=w.name("acme"), receipt_id="r"),
    "ReturnsService/CloseReturn": lambda w: pb.CloseReturnRequest(name=w.name("acme")),
    "ReturnsService/ReopenReturn": lambda w: pb.ReopenReturnRequest(name=w.name("acme")),
    "ReturnsService/DeleteReturn": lambda w: pb.DeleteReturnRequest(name=w.name("acme")),
    "ReturnsService/ListReturnableItems": lambda w: pb.ListReturnableItemsRequest(parent=ACME, order=w.order),
    "ReturnsService/ListReturnEvents": lambda w: pb.ListReturnEventsRequest(parent=w.name("acme")),
    "ReturnsService/StreamReturnEvents": lambda _: pb.StreamReturnEventsRequest(parent=ACME),
    "OrdersService/ImportOrders": lambda w: orders_pb.ImportOrdersRequest(parent=ACME, order=order(w.order)),
    "OrdersService/UpsertOrder": lambda w: orders_pb.UpsertOrderRequest(order=order(w.order)),
    "OrdersService/GetOrder": lambda w: orders_pb.GetOrderRequest(name=w.order_name("acme")),
    "OrdersService/ListOrders": lambda _: orders_pb.ListOrdersRequest(parent=ACME, include_total_size=True),
    "PolicyService/GetReturnPolicy": lambda _: policy_pb.GetReturnPolicyRequest(name=f"{ACME}/returnPolicy"),
    "PolicyService/UpdateReturnPolicy": lambda _: policy_pb.UpdateReturnPolicyRequest(
        return_policy=ReturnPolicy(name=f"{ACME}/returnPolicy", require_etag=True)
    ),
    "WebhooksService/CreateWebhookEndpoint": lambda _: hooks_pb.CreateWebhookEndpointRequest(
        parent=ACME, webhook_endpoint=WebhookEndpoint(url="http://127.0.0.1:9/hook")
    ),
    "WebhooksService/ListWebhookEndpoints": lambda _: hooks_pb.ListWebhookEndpointsRequest(parent=ACME),
    "WebhooksService/GetWebhookEndpoint": lambda w: hooks_pb.GetWebhookEndpointRequest(name=w.hook("acme")),
    "WebhooksService/UpdateWebhookEndpoint": lambda w: hooks_pb.UpdateWebhookEndpointRequest(
        webhook_endpoint=WebhookEndpoint(name=w.hook("acme"), display_name="mine")
    ),
    "WebhooksService/DeleteWebhookEndpoint": lambda w: hooks_pb.DeleteWebhookEndpointRequest(name=w.hook("acme")),
    "WebhooksService/RotateWebhookSecret": lambda w: hooks_pb.RotateWebhookSecretRequest(name=w.hook("acme")),
    "WebhooksService/TestWebhookEndpoint": lambda w: hooks_pb.TestWebhookEndpointRequest(name=w.hook("acme")),
    "WebhooksService/EnableWebhookEndpoint": lambda w: hooks_pb.EnableWebhookEndpointRequest(name=w.hook("acme")),
    "WebhooksService/ListWebhookDeliveries": lambda w: hooks_pb.ListWebhookDeliveriesRequest(parent=w.hook("acme")),
    "WebhooksService/RedeliverWebhook": lambda w: hooks_pb.RedeliverWebhookRequest(
        delivery=w.hook("acme", "/deliveries/1")
    ),
    "WebhooksService/CreateWebhookRedelivery": lambda w: hooks_pb.CreateWebhookRedeliveryRequest(
        endpoint=w.hook("acme"), start_time=Timestamp(seconds=1)
    ),
    "WebhooksService/GetWebhookRedelivery": lambda w: hooks_pb.GetWebhookRedeliveryRequest(
        name=w.hook("acme", f"/redeliveries/{w.job}")
    ),
    "WebhooksService/ListWebhookRedeliveries": lambda w: hooks_pb.ListWebhookRedeliveriesRequest(parent=w.hook("acme")),
    "WebhooksService/CancelWebhookRedelivery": lambda w: hooks_pb.CancelWebhookRedeliveryRequest(
        name=w.hook("acme", f"/redeliveries/{w.job}")
    ),
    "PrivacyService/ExportPerson": lambda _: privacy_pb.ExportPersonRequest(
        parent=ACME, person=privacy_pb.Person(customer_id="c1")
    ),
    "PrivacyService/ErasePerson": lambda _: privacy_pb.ErasePersonRequest(
        parent=ACME, person=privacy_pb.Person(customer_id="c1")
    ),
}
"""For every method, a request about something of acme."""

NESTED: list[tuple[str, str, Requests]] = [
    (
        "ReturnsService/CreateReturn",
        "draft.orders[0].order",
        lambda w: create((w.order_name("acme"), "1", 1), tenant="other"),
    ),
    (
        "ReturnsService/UpdateReturn",
        "draft.orders[0].order",
        lambda w: pb.UpdateReturnRequest(name=w.name("other"), draft=draft((w.order_name("acme"), "1", 1))),
    ),
    (
        "ReturnsService/ApproveReturn",
        "items[0].order",
        lambda w: pb.ApproveReturnRequest(
            name=w.name("other"), items=[pb.ApprovalItem(order=w.order_name("acme"), line_id="1", quantity=1)]
        ),
    ),
    (
        "ReturnsService/RecordReceipt",
        "items[0].order",
        lambda w: pb.RecordReceiptRequest(
            name=w.name("other"),
            receipt_id="r",
            items=[ReceiptItem(order=w.order_name("acme"), line_id="1", quantity=1)],
        ),
    ),
    (
        "ReturnsService/BatchGetReturns",
        "names[0]",
        lambda w: pb.BatchGetReturnsRequest(parent=OTHER, names=[w.name("acme")]),
    ),
    (
        "ReturnsService/ListReturnableItems",
        "order",
        lambda w: pb.ListReturnableItemsRequest(parent=OTHER, order=w.order_name("acme")),
    ),
    (
        "ReturnsService/ListReturns",
        "filter",
        lambda w: pb.ListReturnsRequest(parent=OTHER, filter=f'orders.order="{w.order_name("acme")}"'),
    ),
]
"""Requests of the other tenant that name something of acme further in, and the field that the refusal must name."""


def _of_others_hooks(name: str, walls: Walls) -> Any:
    request, path = NAMED[name](walls), METHODS[name].resource
    here: Any = request
    for part in path:
        here = getattr(here, part)
    put(request, path, here.replace(ACME, OTHER))
    return request


GUESSED: dict[str, tuple[str, Requests]] = {
    "ReturnsService/CreateReturn": ("ORDER_NOT_FOUND", lambda w: create((w.order, "1", 1), tenant="other")),
    "ReturnsService/ListReturnableItems": (
        "ORDER_NOT_FOUND",
        lambda w: pb.ListReturnableItemsRequest(parent=OTHER, order=w.order),
    ),
    "OrdersService/GetOrder": ("ORDER_NOT_FOUND", lambda w: orders_pb.GetOrderRequest(name=w.order_name("other"))),
} | {
    name: ("RETURN_NOT_FOUND", lambda w, name=name: _of_other(NAMED[name](w), w))
    for name in NAMED
    if name.startswith("ReturnsService/")
    and not name.endswith(("CreateReturn", "ListReturns", "ReturnableItems", "StreamReturnEvents"))
}
GUESSED |= {
    name: ("WEBHOOK_ENDPOINT_NOT_FOUND", partial(_of_others_hooks, name))
    for name in NAMED
    if name.startswith("WebhooksService/") and not name.endswith(("CreateWebhookEndpoint", "ListWebhookEndpoints"))
}
"""Requests of the other tenant, in its own name, for ids that exist in acme alone."""

HARMLESS = {
    "ReturnsService/ListReturns",
    "ReturnsService/StreamReturnEvents",
    "OrdersService/ImportOrders",
    "OrdersService/UpsertOrder",
    "OrdersService/ListOrders",
    "PolicyService/GetReturnPolicy",
    "PolicyService/UpdateReturnPolicy",
    "WebhooksService/CreateWebhookEndpoint",
    "WebhooksService/ListWebhookEndpoints",
    "PrivacyService/ExportPerson",
    "PrivacyService/ErasePerson",
}
"""Methods that answer in the other tenant's own name, and must not touch or show acme: proven below."""


def _of_other(request: Any, walls: Walls) -> Any:
    field = "name" if "name" in request.DESCRIPTOR.fields_by_name else "parent"
    if field == "parent" and hasattr(request, "names"):
        request.parent, request.names[0] = OTHER, walls.name("other")
    else:
        setattr(request, field, walls.name("other"))
    return request


async def test_every_method_of_the_contract_is_walled_in_here(shared: Service) -> None:
    assert set(NAMED) == set(METHODS)
    assert set(GUESSED) | HARMLESS == set(METHODS)
    assert not set(GUESSED) & HARMLESS


@pytest.mark.parametrize("name", METHODS)
async def test_a_name_of_another_tenant_is_refused_whatever_it_names(walls: Walls, name: str) -> None:
    request = NAMED[name](walls)
    before = await found(walls.service.client(), walls.name("acme"))
    if name == "OrdersService/ImportOrders":
        answer = await call(walls.stranger, name, request)
        assert (answer.failed_count, answer.imported_count + answer.updated_count + answer.unchanged_count) == (1, 0)
        assert "another tenant" in answer.failures[0].status.message
    else:
        with refused("TENANT_MISMATCH", grpc.StatusCode.PERMISSION_DENIED) as caught:
            await call(walls.stranger, name, request)
        assert caught[0].metadata["field"]
    assert await found(walls.service.client(), walls.name("acme")) == before


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"OrdersService/ImportOrders"}))
async def test_the_refusal_is_the_same_for_what_does_not_exist(walls: Walls, name: str) -> None:
    with refused("TENANT_MISMATCH") as missing:
        await call(walls.stranger, name, about(name, "nobody"))
    with refused("TENANT_MISMATCH") as existing:
        await call(walls.stranger, name, about(name, "acme"))
    assert missing == existing


@pytest.mark.parametrize(("name", "field", "request_of"), NESTED, ids=[f"{name}-{field}" for name, field, _ in NESTED])
async def test_a_nested_name_of_another_tenant_is_refused(
    walls: Walls, name: str, field: str, request_of: Requests
) -> None:
    with refused("TENANT_MISMATCH", grpc.StatusCode.PERMISSION_DENIED) as caught:
        await call(walls.stranger, name, request_of(walls))
    assert caught[0].metadata["field"] == field


@pytest.mark.parametrize("name", GUESSED)
async def test_an_id_of_another_tenant_is_not_found_in_ones_own(walls: Walls, name: str) -> None:
    reason_, request_of = GUESSED[name]
    with refused(reason_, grpc.StatusCode.NOT_FOUND):
        await call(walls.stranger, name, request_of(walls))


async def test_lists_and_counts_hold_nothing_of_another_tenant(walls: Walls) -> None:
    returns = await walls.stranger.returns.ListReturns(pb.ListReturnsRequest(parent=OTHER, include_total_size=True))
    assert (len(returns.returns), returns.total_size) == (0, 0)
    orders = await walls.stranger.orders.ListOrders(orders_pb.ListOrdersRequest(parent=OTHER, include_total_size=True))
    assert all(one.name.startswith(f"{OTHER}/") for one in orders.orders)
    assert orders.total_size == len(orders.orders)
    events = await walls.stranger.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=OTHER))
    assert not events.events
    stream = pb.StreamReturnEventsRequest(parent=OTHER, start=pb.StreamReturnEventsRequest.START_EARLIEST)
    first = await call(walls.stranger, "ReturnsService/StreamReturnEvents", stream)
    assert first.WhichOneof("content") == "caught_up"
    request = pb.ListReturnableItemsRequest(parent=OTHER, customer_id="c1")
    items = await walls.stranger.returns.ListReturnableItems(request)
    assert all(item.order.startswith(f"{OTHER}/") for item in items.returnable_items)
    hooks = await walls.stranger.webhooks.ListWebhookEndpoints(hooks_pb.ListWebhookEndpointsRequest(parent=OTHER))
    assert all(one.name.startswith(f"{OTHER}/") for one in hooks.webhook_endpoints)


async def test_a_person_of_another_tenant_is_neither_told_nor_erased(walls: Walls) -> None:
    ret = await found(walls.service.client(), walls.name("acme"))
    who = {"customer_id": ret.requestor.customer_id}
    await walls.stranger.privacy.ErasePerson(
        privacy_pb.ErasePersonRequest(parent=OTHER, person=privacy_pb.Person(**who))
    )
    told = await walls.stranger.privacy.ExportPerson(
        privacy_pb.ExportPersonRequest(parent=OTHER, person=privacy_pb.Person(**who))
    )
    assert not [one for one in (*told.orders, *told.returns, *told.events)]  # noqa: C416
    assert await found(walls.service.client(), walls.name("acme")) == ret


async def test_the_same_order_id_is_another_order_in_each_tenant(walls: Walls) -> None:
    mine = order(walls.order, tenant="other", customer_id="someone-else")
    await walls.stranger.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=mine))
    theirs = await walls.service.client().orders.GetOrder(orders_pb.GetOrderRequest(name=walls.order_name("acme")))
    assert (theirs.customer_id, len(theirs.lines)) == ("c1", 2)


async def test_a_policy_binds_its_own_tenant_alone(walls: Walls) -> None:
    request = policy_pb.UpdateReturnPolicyRequest(
        return_policy=ReturnPolicy(name=f"{OTHER}/returnPolicy", require_etag=True)
    )
    await walls.stranger.policy.UpdateReturnPolicy(request)
    theirs = policy_pb.GetReturnPolicyRequest(name=f"{ACME}/returnPolicy")
    assert not (await walls.service.client().policy.GetReturnPolicy(theirs)).require_etag


Page = Callable[[Client, str, str], Awaitable[Any]]
PAGED: dict[str, Page] = {
    "ListReturns": lambda c, parent, token: c.returns.ListReturns(
        pb.ListReturnsRequest(parent=parent, page_size=1, page_token=token)
    ),
    "ListReturnEvents": lambda c, parent, token: c.returns.ListReturnEvents(
        pb.ListReturnEventsRequest(parent=parent, page_size=1, page_token=token)
    ),
    "ListOrders": lambda c, parent, token: c.orders.ListOrders(
        orders_pb.ListOrdersRequest(parent=parent, page_size=1, page_token=token)
    ),
    "ListReturnableItems": lambda c, parent, token: c.returns.ListReturnableItems(
        pb.ListReturnableItemsRequest(parent=parent, customer_id="c1", page_size=1, page_token=token)
    ),
    "ListWebhookEndpoints": lambda c, parent, token: c.webhooks.ListWebhookEndpoints(
        hooks_pb.ListWebhookEndpointsRequest(parent=parent, page_size=1, page_token=token)
    ),
    "ExportPerson": lambda c, parent, token: c.privacy.ExportPerson(
        privacy_pb.ExportPersonRequest(
            parent=parent, person=privacy_pb.Person(customer_id="c1"), page_size=1, page_token=token
        )
    ),
}
BELOW_ENDPOINTS = {"ListWebhookDeliveries", "ListWebhookRedeliveries"}
"""Paged methods whose tokens are tried where there are endpoints with several of each (tests/webhooks)."""


async def _one_hook_more(walls: Walls) -> None:
    """One more endpoint of acme."""
    request = NAMED["WebhooksService/CreateWebhookEndpoint"](walls)
    await walls.service.client(*ALL).webhooks.CreateWebhookEndpoint(request)


async def test_every_paged_method_is_in_the_table(shared: Service) -> None:
    paged = {
        method.short_name
        for method in METHODS.values()
        if "page_token" in method.request_type.DESCRIPTOR.fields_by_name
    }
    assert paged == set(PAGED) | BELOW_ENDPOINTS


@pytest.mark.parametrize("name", PAGED)
async def test_a_page_token_of_another_tenant_is_refused(walls: Walls, name: str) -> None:
    await filed(walls.service)
    await _one_hook_more(walls)
    theirs = await PAGED[name](walls.service.client(*ALL, subject="bob"), ACME, "")
    assert theirs.next_page_token
    answer = await outcome(PAGED[name](walls.stranger, OTHER, theirs.next_page_token))
    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.code) == ("PAGE_TOKEN_INVALID", grpc.StatusCode.INVALID_ARGUMENT)
