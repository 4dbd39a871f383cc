"""What every call passes, over a real connection: order, errors, deadline, identity, measures."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
import structlog
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode
from prometheus_client import CollectorRegistry

from commerce.returns.v1 import policy_service_pb2 as pb
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.policy_service_pb2_grpc import PolicyServiceStub
from returns_server.application.authorisation import METHODS
from returns_server.application.caller import Caller, Scope, granted
from returns_server.application.ids import Uuid7Source
from returns_server.domain.errors import ReturnNotFound, TokenInvalid
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.returns import UserType
from returns_server.transport.call import Call
from returns_server.transport.contract import SERVICES, Method, methods_of
from returns_server.transport.layers import ORDER, Handler, Layer, layered
from returns_server.transport.layers.authentication import authentication
from returns_server.transport.layers.authorisation import authorisation
from returns_server.transport.layers.deadline import deadline
from returns_server.transport.layers.draining import Gate, draining
from returns_server.transport.layers.errors import Answers, errors
from returns_server.transport.layers.gathering import Arrivals, gathering
from returns_server.transport.layers.parsing import parsing
from returns_server.transport.layers.rates import rates
from returns_server.transport.layers.request_id import request_id
from returns_server.transport.layers.telemetry import telemetry
from returns_server.transport.layers.validation import validation
from returns_server.transport.rates import Rates
from returns_server.transport.registration import service_handler

POLICY = "tenants/acme/returnPolicy"
GET = pb.GetReturnPolicyRequest(name=POLICY)
OURS = r"[0-9a-f]{12}-[0-9a-f]+"
new_id = Uuid7Source(lambda: Micros(time.time_ns() // 1_000), os.urandom)


class Tokens:
    """Trusts tokens that are a list of scopes."""

    def remembered(self, token: str) -> None:
        return None

    async def verify(self, token: str) -> Caller:
        scopes = granted(frozenset(token.split(",")))
        if not scopes:
            raise TokenInvalid("the token is not one of this test")
        return Caller(
            TenantId("acme"), "issuer", "sub", scopes, "c-1", "", "", "", "", UserType.EMPLOYEE, Micros(0)
        )  # fmt: skip


STAFF = ("authorization", f"Bearer {Scope.POLICY_MANAGE}")


def layers(registry: CollectorRegistry, default_deadline: float = 10.0) -> dict[str, Layer]:
    return {
        "request_id": request_id(),
        "telemetry": telemetry(registry),
        "gathering": gathering(Arrivals(lambda: False)),
        "errors": errors(Answers(new_id)),
        "draining": draining(Gate()),
        "authentication": authentication(Tokens()),
        "rates": rates(Rates(None, None, None, time.monotonic_ns)),
        "parsing": parsing(),
        "authorisation": authorisation(),
        "validation": validation(),
        "deadline": deadline(default_deadline),
    }


async def echo(request: Any, call: Call) -> ReturnPolicy:
    return ReturnPolicy(name=request.name, etag=call.trace_parent)


@asynccontextmanager
async def serving(
    handler: Handler = echo, registry: CollectorRegistry | None = None, default_deadline: float = 10.0
) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server()
    around = layers(registry or CollectorRegistry(), default_deadline)
    server.add_generic_rpc_handlers((service_handler(SERVICES["PolicyService"], lambda _: handler, around),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(0)


async def refused(call: Any) -> tuple[StatusCode, error_details_pb2.ErrorInfo, grpc.aio.AioRpcError]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    trailers = dict(raised.value.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (status.code, status.message) == (raised.value.code().value[0], raised.value.details())
    return raised.value.code(), info, raised.value


def test_layers_stand_in_the_order_that_is_promised() -> None:
    passed: list[str] = []

    def noting(name: str) -> Layer:
        def layer(_: Method, inner: Handler) -> Handler:
            async def through(request: Any, call: Call) -> Any:
                passed.append(name)
                return await inner(request, call)

            return through

        return layer

    async def handler(request: Any, call: Call) -> None:
        passed.append("handler")

    method = next(methods_of(SERVICES["PolicyService"]))
    within = layered(method, handler, {name: noting(name) for name in sorted(ORDER)})
    asyncio.run(within(None, None))  # type: ignore[arg-type]

    assert passed == [
        "request_id", "telemetry", "gathering", "errors", "draining", "authentication", "rates", "parsing",
        "authorisation", "validation", "deadline", "handler",
    ]  # fmt: skip


@pytest.mark.parametrize("missing", ORDER)
def test_no_layer_can_be_left_out(missing: str) -> None:
    some = {name: layer for name, layer in layers(CollectorRegistry()).items() if name != missing}

    with pytest.raises(ValueError, match="layers must be"):
        layered(next(methods_of(SERVICES["PolicyService"])), echo, some)


def test_every_method_of_the_contract_has_a_row_in_the_table_of_scopes() -> None:
    assert {method.name for service in SERVICES.values() for method in methods_of(service)} == set(METHODS)


def test_every_method_names_what_it_is_about_but_the_import_whose_messages_do() -> None:
    nameless = {m.name for service in SERVICES.values() for m in methods_of(service) if not m.resource}

    assert nameless == {"OrdersService/ImportOrders"}


async def test_a_known_caller_is_answered() -> None:
    async with serving() as channel:
        answer = await PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=(STAFF,))

    assert answer.name == POLICY


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ((), "TOKEN_MISSING"),
        ((("authorization", ""),), "TOKEN_MISSING"),
        ((("authorization", "Basic YTpi"),), "TOKEN_INVALID"),
        ((("authorization", "Bearer "),), "TOKEN_INVALID"),
        ((("authorization", "Bearer nonsense"),), "TOKEN_INVALID"),
    ],
)
async def test_an_unknown_caller_learns_nothing_but_that(metadata: tuple, reason: str) -> None:
    async with serving() as channel:
        # The request is wrong as well, which only a known caller is told.
        call = PolicyServiceStub(channel).GetReturnPolicy(pb.GetReturnPolicyRequest(name="?"), metadata=metadata)
        code, info, _ = await refused(call)

    assert (code, info.reason) == (StatusCode.UNAUTHENTICATED, reason)


async def test_the_wrong_scope_is_told_the_right_one() -> None:
    async with serving() as channel:
        metadata = (("authorization", f"bearer {Scope.WEBHOOKS_MANAGE}"),)
        request = pb.UpdateReturnPolicyRequest(return_policy=ReturnPolicy(name=POLICY))
        code, info, error = await refused(PolicyServiceStub(channel).UpdateReturnPolicy(request, metadata=metadata))

    assert (code, info.reason) == (StatusCode.PERMISSION_DENIED, "SCOPE_MISSING")
    assert "returns.policy_manage" in (error.details() or "")


async def test_another_tenants_name_is_refused_and_the_field_named() -> None:
    async with serving() as channel:
        request = pb.UpdateReturnPolicyRequest(return_policy=ReturnPolicy(name="tenants/other/returnPolicy"))
        code, info, _ = await refused(PolicyServiceStub(channel).UpdateReturnPolicy(request, metadata=(STAFF,)))

    assert (code, info.reason, info.metadata["field"]) == (
        StatusCode.PERMISSION_DENIED, "TENANT_MISMATCH", "return_policy.name",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["", "tenants/-/returnPolicy", "tenants/acme", "acme\n", "tenants/ACME/returnPolicy"])
async def test_a_name_that_is_none_is_refused_and_the_field_named(name: str) -> None:
    async with serving() as channel:
        request = pb.GetReturnPolicyRequest(name=name)
        code, info, _ = await refused(PolicyServiceStub(channel).GetReturnPolicy(request, metadata=(STAFF,)))

    assert (code, info.reason, info.metadata["field"]) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID", "name")


async def test_nul_in_any_text_is_refused_and_the_field_named() -> None:
    async with serving() as channel:
        policy = ReturnPolicy(name=POLICY)
        policy.reasons.add(code="fine")
        policy.reasons.add(code="br\0ken")
        request = pb.UpdateReturnPolicyRequest(return_policy=policy)
        code, info, _ = await refused(PolicyServiceStub(channel).UpdateReturnPolicy(request, metadata=(STAFF,)))

    assert (code, info.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert info.metadata["field"] == "return_policy.reasons[1].code"


@pytest.mark.parametrize("garbage", [b"\xff", b"\x0a\x05ab", b"\x0a\x02\xff\xfe", b"\x0b" * 200])
async def test_bytes_that_are_no_message_are_a_wrong_field_and_no_internal_error(garbage: bytes) -> None:
    async with serving() as channel:
        call: Any = channel.unary_unary("/commerce.returns.v1.PolicyService/GetReturnPolicy")
        code, info, _ = await refused(call(garbage, metadata=(STAFF,)))
        anonymous, _, _ = await refused(call(garbage))

    assert (code, info.reason, info.metadata["field"]) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID", "request")
    assert anonymous is StatusCode.UNAUTHENTICATED


async def test_a_bug_answers_an_incident_id_and_its_story_goes_to_the_log() -> None:
    async def broken(request: Any, call: Call) -> None:
        raise KeyError("SELECT secret FROM orders")

    with structlog.testing.capture_logs() as logs:
        async with serving(broken) as channel:
            code, info, error = await refused(PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=(STAFF,)))

    assert (code, info.reason) == (StatusCode.INTERNAL, "INTERNAL")
    assert "secret" not in str(error)
    (story,) = [entry for entry in logs if entry["event"] == "incident"]
    assert story["incident_id"] == info.metadata["incident_id"]
    assert isinstance(story["exc_info"], KeyError)
    assert not any("Bearer" in str(value) for value in story.values())


async def test_a_refusal_is_answered_by_the_table() -> None:
    async def missing(request: Any, call: Call) -> None:
        raise ReturnNotFound("tenants/acme/returns/r-1")

    async with serving(missing) as channel:
        code, info, _ = await refused(PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=(STAFF,)))

    assert (code, info.reason) == (StatusCode.NOT_FOUND, "RETURN_NOT_FOUND")


async def test_a_call_without_deadline_gets_one() -> None:
    async def endless(request: Any, call: Call) -> None:
        await asyncio.Event().wait()

    async with serving(endless, default_deadline=0.02) as channel:
        code, info, _ = await refused(PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=(STAFF,)))

    assert (code, info.reason) == (StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")


async def test_a_call_with_a_deadline_keeps_its_own() -> None:
    async def slow(request: Any, call: Call) -> ReturnPolicy:
        await asyncio.sleep(0.05)
        return await echo(request, call)

    async with serving(slow, default_deadline=0.01) as channel:
        answer = await PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=(STAFF,), timeout=30)

    assert answer.name == POLICY


async def test_a_timeout_of_something_else_is_a_bug_and_not_the_callers_deadline() -> None:
    async def timing_out(request: Any, call: Call) -> None:
        raise TimeoutError

    async with serving(timing_out) as channel:
        code, _, _ = await refused(PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=(STAFF,)))

    assert code is StatusCode.INTERNAL


async def test_a_cancelled_call_is_cancelled_within() -> None:
    entered, cancelled = asyncio.Event(), asyncio.Event()

    async def waiting(request: Any, call: Call) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    registry = CollectorRegistry()
    async with serving(waiting, registry) as channel:
        call = PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=(STAFF,))
        await entered.wait()
        call.cancel()
        await cancelled.wait()

    assert counted(registry, "CANCELLED") == 1


@pytest.mark.parametrize(
    ("given", "pattern"), [("abc-123", "abc-123"), ("", OURS), ("x" * 129, OURS), ("a b", OURS), ("<script>", OURS)]
)
@pytest.mark.parametrize("authorised", [True, False])
async def test_every_answer_names_its_call(given: str, pattern: str, authorised: bool) -> None:
    metadata = (("x-request-id", given), *([STAFF] if authorised else []))
    async with serving() as channel:
        call = PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=metadata)
        trailers = dict(await call.trailing_metadata() or ())

    assert re.fullmatch(pattern, str(trailers["x-request-id"]))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", False),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", False),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", False),
        ("'; drop table returns", False),
    ],
)
async def test_a_trace_parent_is_taken_if_it_is_one(given: str, kept: bool) -> None:
    async with serving() as channel:
        metadata = (STAFF, ("traceparent", given))
        answer = await PolicyServiceStub(channel).GetReturnPolicy(GET, metadata=metadata)

    assert answer.etag == (given if kept else "")


async def test_calls_are_counted_and_timed_by_method_and_code() -> None:
    registry = CollectorRegistry()
    async with serving(registry=registry) as channel:
        stub = PolicyServiceStub(channel)
        await stub.GetReturnPolicy(GET, metadata=(STAFF,))
        await stub.GetReturnPolicy(GET, metadata=(STAFF,))
        await refused(stub.GetReturnPolicy(GET))

    assert (counted(registry, "OK"), counted(registry, "UNAUTHENTICATED")) == (2, 1)
    labels = {"method": "PolicyService/GetReturnPolicy", "code": "OK"}
    assert registry.get_sample_value("returns_grpc_call_seconds_count", labels) == 2


def counted(registry: CollectorRegistry, code: str) -> float | None:
    labels = {"method": "PolicyService/GetReturnPolicy", "code": code}
    return registry.get_sample_value("returns_grpc_calls_total", labels)
