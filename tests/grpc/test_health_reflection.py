"""Health and reflection, which need no token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.support.service import Service, serving

SERVICES = {
    f"commerce.returns.v1.{name}" for name in ("ReturnsService", "OrdersService", "PolicyService", "WebhooksService")
}


# The stubs of both packages know synchronous channels only.
def _health(service: Service) -> Any:
    stub: Any = health_pb2_grpc.HealthStub(service.client_with(None).channel)
    return stub


def _reflection(service: Service) -> Any:
    channel: Any = service.client_with(None).channel
    return reflection_pb2_grpc.ServerReflectionStub(channel)


@pytest.mark.parametrize("name", ["", *sorted(SERVICES)])
async def test_health_is_told_without_a_token(service: Service, name: str) -> None:
    stub = _health(service)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=name))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


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
