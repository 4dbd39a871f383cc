"""Whatever is sent to whatever method, the answer is a typed error that fits, and never an internal one."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from returns_server.transport.contract import SERVICES, Method, methods_of
from tests.support.service import ALL, Refusal, Service, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

METHODS = [method for service in SERVICES.values() for method in methods_of(service)]
ROUNDS = 40
TEXTS = (
    "", " ", "\0", "a\0b", "x" * 5_000, "\N{SNOWMAN}" * 300, "tenants/acme", "tenants/-", "tenants/acme/returns/r-1",
    "tenants/acme/orders/o-1", "tenants/acme/returnPolicy", "tenants/acme/webhookEndpoints/w-1", "o-1", "'; DROP TABLE",
    "a@b", "%s%n", "../..", "\u202e", "state=PENDING", "create_time desc", "0198-", "*", "attributes.a", "orders",
    "GBP", "00000000-0000-4000-8000-000000000000",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 1_000, 2**31 - 1, -(2**31))
LARGE = (*NUMBERS, 2**63 - 1, -(2**63), 999_999_999, 253_402_300_799)
FLOATS = (0.0, -1.5, 1e308, float("nan"), float("inf"))


def scrambled(message: Message, chance: random.Random, depth: int = 0) -> Message:
    """The message with about half of its fields set to what nobody should send, or perhaps should."""
    fields: Any = message.DESCRIPTOR.fields
    for field in fields:
        if chance.random() < 0.45:
            _set(message, field, chance, depth)
    if depth == 0:
        # Otherwise hardly a message would come past the first check.
        for name, value in (("parent", "tenants/acme"), ("name", "tenants/acme/returns/r-1")):
            if name in message.DESCRIPTOR.fields_by_name and chance.random() < 0.8:
                setattr(message, name, value)
    return message


def _set(message: Message, field: FieldDescriptor, chance: random.Random, depth: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        entries = getattr(message, field.name)
        if field.message_type.fields_by_name["value"].message_type is not None:
            for _ in range(chance.randrange(3)):
                scrambled(entries[chance.choice(TEXTS)], chance, depth + 1)
        else:
            entries[chance.choice(TEXTS)] = chance.choice(TEXTS)
    elif field.message_type is not None:
        if depth < 6:
            parts = [getattr(message, field.name)] if not field.is_repeated else []
            parts += [getattr(message, field.name).add() for _ in range(chance.randrange(3)) if field.is_repeated]
            for part in parts:
                part.SetInParent()
                scrambled(part, chance, depth + 1)
    elif field.is_repeated:
        getattr(message, field.name).extend(_value(field, chance) for _ in range(chance.randrange(4)))
    else:
        setattr(message, field.name, _value(field, chance))


def _value(field: FieldDescriptor, chance: random.Random) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            text = chance.choice(TEXTS)
            return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        case FieldDescriptor.CPPTYPE_BOOL:
            return chance.random() < 0.5
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return chance.choice(FLOATS)
        case FieldDescriptor.CPPTYPE_INT64:
            return chance.choice(LARGE)
        case _:
            return chance.choice(NUMBERS)


async def sent(channel: grpc.aio.Channel, method: Method, raw: bytes) -> Any:
    path = f"/commerce.returns.v1.{method.name}"
    if method.client_streaming:
        to_stream: Any = channel.stream_unary(path)
        return await outcome(to_stream(_once(raw)))
    if method.server_streaming:
        from_stream: Any = channel.unary_stream(path)
        return await outcome(_first(from_stream(raw)))
    unary: Any = channel.unary_unary(path)
    return await outcome(unary(raw))


async def _once(raw: bytes) -> AsyncIterator[bytes]:
    yield raw


async def _first(answers: Any) -> Any:
    try:
        return await anext(aiter(answers))
    finally:
        answers.cancel()


@pytest.mark.parametrize("method", METHODS, ids=[method.name for method in METHODS])
async def test_no_input_of_any_kind_is_an_internal_error(shared: Service, method: Method) -> None:
    chance = random.Random(method.name)
    staff, customer = shared.client(*ALL), shared.customer("c1")
    requests = [scrambled(method.request_type(), chance).SerializeToString() for _ in range(ROUNDS)]
    requests += [chance.randbytes(chance.randrange(1, 60)) for _ in range(10)]

    for raw in requests:
        for client in (staff, customer):
            answer = await sent(client.channel, method, raw)
            if method.client_streaming and isinstance(answer, bytes):
                failures = method.response_type.FromString(answer).failures  # type: ignore[attr-defined]
                assert all(failure.status.code != grpc.StatusCode.INTERNAL.value[0] for failure in failures), raw
            if isinstance(answer, Refusal):
                assert answer.size < 4_096
                assert answer.code not in {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}, (answer, raw)
                assert answer.reason
                assert answer.reason != "FIELD_INVALID" or answer.fields
