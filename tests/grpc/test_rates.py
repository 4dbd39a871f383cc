"""More calls a second than somebody may make: refused with a time, and nobody else is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.orders_service_pb2 import ImportOrdersRequest
from returns_client.exceptions import Overloaded
from returns_server.addresses import Address
from tests.support.faces import asynchronous
from tests.support.messages import line, order
from tests.support.scraping import scraped, value
from tests.support.service import FEED, Client, Refusal, gathered, outcome, refused, serving
from tests.support.streams import streaming

LIST = pb.ListReturnsRequest(parent="tenants/acme")
ELSEWHERE = pb.ListReturnsRequest(parent="tenants/globex")
POLICY = policy_pb.GetReturnPolicyRequest(name="tenants/acme/returnPolicy")


class Steady:
    """A clock that is never set: it stands, or a test moves it on."""

    def __init__(self) -> None:
        self.now = time.monotonic_ns()

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += round(seconds * 1e9)


async def passed(client: Client, calls: int, request: pb.ListReturnsRequest = LIST) -> int:
    """How many of so many calls at once were answered; the others were refused for their rate."""
    answers: Sequence[Any] = await gathered([client.returns.ListReturns(request) for _ in range(calls)])
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert {(one.reason, one.metadata["cause"]) for one in refusals} <= {("OVERLOADED", "RATE")}
    return calls - len(refusals)


async def test_who_says_nothing_limits_customers_alone(tmp_path: Path) -> None:
    steady = Steady()
    async with serving(tmp_path / "data", steady=steady, rate={}) as service:
        assert await passed(service.customer("c1"), 110) == 100
        assert await passed(service.client(), 110) == 110
        steady.forward(0.1)
        assert await passed(service.customer("c1"), 10) == 5


async def test_a_customer_is_told_when_it_may_call_again(tmp_path: Path) -> None:
    steady = Steady()
    rate = {"per_customer": 4, "customer_burst": 3}
    async with serving(tmp_path / "data", steady=steady, rate=rate, metrics_listen=Address("127.0.0.1", 0)) as service:
        customer, neighbour = service.customer("c1"), service.customer("c2")
        assert await passed(customer, 5) == 3
        with refused("OVERLOADED") as refusals:
            await customer.policy.GetReturnPolicy(POLICY)  # whatever the method
        assert refusals[0].metadata == {"cause": "RATE"}
        assert refusals[0].retry_seconds == 0.25
        assert refusals[0].message == "a customer may make 4 calls a second here; the next in 0.25 s"
        assert await passed(neighbour, 3) == 3
        assert await passed(service.client(), 20) == 20
        assert await passed(service.customer("c1", tenant="globex"), 3, ELSEWHERE) == 3

        steady.forward(0.249)
        assert await passed(customer, 1) == 0
        steady.forward(0.001)
        assert await passed(customer, 2) == 1
        steady.forward(3600)
        assert await passed(customer, 5) == 3

        assert service.app is not None
        assert service.app.metrics_address is not None
        samples = await scraped(service.app.metrics_address)
        assert value(samples, "returns_refusals_total", reason="OVERLOADED", cause="RATE") == 7
        assert value(samples, "returns_refusals_total", reason="OVERLOADED", cause="") == 0
        code = {"method": "PolicyService/GetReturnPolicy", "code": "RESOURCE_EXHAUSTED"}
        assert value(samples, "returns_grpc_calls_total", **code) == 1


async def test_a_service_and_a_tenant_are_limited_where_that_is_said(tmp_path: Path) -> None:
    steady = Steady()
    rate = {"per_caller": 1, "caller_burst": 4, "per_tenant": 1, "tenant_burst": 6}
    async with serving(tmp_path / "data", steady=steady, rate=rate) as service:
        assert await passed(service.client(subject="erp"), 10) == 4
        assert await passed(service.client(subject="ann"), 10) == 2  # the tenant's last
        assert await passed(service.customer("c1"), 1) == 0
        assert await passed(service.client(subject="erp", tenant="globex"), 10, ELSEWHERE) == 4
        steady.forward(1)
        with refused("TENANT_MISMATCH"):  # a call that fails is one too
            await service.client(subject="erp").returns.ListReturns(ELSEWHERE)
        assert await passed(service.client(subject="erp"), 1) == 0


@pytest.mark.parametrize("per_customer", [0, 1])
async def test_a_stream_is_one_call(tmp_path: Path, per_customer: int) -> None:
    rate = {"per_customer": per_customer, "customer_burst": 1, "per_caller": per_customer, "caller_burst": 1}
    async with serving(tmp_path / "data", steady=Steady(), rate=rate) as service:
        feeding = service.client(*FEED).orders.ImportOrders(_orders(20))
        assert (await feeding).imported_count == 20
        async with streaming(service.customer("c1")) as stream:
            await stream.until_caught_up()
        again = await outcome(service.customer("c1").returns.ListReturns(LIST))
        assert isinstance(again, Refusal) is (per_customer > 0)


async def _orders(count: int) -> Any:
    for number in range(count):
        yield ImportOrdersRequest(parent="tenants/acme", order=order(f"o{number}", line()))


async def test_the_clients_pass_the_time_on_and_do_not_call_again(tmp_path: Path) -> None:
    steady = Steady()
    async with serving(tmp_path / "data", steady=steady, rate={"per_caller": 0.5, "caller_burst": 1}) as service:
        client = asynchronous(service)
        await client.policy.get()
        with pytest.raises(Overloaded) as raised:
            await client.policy.get()
        assert raised.value.retry_delay_seconds == 2
        assert raised.value.cause == "RATE"
        await client.close()
