"""Traces: one from the call over its commit and its event to the webhook, and none where nobody asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1 import webhooks_service_pb2 as hooks_pb
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from tests.support.collector import Span, collecting
from tests.support.hooks import everything, made
from tests.support.messages import create, feed, line, order
from tests.support.receiver import receiving
from tests.support.service import refused, serving

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"


def named(spans: list[Span], name: str) -> Span:
    [found] = [span for span in spans if span.name == name]
    return found


async def test_one_trace_leads_from_the_call_to_the_webhook(tmp_path: Path, database_url: str | None) -> None:
    async with (
        collecting() as collector,
        receiving() as receiver,
        serving(tmp_path / "data", database_url, traces={"endpoint": collector.url, "ratio": 0}) as service,
    ):
        client = everything(service)
        endpoint, _ = await made(client, receiver.url)
        await feed(client, order("1001", line("1", 3, 3000)))
        filed = await client.returns.CreateReturn(create(("1001", "1", 1)), metadata=(("traceparent", SAMPLED),))
        await receiver.has(1)
        spans = await collector.until(lambda spans: any(span.name == "webhook attempt" for span in spans))

        assert {span.trace_id for span in spans} == {TRACE}  # calls without a trace got none: the ratio is 0
        server = named(spans, "commerce.returns.v1.ReturnsService/CreateReturn")
        batch, event = named(spans, "database batch"), named(spans, "event return.created")
        attempt = named(spans, "webhook attempt")
        assert server.parent_id == PARENT
        assert {batch.parent_id, event.parent_id, attempt.parent_id} == {server.span_id}
        assert server.attributes["rpc.grpc.status_code"] == 0
        assert server.attributes["returns.tenant"] == "acme"
        assert 0 < batch.seconds <= server.seconds + 0.1
        assert batch.attributes["returns.batch.commands"] == 1
        assert event.attributes["returns.return_id"] == filed.name.rpartition("/")[2]
        assert attempt.attributes["http.response.status_code"] == 200
        assert attempt.attributes["returns.webhook_endpoint"] == endpoint.name.rpartition("/")[2]

        # Who receives the message goes on within the attempt, and finds the call's span in the event.
        assert receiver.accepted[0].headers["traceparent"] == f"00-{TRACE}-{attempt.span_id}-01"
        events = await client.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=filed.name))
        assert events.events[0].trace_parent == f"00-{TRACE}-{server.span_id}-01"


async def test_calls_without_a_trace_get_one_by_the_ratio(tmp_path: Path) -> None:
    async with collecting() as collector:
        async with serving(tmp_path / "data", traces={"endpoint": collector.url, "ratio": 1}) as service:
            client = everything(service)
            with refused("RETURN_NOT_FOUND"):
                await client.returns.GetReturn(pb.GetReturnRequest(name="tenants/acme/returns/none"))
            with pytest.raises(grpc.aio.AioRpcError):
                await service.client_with(None).returns.GetReturn(pb.GetReturnRequest(name="tenants/acme/returns/x"))
        # The server has ended, and what it had has been sent.
        found, nobody = collector.spans
        assert (found.attributes["rpc.grpc.status_code"], found.failed) == (5, False)
        assert (nobody.attributes["rpc.grpc.status_code"], nobody.attributes["returns.tenant"]) == (16, "")
        assert found.trace_id != nobody.trace_id
        assert found.parent_id == ""


async def test_who_says_that_a_trace_is_not_kept_is_heard_to_the_end(tmp_path: Path) -> None:
    async with receiving() as receiver, collecting() as collector:
        async with serving(tmp_path / "data", traces={"endpoint": collector.url, "ratio": 1}) as service:
            client = everything(service)
            metadata: Any = (("traceparent", NOT_SAMPLED),)
            endpoint = hooks_pb.CreateWebhookEndpointRequest(
                parent="tenants/acme", webhook_endpoint=WebhookEndpoint(url=receiver.url)
            )
            await client.webhooks.CreateWebhookEndpoint(endpoint, metadata=metadata)
            await feed(client, order("1001", line("1", 3, 3000)))
            await client.returns.CreateReturn(create(("1001", "1", 1)), metadata=metadata)
            await receiver.has(1)
        assert [span.name.rpartition("/")[2] for span in collector.spans] == ["ImportOrders"]  # which brought no trace
        version, trace_id, _, flags = receiver.accepted[0].headers["traceparent"].split("-")
        assert (version, trace_id, flags) == ("00", TRACE, "00")


async def test_without_an_endpoint_a_clients_trace_still_travels(tmp_path: Path) -> None:
    async with receiving() as receiver, serving(tmp_path / "data") as service:
        client = everything(service)
        await made(client, receiver.url)
        await feed(client, order("1001", line("1", 3, 3000)))
        filed = await client.returns.CreateReturn(create(("1001", "1", 1)), metadata=(("traceparent", SAMPLED),))
        await receiver.has(1)
        assert receiver.accepted[0].headers["traceparent"].startswith(f"00-{TRACE}-")
        events = await client.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=filed.name))
        assert events.events[0].trace_parent == SAMPLED


async def test_a_collector_that_is_not_there_is_nobodys_trouble(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", traces={"endpoint": "http://127.0.0.1:9/v1/traces", "ratio": 1}) as service:
        client = everything(service)
        await feed(client, order("1001", line("1", 3, 3000)))
        assert (await client.returns.CreateReturn(create(("1001", "1", 1)))).version == 1
