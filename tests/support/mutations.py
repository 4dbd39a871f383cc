"""For every mutation of the contract a request that succeeds, and everything that a database holds."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from google.protobuf.duration_pb2 import Duration

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from returns_server.storage.session import Session
from returns_server.storage.tables import metadata
from tests.support.messages import create, draft, line, order, reason
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
}
"""For each mutation, sets the scene and gives the request; a client with all scopes may send it."""

EXISTING = {name: request for name, request in SUCCEEDING.items() if name != "ReturnsService/CreateReturn"}
"""The mutations of something that exists: they take an etag."""


async def etag_of(service: Service, request: Any) -> str:
    """The current etag of what a mutation is about."""
    client = service.client(*ALL)
    found: Any
    if isinstance(request, orders_pb.UpsertOrderRequest):
        found = await client.orders.GetOrder(orders_pb.GetOrderRequest(name=request.order.name))
    elif isinstance(request, policy_pb.UpdateReturnPolicyRequest):
        found = await client.policy.GetReturnPolicy(policy_pb.GetReturnPolicyRequest(name=POLICY))
    else:
        found = await client.returns.GetReturn(pb.GetReturnRequest(name=request.name))
    return str(found.etag)


NOT_DUMPED = {"leases"}
"""The timer renews its lease whatever callers do."""


async def dumped(service: Service) -> dict[str, list[str]]:
    """Every row of every table, as text, sorted."""
    assert service.app is not None

    async def everything(session: Session) -> dict[str, list[str]]:
        found = {}
        for table in metadata.sorted_tables:
            if table.name not in NOT_DUMPED:
                rows = await session.fetch(session.dialect.prepare(sa.select(table)))
                found[table.name] = sorted(repr(tuple(row)) for row in rows)
        return found

    return await service.app.database.read(everything)
