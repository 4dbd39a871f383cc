"""Whatever is sent, what comes back is an answer or a typed refusal: never INTERNAL, never a story of our insides."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from tests.support.messages import create, draft
from tests.support.methods import METHODS
from tests.support.mutations import SUCCEEDING
from tests.support.scenes import ordered
from tests.support.service import ALL, Client, Refusal, Service, outcome
from tests.support.shapes import messages, spoiled

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    # The server of this process may draw the jitter of a retry while a message is made up; that changes no message.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies"),
]

_EXAMPLES = 80
_SECONDS = 2.0
"""Of this process, server and client, for one request; the usual is a few milliseconds."""
_FORBIDDEN = ("Traceback", "SELECT ", "INSERT ", "psycopg", "sqlite", ".py")


def _raw(client: Client, name: str) -> Any:
    """The method without its serialiser: takes bytes, answers bytes."""
    method = METHODS[name]
    path = f"/commerce.returns.v1.{name}"
    if method.client_streaming:
        return client.channel.stream_unary(path)
    if method.server_streaming:
        return client.channel.unary_stream(path)
    return client.channel.unary_unary(path)


async def _sent(client: Client, name: str, payload: bytes) -> Any:
    async def answer() -> Any:
        call = _raw(client, name)
        if METHODS[name].client_streaming:

            async def once() -> Any:
                yield payload

            return await call(once())
        if METHODS[name].server_streaming:
            stream = call(payload)
            try:
                return await anext(aiter(stream))
            finally:
                stream.cancel()
        return await call(payload)

    began = time.process_time()
    answered = await outcome(answer())
    took = time.process_time() - began
    assert took < _SECONDS, (name, took, payload)
    return answered


def _check(answer: Any) -> None:
    if not isinstance(answer, Refusal):
        return
    assert answer.code not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN), answer
    assert answer.size < 4096
    assert answer.reason
    if answer.reason == "FIELD_INVALID":
        assert answer.fields
    assert not any(word in answer.message for word in _FORBIDDEN), answer


async def _made(strategy: st.SearchStrategy[Any]) -> list[bytes]:
    """Examples of a strategy, encoded: made first and sent afterwards, for hypothesis does not wait for coroutines."""
    found: list[bytes] = []

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def gather(message: Any) -> None:
        found.append(message.SerializeToString())

    await asyncio.get_running_loop().run_in_executor(None, gather)
    assert len(found) >= _EXAMPLES // 4
    return found


async def _with_the_first_policy(client: Client) -> None:
    """Returns are filed in the tests that follow, whatever the policy has become."""
    request = policy_pb.UpdateReturnPolicyRequest(
        return_policy=ReturnPolicy(name="tenants/acme/returnPolicy"), update_mask=FieldMask(paths=["*"])
    )
    await client.policy.UpdateReturnPolicy(request)


@pytest.mark.parametrize("name", METHODS)
async def test_arbitrary_messages_are_answered_or_refused(shared: Service, name: str) -> None:
    client = shared.client(*ALL)
    for payload in await _made(messages(METHODS[name].request_type)):
        _check(await _sent(client, name, payload))
    await _with_the_first_policy(client)


ASKED: dict[str, Any] = {
    "ReturnsService/ListReturns": pb.ListReturnsRequest(parent="tenants/acme", filter="state=PENDING", page_size=2),
    "ReturnsService/ListReturnableItems": pb.ListReturnableItemsRequest(parent="tenants/acme", customer_id="c1"),
    "ReturnsService/ListReturnEvents": pb.ListReturnEventsRequest(parent="tenants/acme"),
    "OrdersService/ListOrders": orders_pb.ListOrdersRequest(parent="tenants/acme", filter="customer_id=c1"),
}


@pytest.mark.parametrize("name", [*SUCCEEDING, *ASKED])
async def test_a_good_request_with_one_field_spoilt_is_answered_or_refused(shared: Service, name: str) -> None:
    client = shared.client(*ALL)
    good = await SUCCEEDING[name](shared) if name in SUCCEEDING else ASKED[name]
    if name.endswith(("CreateReturn", "UpdateReturn")):
        more = draft(code="", attributes={"a": {"b": [1, "x"]}}, requestor={"customer_id": "c1", "email": "a@b"})
        good.draft.MergeFrom(more)
    for payload in await _made(spoiled(good)):
        _check(await _sent(client, name, payload))
    await _with_the_first_policy(client)


WRONG_BYTES = {
    "garbage": b"\xff\xff\xff\xff",
    "cut off": b"\x0a\x50tenants",
    "bad utf-8": b"\x0a\x02\xc3\x28",
    "a group without end": b"\x0b",
    "an endless varint": b"\x08" + b"\xff" * 11,
    "field number zero": b"\x00\x00",
}


@pytest.mark.parametrize("name", METHODS)
async def test_bytes_that_are_no_message_are_refused_as_such(shared: Service, name: str) -> None:
    client = shared.client(*ALL)
    for kind, payload in WRONG_BYTES.items():
        answer = await _sent(client, name, payload)
        if METHODS[name].client_streaming:
            assert not isinstance(answer, Refusal)
            continue
        assert isinstance(answer, Refusal), (kind, answer)
        assert answer.code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED), kind
        _check(answer)
        anonymous = await _sent(shared.client_with(None), name, payload)
        assert isinstance(anonymous, Refusal)
        assert anonymous.reason == "TOKEN_MISSING"


async def test_unknown_fields_are_ignored_as_protobuf_promises(shared: Service) -> None:
    client, order_id = shared.client(*ALL), await ordered(shared)
    payload = create((order_id, "1", 1)).SerializeToString() + b"\xfa\xff\x7f\x03abc"
    answer = await _sent(client, "ReturnsService/CreateReturn", payload)
    assert not isinstance(answer, Refusal)
