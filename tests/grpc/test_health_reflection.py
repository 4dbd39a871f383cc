"""Health and reflection, which need no token."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from commerce.returns.v1.returns_service_pb2 import GetReturnRequest
from returns_server.transport import health
from tests.support.postgres import PostgresServer
from tests.support.service import Service, refused, serving
from tests.support.streams import streaming

SERVICES = {
    f"commerce.returns.v1.{name}"
    for name in ("ReturnsService", "OrdersService", "PolicyService", "WebhooksService", "PrivacyService")
}


# The stubs of both packages know synchronous channels only.
def _health(service: Service) -> Any:
    stub: Any = health_pb2_grpc.HealthStub(service.client_with(None).channel)
    return stub


def _reflection(service: Service) -> Any:
    channel: Any = service.client_with(None).channel
    return reflection_pb2_grpc.ServerReflectionStub(channel)


@pytest.mark.parametrize("name", ["", "liveness", "readiness", *sorted(SERVICES)])
async def test_health_is_told_without_a_token(service: Service, name: str) -> None:
    stub = _health(service)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=name))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def told(stub: Any, name: str) -> Any:
    return (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status


async def test_a_server_without_its_database_lives_and_is_not_ready(
    tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_LOOK_SECONDS", 0.2)
    serving_, not_serving = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
    async with serving(tmp_path / "data", postgres_server.new_database()) as service:
        stub = _health(service)
        assert await told(stub, "readiness") == serving_
        await asyncio.to_thread(postgres_server.stop, "fast")
        async with asyncio.timeout(60):
            while await told(stub, "readiness") != not_serving:
                await asyncio.sleep(0.05)
        # What is told to clients stays: they get a reason with every call, rather than no server at all.
        assert [await told(stub, name) for name in ("liveness", "", *SERVICES)] == [serving_] * (2 + len(SERVICES))
        with refused("STORAGE_UNAVAILABLE", grpc.StatusCode.UNAVAILABLE):
            await service.client().returns.GetReturn(GetReturnRequest(name="tenants/acme/returns/no-such"))
        await asyncio.to_thread(postgres_server.start)
        async with asyncio.timeout(60):
            while await told(stub, "readiness") != serving_:
                await asyncio.sleep(0.05)


async def test_a_server_that_is_being_stopped_lives_and_is_not_ready(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", shutdown_grace_seconds=60) as service:
        assert service.app is not None
        stub, client = _health(service), service.client()
        async with streaming(client) as stream:
            await stream.until_caught_up()
            watching = stub.Watch(health_pb2.HealthCheckRequest(service="readiness"))
            assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
            stopping = asyncio.create_task(service.app.server.stop(60))
            assert (await watching.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
            assert await told(stub, "liveness") == health_pb2.HealthCheckResponse.SERVING
            watching.cancel()
            await stream.to_the_end()
        await stopping


async def test_the_health_of_a_service_that_does_not_exist_is_not_found(service: Service) -> None:
    stub = _health(service)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await stub.Check(health_pb2.HealthCheckRequest(service="commerce.returns.v1.NoService"))
    assert refusal.value.code() is grpc.StatusCode.NOT_FOUND


async def test_reflection_tells_every_service_and_its_file_without_a_token(service: Service) -> None:
    stub = _reflection(service)
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="commerce.returns.v1.ReturnsService"),
    ]
    listed, file = [answer async for answer in stub.ServerReflectionInfo(iter(asked))]
    assert {one.name for one in listed.list_services_response.service} >= SERVICES | {"grpc.health.v1.Health"}
    assert any(
        b"returns_service.proto" in descriptor for descriptor in file.file_descriptor_response.file_descriptor_proto
    )


async def test_reflection_can_be_switched_off(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", reflection=False) as service:
        stub = _reflection(service)
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            async for _ in stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")])):
                pass
        assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED
