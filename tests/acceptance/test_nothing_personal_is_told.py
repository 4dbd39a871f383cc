"""Names, addresses, tokens and secrets pass through a server that tells all it can: logs, metrics and traces have none.

The rest of the suite is looked through at its end (`conftest.py`); here they are planted, and things go wrong.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import psycopg
import pytest

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1 import webhooks_service_pb2 as hooks_pb
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from tests.support.collector import collecting
from tests.support.messages import create, feed, line, order
from tests.support.process import ServerProcess
from tests.support.receiver import Received, answer, receiving
from tests.support.scraping import exchanged, ports_told
from tests.support.service import ALL, Service, outcome
from tests.support.suite_logs import PLANTED, forbidden_in

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACED = ("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01")
ADDRESS, WRITTEN = PLANTED["address"], PLANTED["what was written"]
NAMES = {"given_name": PLANTED["given name"], "family_name": PLANTED["family name"]}


async def _good_calls(service: Service, url: str) -> str:
    """A guest's return and its webhook; the endpoint's secret."""
    staff = service.client(*ALL, email=ADDRESS, email_verified=True, **NAMES)
    await feed(staff, order("1001", line("1", 9, 9_000, product_name=WRITTEN), guest_email=ADDRESS))
    endpoint = WebhookEndpoint(url=url, headers={"x-key": PLANTED["custom header"]})
    made = await staff.webhooks.CreateWebhookEndpoint(
        hooks_pb.CreateWebhookEndpointRequest(parent="tenants/acme", webhook_endpoint=endpoint)
    )
    guest = service.customer("c9", email=ADDRESS, email_verified=True, **NAMES)
    request = create(("1001", "1", 1), code="", attributes={"note": WRITTEN})
    request.draft.reason.details = WRITTEN
    await guest.returns.CreateReturn(request, metadata=(TRACED,))
    return str(made.secret)


async def _bad_calls(service: Service) -> None:
    """Refused for all kinds of reasons, each of which could be tempted to quote."""
    staff = service.client(*ALL)
    calls: list[Any] = [
        staff.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", filter=f'requestor.email="{ADDRESS}')),
        staff.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", filter=f"{ADDRESS}=1")),
        staff.returns.CreateReturn(create(("1001", "1", 99), requestor={"guest_email": ADDRESS})),
        staff.returns.CreateReturn(create(("1001", "1", 1), requestor={"guest_email": f"{ADDRESS} and more"})),
        staff.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=order("1001", line("1", 0), guest_email=ADDRESS))),
        staff.policy.UpdateReturnPolicy(
            policy_pb.UpdateReturnPolicyRequest(
                return_policy=ReturnPolicy(name="tenants/acme/returnPolicy", auto_approve=f'requestor.email="{ADDRESS}')
            )
        ),
        staff.webhooks.CreateWebhookEndpoint(
            hooks_pb.CreateWebhookEndpointRequest(
                parent="tenants/acme",
                webhook_endpoint=WebhookEndpoint(url=f"https://{ADDRESS.replace('@', ':pw@')}/{ADDRESS}"),
            )
        ),
        service.client_with(service.token(*ALL, email=ADDRESS, **NAMES)[:-4]).returns.ListReturns(
            pb.ListReturnsRequest(parent="tenants/acme")
        ),
        service.client(*ALL, email=ADDRESS, ttl_seconds=-60).returns.ListReturns(
            pb.ListReturnsRequest(parent="tenants/acme")
        ),
    ]
    for call in calls:
        assert hasattr(await outcome(call), "reason"), "not refused"


async def _incident(service: Service, url: str) -> None:
    """The database refuses a row, and says which; the server has a bug then."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE returns ADD CONSTRAINT never CHECK (guest_email IS NULL) NOT VALID")
        # The control: what a database has to say of it would tell everything.
        with pytest.raises(psycopg.errors.CheckViolation) as raised:
            connection.execute("UPDATE returns SET update_time = update_time")
        assert ADDRESS in str(raised.value)
    guest = service.customer("c9", email=ADDRESS, email_verified=True, **NAMES)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await guest.returns.CreateReturn(create(("1001", "1", 1)), metadata=(TRACED, ("x-request-id", "call-77")))
    assert refused.value.code() is grpc.StatusCode.INTERNAL


@pytest.mark.timeout(120)
async def test_names_addresses_and_secrets_are_in_no_log_metric_or_trace(tmp_path: Path, postgres_url: str) -> None:
    def refuse(received: Received) -> bytes:
        return answer(500, f"{ADDRESS} {WRITTEN}".encode())

    async with collecting() as collector, receiving() as receiver:
        receiver.respond = refuse
        server = ServerProcess(
            tmp_path / "data", postgres_url,
            RETURNS_LOG_LEVEL="debug", RETURNS_METRICS_LISTEN="127.0.0.1:0",
            RETURNS_TRACES_ENDPOINT=collector.url, RETURNS_TRACES_RATIO="1",
        ).start()  # fmt: skip
        try:
            service = server.service()
            secret = await _good_calls(service, receiver.url)
            await receiver.until(lambda: bool(receiver.received))
            await _bad_calls(service)
            await _incident(service, postgres_url)
            [address] = ports_told(server.log)
            _, metrics = await exchanged(address, b"GET /metrics HTTP/1.1\r\n\r\n")
            await service.close()
        finally:
            # The collector runs on this loop, and takes what is sent at the end.
            assert await asyncio.to_thread(server.stop) == 0
        traces = collector.content

    log = server.log.read_text()
    told = {"log": log, "metrics": metrics.decode(), "traces": traces.decode("latin-1")}
    for where, text in told.items():
        assert len(text) > 1_000, where
        assert secret.removeprefix("whsec_") not in text, where
        assert list(forbidden_in(text.splitlines())) == [], where

    [incident] = server.logged("incident")
    assert (incident["call_id"], incident["tenant"], incident["trace_id"]) == ("call-77", "acme", TRACE)
    assert "CheckViolation" in incident["exception"]
    [created] = [one for one in server.logged("call") if one["call_id"] == "call-77"]
    assert (created["method"], created["code"]) == ("ReturnsService/CreateReturn", "INTERNAL")
    assert (created["tenant"], created["trace_id"]) == ("acme", TRACE)
    assert server.logged("attempt")[0]["outcome"] == "5xx"
