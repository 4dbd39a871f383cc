"""No unit is returned twice and no request has two effects, whatever runs at once and in however many processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from commerce.returns.v1 import orders_service_pb2, policy_pb2, policy_service_pb2, return_pb2, returns_service_pb2
from returns_server.config import DATABASE_FILE
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from tests.support.messages import create, feed, line, new_request_id, order
from tests.support.process import ServerProcess
from tests.support.service import ALL, Client, Refusal, gathered

CALLS = 50


@pytest.fixture
async def servers(tmp_path: Path, database_url: str | None) -> AsyncIterator[list[Client]]:
    """Clients of one server on SQLite, of two on PostgreSQL."""
    async with AsyncExitStack() as stack:
        clients = []
        for number in range(2 if database_url else 1):
            server = stack.enter_context(ServerProcess(tmp_path / f"data{number}", database_url))
            service = server.service()
            stack.push_async_callback(service.close)
            clients.append(service.client(*ALL))
        yield clients


async def _balanced(tmp_path: Path, database_url: str | None) -> None:
    database = await open_for_reading(database_url or tmp_path / "data0" / DATABASE_FILE)
    report = await database.read(audit, heavy=True)
    await database.close()
    assert report.findings == ()


async def test_the_last_unit_is_returned_once(servers: list[Client], tmp_path: Path, database_url: str | None) -> None:
    await feed(servers[0], order("o1", line("1", 3, 1000)))
    await servers[0].returns.CreateReturn(create(("o1", "1", 2)))
    calls = [servers[i % len(servers)].returns.CreateReturn(create(("o1", "1", 1))) for i in range(CALLS)]
    answers = await gathered(calls)
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert len(refusals) == CALLS - 1
    assert {refusal.reason for refusal in refusals} == {"QUANTITY_EXCEEDS_RETURNABLE"}
    assert all(refusal.metadata["available"] == "0" for refusal in refusals)
    await _balanced(tmp_path, database_url)


async def test_one_request_from_fifty_callers_has_one_effect(
    servers: list[Client], tmp_path: Path, database_url: str | None
) -> None:
    await feed(servers[0], order("o1", line("1", 90, 1000)))
    request = create(("o1", "1", 1), request_id=new_request_id())
    answers = await gathered([servers[i % len(servers)].returns.CreateReturn(request) for i in range(CALLS)])
    assert {type(answer) for answer in answers} == {return_pb2.Return}
    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    listed = await servers[-1].returns.ListReturns(returns_service_pb2.ListReturnsRequest(parent="tenants/acme"))
    assert [found.name for found in listed.returns] == [answers[0].name]
    other = create(("o1", "1", 2), request_id=request.request_id)
    [refusal] = await gathered([servers[-1].returns.CreateReturn(other)])
    assert refusal.reason == "REQUEST_ID_REUSED"
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    await _balanced(tmp_path, database_url)


async def test_returns_of_the_same_lines_in_other_sequence_never_block_each_other(
    servers: list[Client], tmp_path: Path, database_url: str | None
) -> None:
    """Commands that name the same lines the other way round would deadlock without a common order of locks."""
    await feed(servers[0], *(order(f"o{i}", line("1", 1000, 1000)) for i in range(10)))
    forward = [(f"o{i}", "1", 1) for i in range(10)]
    calls = [
        servers[i % len(servers)].returns.CreateReturn(create(*(forward if i % 2 else forward[::-1])))
        for i in range(4 * CALLS)
    ]
    async with asyncio.timeout(60):
        answers = await gathered(calls)
    assert [answer for answer in answers if isinstance(answer, Refusal)] == []
    await _balanced(tmp_path, database_url)


ROUNDS = 60


async def test_an_order_that_two_say_at_once_is_one_of_the_two_and_never_a_mixture(
    servers: list[Client], tmp_path: Path, database_url: str | None
) -> None:
    for number in range(ROUNDS):
        said = [order(f"o{number}", line("1"), line(other)) for other in ("A", "B")]
        requests = [orders_service_pb2.UpsertOrderRequest(order=one) for one in said]
        answers = await gathered([servers[i % len(servers)].orders.UpsertOrder(requests[i]) for i in range(2)])
        assert [answer for answer in answers if isinstance(answer, Refusal)] == []
        found = await servers[0].orders.GetOrder(orders_service_pb2.GetOrderRequest(name=said[0].name))
        lines = [one.line_id for one in found.lines]
        assert lines in (["1", "A"], ["1", "B"])
        # Whose order it is says its etag, so that the other one can be said again.
        again = await servers[0].orders.UpsertOrder(requests[lines[1] == "A"])
        assert [one.line_id for one in again.lines] == (["1", "B"] if lines[1] == "A" else ["1", "A"])
    await _balanced(tmp_path, database_url)


async def test_claims_survive_the_same_order_said_by_another(
    servers: list[Client], tmp_path: Path, database_url: str | None
) -> None:
    async def said_and_returned(number: int) -> None:
        request = orders_service_pb2.UpsertOrderRequest(order=order(f"o{number}", line("1", 5)))
        await servers[0].orders.UpsertOrder(request)
        await servers[0].returns.CreateReturn(create((f"o{number}", "1", 5)))

    async def said(number: int) -> None:
        await asyncio.sleep((number % 8) * 0.0007)
        await servers[-1].orders.UpsertOrder(
            orders_service_pb2.UpsertOrderRequest(order=order(f"o{number}", line("1", 5)))
        )

    for first in range(0, 4 * ROUNDS, 8):
        numbers = range(first, first + 8)
        answers = await gathered([call(number) for number in numbers for call in (said_and_returned, said)])
        assert [answer for answer in answers if isinstance(answer, Refusal)] == []
    await _balanced(tmp_path, database_url)


async def test_of_two_policies_with_one_etag_one_wins(servers: list[Client]) -> None:
    name = "tenants/acme/returnPolicy"
    for number in range(ROUNDS):
        read = await servers[0].policy.GetReturnPolicy(policy_service_pb2.GetReturnPolicyRequest(name=name))
        calls = []
        for i in range(2):
            policy = policy_pb2.ReturnPolicy(name=name, expire_after=Duration(seconds=86_400 * (2 * number + i + 1)))
            request = policy_service_pb2.UpdateReturnPolicyRequest(return_policy=policy, etag=read.etag)
            calls.append(servers[i % len(servers)].policy.UpdateReturnPolicy(request))
        answers = await gathered(calls)
        refusals = [answer for answer in answers if isinstance(answer, Refusal)]
        assert [refusal.reason for refusal in refusals] == ["ETAG_MISMATCH"]
