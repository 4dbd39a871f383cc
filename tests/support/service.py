"""A served Returns Service and clients of it, over real gRPC with real tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from commerce.returns.v1 import (
    orders_service_pb2_grpc,
    policy_service_pb2_grpc,
    privacy_service_pb2_grpc,
    returns_service_pb2_grpc,
    webhooks_service_pb2_grpc,
)
from returns_server.addresses import Address
from returns_server.bootstrap import App, running
from returns_server.clock import Clock, system_clock
from returns_server.config import Settings
from returns_server.devtokens import development_key, mint_token
from returns_server.domain.ids import Micros
from returns_server.storage import migrations

STAFF = ("returns.returns_manage",)
FEED = ("returns.orders_manage",)
ALL = (
    "returns.returns_manage",
    "returns.orders_manage",
    "returns.policy_manage",
    "returns.webhooks_manage",
    "returns.privacy_manage",
)
CUSTOMER = ("returns.returns_manage_own",)
UNHURRIED = {"per_customer": 0}
"""Tests call as fast as the machine can, which no person does; tests of the rates give them."""


class Client:
    """The stubs of all services over one channel, with a token on every call."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.returns = returns_service_pb2_grpc.ReturnsServiceStub(channel)
        self.orders = orders_service_pb2_grpc.OrdersServiceStub(channel)
        self.policy = policy_service_pb2_grpc.PolicyServiceStub(channel)
        self.webhooks = webhooks_service_pb2_grpc.WebhooksServiceStub(channel)
        self.privacy = privacy_service_pb2_grpc.PrivacyServiceStub(channel)

    def stub(self, service: str) -> Any:
        """The stub of a service by its name, such as ReturnsService."""
        return getattr(self, service.removesuffix("Service").lower())


class _WithToken(
    grpc.aio.UnaryUnaryClientInterceptor, grpc.aio.UnaryStreamClientInterceptor, grpc.aio.StreamUnaryClientInterceptor
):
    def __init__(self, token: str) -> None:
        self._header = ("authorization", f"Bearer {token}")

    def _details(self, details: Any) -> Any:
        return details._replace(metadata=grpc.aio.Metadata(*(details.metadata or ()), self._header))

    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return await continuation(self._details(details), request)

    async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        return await continuation(self._details(details), request)

    async def intercept_stream_unary(self, continuation: Any, details: Any, request_iterator: Any) -> Any:
        return await continuation(self._details(details), request_iterator)


def _interceptors(token: str) -> list[Any]:
    # One object of all kinds would be taken for its first kind only.
    one = _WithToken(token)
    kinds: list[tuple[type, str]] = [
        (grpc.aio.UnaryUnaryClientInterceptor, "intercept_unary_unary"),
        (grpc.aio.UnaryStreamClientInterceptor, "intercept_unary_stream"),
        (grpc.aio.StreamUnaryClientInterceptor, "intercept_stream_unary"),
    ]
    return [type(name, (kind,), {name: staticmethod(getattr(one, name))})() for kind, name in kinds]


@dataclass
class Service:
    """Where a server serves, and how to get in: tokens of its development key."""

    address: str
    data_dir: Path
    app: App | None = None
    clock: Clock = system_clock
    options: Sequence[tuple[str, Any]] = ()
    """Of every channel."""
    _channels: list[grpc.aio.Channel] = field(default_factory=list)

    def token(self, *scopes: str, tenant: str = "acme", subject: str = "bob", **claims: Any) -> str:
        return mint_token(
            development_key(self.data_dir), self.clock(), tenant=tenant, scopes=scopes, subject=subject, **claims
        )

    def client(self, *scopes: str, tenant: str = "acme", subject: str = "bob", **claims: Any) -> Client:
        """A client whose token has these scopes (staff's without any)."""
        token = self.token(*(scopes or STAFF), tenant=tenant, subject=subject, **claims)
        return self.client_with(token)

    def connections(self, count: int, *scopes: str) -> list[Client]:
        """So many clients, each with a connection of its own: others of this process share one."""
        alone = [("grpc.use_local_subchannel_pool", 1)]
        return [self.client_with(self.token(*(scopes or STAFF)), alone) for _ in range(count)]

    def client_with(self, token: str | None, more_options: Sequence[tuple[str, int]] = ()) -> Client:
        interceptors = _interceptors(token) if token else None
        options = [*self.options, *more_options]
        channel = grpc.aio.insecure_channel(self.address, options=options, interceptors=interceptors)
        self._channels.append(channel)
        return Client(channel)

    def customer(self, customer_id: str, tenant: str = "acme", **claims: Any) -> Client:
        return self.client(*CUSTOMER, tenant=tenant, subject=f"sub-{customer_id}", customer_id=customer_id, **claims)

    async def close(self) -> None:
        for channel in self._channels:
            await channel.close()


class MovableClock:
    """The time, which a test can move forward."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> Micros:
        return Micros(time.time_ns() // 1_000 + self.ahead)

    def forward(self, seconds: float) -> None:
        self.ahead += round(seconds * 1_000_000)


def settings_for(data_dir: Path, database_url: str | None = None, **more: Any) -> Settings:
    if database_url is not None:
        migrations.upgrade(database_url)
    given: dict[str, Any] = {
        "listen": Address("127.0.0.1", 0),
        "data_dir": data_dir,
        "database_url": database_url,
        "rate": UNHURRIED,
    }
    return Settings(**{**given, **more})


@asynccontextmanager
async def serving(
    data_dir: Path,
    database_url: str | None = None,
    *,
    clock: Clock = system_clock,
    steady: Callable[[], int] = time.monotonic_ns,
    **more: Any,
) -> AsyncIterator[Service]:
    """A server in this process, on a free port, and gone afterwards."""
    settings = settings_for(
        data_dir, database_url, **{"shutdown_grace_seconds": 2, "expiry_interval_seconds": 3600, **more}
    )
    async with running(settings, dev=True, clock=clock, steady=steady) as app:
        service = Service(app.address, data_dir, app, clock)
        try:
            yield service
        finally:
            await service.close()


@dataclass
class Refusal:
    """An error as a client gets it."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: dict[str, str]
    fields: list[str]
    size: int
    retry_seconds: float | None = None
    """When another try has a chance; None where it has none."""


def refusal_of(error: grpc.aio.AioRpcError) -> Refusal:
    """The typed details of an error; fails where it has none."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]
    assert status is not None, f"no details: {error.code()} {error.details()}"
    info, fields, retry = error_details_pb2.ErrorInfo(), [], None
    for detail in status.details:
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            detail.Unpack(info)
        if detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad = error_details_pb2.BadRequest()
            detail.Unpack(bad)
            fields = [violation.field for violation in bad.field_violations]
        if detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            wait = error_details_pb2.RetryInfo()
            detail.Unpack(wait)
            retry = wait.retry_delay.ToNanoseconds() / 1e9
    assert info.domain == "returns.commerce"
    facts, size = dict(info.metadata), status.ByteSize()
    return Refusal(error.code(), error.details() or "", info.reason, facts, fields, size, retry)


@contextmanager
def refused(reason: str, code: grpc.StatusCode | None = None) -> Iterator[list[Refusal]]:
    """Expects a typed error; what came is in the list afterwards."""
    caught: list[Refusal] = []
    try:
        yield caught
    except grpc.aio.AioRpcError as error:
        caught.append(refusal_of(error))
        assert caught[0].reason == reason, caught[0]
        assert code is None or caught[0].code is code, caught[0]
        assert caught[0].size < 4096
    else:
        raise AssertionError(f"not refused with {reason}")


async def outcome(call: Awaitable[Any]) -> Any:
    """The answer, or the Refusal."""
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        return refusal_of(error)


async def gathered(calls: Sequence[Awaitable[Any]]) -> list[Any]:
    """Answers and refusals of calls made at once."""
    return list(await asyncio.gather(*(outcome(call) for call in calls)))


Make = Callable[..., Any]
