"""Who plays: people and programs with tokens of their own, and what they call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

import grpc

from commerce.returns.v1.orders_service_pb2_grpc import OrdersServiceStub
from commerce.returns.v1.policy_service_pb2_grpc import PolicyServiceStub
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub
from commerce.returns.v1.webhooks_service_pb2_grpc import WebhooksServiceStub
from tools.local_server import LocalServer

TENANT = "giftshop"
PARENT = f"tenants/{TENANT}"
CALL_SECONDS = 20.0

CUSTOMER_SCOPES = "returns.returns_manage_own"
STAFF_SCOPES = "returns.returns_manage"

Request_contra = TypeVar("Request_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)
Metadata = tuple[tuple[str, str], ...]


class Method(Protocol[Request_contra, Answer_co]):
    """A method of a stub: one request, one answer."""

    def __call__(
        self, request: Request_contra, /, timeout: float | None = None, metadata: Metadata | None = None
    ) -> Answer_co:
        """Answers, or raises grpc.RpcError."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token."""

    name: str
    metadata: Metadata

    def asks(self, method: Method[Request_contra, Answer_co], request: Request_contra) -> Answer_co:
        """The answer to a call with this person's token."""
        return method(request, timeout=CALL_SECONDS, metadata=self.metadata)


@dataclass(frozen=True, slots=True)
class Desk:
    """The services of one server, and the way to its tokens."""

    server: LocalServer
    returns: ReturnsServiceStub
    orders: OrdersServiceStub
    policy: PolicyServiceStub
    webhooks: WebhooksServiceStub

    @classmethod
    def over(cls, server: LocalServer, channel: grpc.Channel) -> Desk:
        """The services behind a channel."""
        return cls(
            server,
            ReturnsServiceStub(channel),
            OrdersServiceStub(channel),
            PolicyServiceStub(channel),
            WebhooksServiceStub(channel),
        )

    def person(self, name: str, subject: str, scopes: str, *options: str) -> Person:
        """A person with a token of these scopes; `options` are further ones of `returns-server token`."""
        token = self.server.token(TENANT, subject, scopes, *options)
        return Person(name, (("authorization", f"Bearer {token}"),))
