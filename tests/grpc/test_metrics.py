"""The metrics: what happens is counted under the names that dashboards and alerts ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.addresses import Address, AddressTaken
from returns_server.telemetry import exposition
from tests.support.hooks import everything, made
from tests.support.messages import create, feed, line, order
from tests.support.receiver import receiving
from tests.support.scraping import exchanged, scraped, until, value
from tests.support.service import Service, refused, serving

HERE = Address("127.0.0.1", 0)


@pytest.fixture
async def service_with_metrics(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data", metrics_listen=HERE) as service:
        yield service


def address_of(service: Service) -> str:
    assert service.app is not None
    assert service.app.metrics_address is not None
    return service.app.metrics_address


async def test_calls_refusals_batches_and_logs_are_counted(tmp_path: Path, database_url: str | None) -> None:
    async with serving(tmp_path / "data", database_url, metrics_listen=HERE) as service:
        client = everything(service)
        await feed(client, order("1001", line("1", 3, 3000)))
        filed = await client.returns.CreateReturn(create(("1001", "1", 3)))
        for _ in range(2):
            await client.returns.GetReturn(pb.GetReturnRequest(name=filed.name))
        with refused("QUANTITY_EXCEEDS_RETURNABLE"):
            await client.returns.CreateReturn(create(("1001", "1", 1)))
        samples = await until(address_of(service), lambda now: now.get(("returns_log_events", frozenset())) is not None)
        get = {"method": "ReturnsService/GetReturn", "code": "OK"}
        assert value(samples, "returns_grpc_calls_total", **get) == 2
        assert value(samples, "returns_grpc_call_seconds_count", **get) == 2
        failed = {"method": "ReturnsService/CreateReturn", "code": "FAILED_PRECONDITION"}
        assert value(samples, "returns_grpc_calls_total", **failed) == 1
        assert value(samples, "returns_refusals_total", reason="QUANTITY_EXCEEDS_RETURNABLE", cause="") == 1
        assert value(samples, "returns_refusals_total", reason="OVERLOADED", cause="") == 0
        assert value(samples, "returns_writer_batch_commands_sum") == 3
        assert value(samples, "returns_writer_batch_seconds_count") == value(
            samples, "returns_writer_wait_seconds_count"
        )
        assert value(samples, "returns_writer_queue") == 0
        assert value(samples, "returns_database_connections") >= 2
        assert (("returns_database_pool_free", frozenset()) in samples) == (database_url is not None)
        assert samples["returns_loop_lag_seconds_count", frozenset()] >= 0
        assert samples["process_resident_memory_bytes", frozenset()] > 0


async def test_the_log_and_its_streams_are_measured(service_with_metrics: Service) -> None:
    client = everything(service_with_metrics)
    address = address_of(service_with_metrics)
    await feed(client, order("1001", line("1", 100, 100_000)))
    stream: Any = client.returns.StreamReturnEvents(
        pb.StreamReturnEventsRequest(parent="tenants/acme", start=pb.StreamReturnEventsRequest.START_LATEST)
    )
    assert (await stream.read()).WhichOneof("content") == "caught_up"
    await client.returns.CreateReturn(create(("1001", "1", 1)))
    assert len((await stream.read()).batch.events) == 1
    samples = await scraped(address)
    assert value(samples, "returns_streams") == 1
    assert value(samples, "returns_stream_lag_seconds_count") == 1
    assert value(samples, "returns_stream_lag_seconds_sum") < 5
    assert value(samples, "returns_stream_most_behind_events") == 0
    assert value(samples, "returns_grpc_calls_in_progress") == 1
    stream.cancel()
    await until(address, lambda now: value(now, "returns_streams") == 0)


async def test_the_head_of_each_log_is_told(tmp_path: Path, database_url: str | None) -> None:
    async with serving(tmp_path / "data", database_url) as service:
        for tenant, count in (("acme", 2), ("other", 1)):
            client = everything(service, tenant)
            await feed(client, order("1", line("1", 9, 9_000), tenant=tenant), tenant=tenant)
            for _ in range(count):
                await client.returns.CreateReturn(create(("1", "1", 1), tenant=tenant))
        assert service.app is not None
        sizes = await service.app.reads.log_sizes(10)
        assert (sizes.events, sizes.tenants, list(sizes.heads)) == (3, 2, [("acme", 2), ("other", 1)])
        assert list((await service.app.reads.log_sizes(1)).heads) == [("acme", 2)]


async def test_webhooks_are_measured(service_with_metrics: Service) -> None:
    client = everything(service_with_metrics)
    async with receiving() as receiver:
        await made(client, receiver.url)
        await feed(client, order("1001", line("1", 100, 100_000)))
        await client.returns.CreateReturn(create(("1001", "1", 1)))
        await receiver.has(1)
        samples = await until(
            address_of(service_with_metrics), lambda now: value(now, "returns_webhook_age_seconds_count") == 1
        )
        assert value(samples, "returns_webhook_attempts_total", outcome="2xx") == 1


async def test_there_is_nothing_but_the_metrics(service_with_metrics: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    address = address_of(service_with_metrics)
    line, _ = await exchanged(address, b"GET / HTTP/1.1\r\n\r\n")
    assert line.startswith("HTTP/1.1 404")
    line, _ = await exchanged(address, b"POST /metrics HTTP/1.1\r\n\r\n")
    assert line.startswith("HTTP/1.1 405")
    assert await exchanged(address, b"GET /metrics HTTP/1.1\r\n" + b"x" * 40_000 + b"\r\n\r\n") == ("", b"")
    monkeypatch.setattr(exposition, "_EXCHANGE_SECONDS", 0.1)
    assert await exchanged(address, b"GET /met") == ("", b"")


async def test_who_opens_connections_without_end_is_sent_away(service_with_metrics: Service) -> None:
    host, port = address_of(service_with_metrics).rsplit(":", 1)
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(16)]
    assert await exchanged(address_of(service_with_metrics), b"GET /metrics HTTP/1.1\r\n\r\n") == ("", b"")
    for _, writer in idle:
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(10):
        while not (await exchanged(address_of(service_with_metrics), b"GET /metrics HTTP/1.1\r\n\r\n"))[0].endswith(
            "OK"
        ):
            await asyncio.sleep(0.02)


async def test_a_taken_port_is_told(service_with_metrics: Service, tmp_path: Path) -> None:
    taken = Address("127.0.0.1", int(address_of(service_with_metrics).rsplit(":", 1)[1]))
    with pytest.raises(AddressTaken, match=str(taken.port)):
        async with serving(tmp_path / "second", metrics_listen=taken):
            pass
