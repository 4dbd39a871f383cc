"""Calls as one tenant's staff: who, where, and with which request ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import grpc.aio

from commerce.returns.v1.orders_service_pb2_grpc import OrdersServiceStub
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub

if TYPE_CHECKING:  # Names of the stubs alone: at run time one class serves both kinds of channel.
    from commerce.returns.v1.orders_service_pb2_grpc import OrdersServiceAsyncStub
    from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceAsyncStub

CALL_SECONDS = 60.0
IN_FLIGHT = 16
"""Requests that are under way at the same time."""

_NAMESPACE = UUID("5a3ff0c6-7f3a-4c1b-9d2e-0c6a1b8f4e71")


@dataclass(frozen=True, slots=True)
class Session:
    """The two services, called for one tenant."""

    tenant: str
    returns: ReturnsServiceAsyncStub
    orders: OrdersServiceAsyncStub
    metadata: tuple[tuple[str, str], ...]

    @classmethod
    def over(cls, channel: grpc.aio.Channel, tenant: str, token: str) -> Session:
        """A session with this token."""
        bearer = (("authorization", f"Bearer {token}"),)
        return cls(tenant, ReturnsServiceStub(channel), OrdersServiceStub(channel), bearer)

    @property
    def parent(self) -> str:
        """The tenant's resource name."""
        return f"tenants/{self.tenant}"

    def request_id(self, *what: str) -> str:
        """The request id of a step; the same for the same step of the same tenant."""
        return str(uuid5(_NAMESPACE, "/".join((self.tenant, *what))))
