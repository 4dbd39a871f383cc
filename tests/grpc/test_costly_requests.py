"""Requests as large as a message may be, all of what they repeat wrong or too much: refused as such, and soon."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.policy_pb2 import PolicyReason, ReturnPolicy
from commerce.returns.v1.return_pb2 import ReceiptItem
from tests.support.messages import create, draft, line, order
from tests.support.service import ALL, Refusal, Service, outcome

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

RECEIVED = ReceiptItem(quantity=-1)
RETURN = "tenants/acme/returns/r-1"
BYTES = 8_000_000
SECONDS = 3.0
"""Of the process's time for one request, the client's part of it included."""


def _attributes() -> pb.CreateReturnRequest:
    return create(("o1", "1", 1), attributes={f"k{n}": "x" * 100 for n in range(BYTES // 120)})


def _nested() -> pb.CreateReturnRequest:
    request = create(("o1", "1", 1))
    for n in range(20_000):
        inner = request.draft.attributes.fields[f"k{n}"]
        for _ in range(12):
            inner = inner.struct_value.fields["a"]
        inner.bool_value = True
    return request


COSTLY: dict[str, tuple[str, Callable[[], Message], str]] = {
    "attributes": ("returns.CreateReturn", _attributes, "FIELD_INVALID"),
    "nested attributes": ("returns.CreateReturn", _nested, "FIELD_INVALID"),
    "a name": ("returns.GetReturn", lambda: pb.GetReturnRequest(name="tenants/acme/" * (BYTES // 8)), "FIELD_INVALID"),
    "names": (
        "returns.BatchGetReturns",
        lambda: pb.BatchGetReturnsRequest(parent="tenants/acme", names=["x"] * (BYTES // 3)),
        "FIELD_INVALID",
    ),
    "a filter": (
        "returns.ListReturns",
        lambda: pb.ListReturnsRequest(parent="tenants/acme", filter="(" * BYTES),
        "FILTER_INVALID",
    ),
    "a page token": (
        "returns.ListReturns",
        lambda: pb.ListReturnsRequest(parent="tenants/acme", page_token="A" * BYTES),
        "PAGE_TOKEN_INVALID",
    ),
    "an order": (
        "returns.ListReturns",
        lambda: pb.ListReturnsRequest(parent="tenants/acme", order_by="create_time," * (BYTES // 12)),
        "FIELD_INVALID",
    ),
    "a mask": (
        "returns.UpdateReturn",
        lambda: pb.UpdateReturnRequest(name=RETURN, draft=draft(), update_mask=FieldMask(paths=["x.y"] * (BYTES // 5))),
        "RETURN_NOT_FOUND",
    ),
    "items of a draft": (
        "returns.CreateReturn",
        lambda: create(*[("o1", "", 0)] * 400_000),
        "FIELD_INVALID",
    ),
    "items of an approval": (
        "returns.ApproveReturn",
        lambda: pb.ApproveReturnRequest(name=RETURN, items=[pb.ApprovalItem(quantity=-1)] * 400_000),
        "FIELD_INVALID",
    ),
    "items of a parcel": (
        "returns.RecordReceipt",
        lambda: pb.RecordReceiptRequest(name=RETURN, receipt_id="p", items=[RECEIVED] * 400_000),
        "FIELD_INVALID",
    ),
    "lines": (
        "orders.UpsertOrder",
        lambda: orders_pb.UpsertOrderRequest(order=order("o1", *[line("", -1, -1)] * 150_000)),
        "FIELD_INVALID",
    ),
    "reasons": (
        "policy.UpdateReturnPolicy",
        lambda: policy_pb.UpdateReturnPolicyRequest(
            return_policy=ReturnPolicy(name="tenants/acme/returnPolicy", reasons=[PolicyReason()] * 1_000_000)
        ),
        "FIELD_INVALID",
    ),
}


@pytest.mark.parametrize("kind", COSTLY)
async def test_the_largest_request_is_refused_soon(shared: Service, kind: str) -> None:
    stub, method = COSTLY[kind][0].split(".")
    request, reason = COSTLY[kind][1](), COSTLY[kind][2]
    call: Any = getattr(getattr(shared.client(*ALL), stub), method)
    began = time.process_time()
    answer = await outcome(call(request, timeout=60))
    took = time.process_time() - began
    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.size < 4096) == (reason, True), answer
    assert took < SECONDS


async def test_what_was_refused_is_let_go_of_at_once(shared: Service) -> None:
    # gRPC keeps the error that ended a call, in a cycle: with it would stay what was asked, parsed and not, of all
    # calls since garbage was last collected.
    bytes_each, client = 2_000_000, shared.client()

    async def refuse() -> None:
        await outcome(
            client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_token="A" * bytes_each))
        )

    await refuse()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(10):
            await refuse()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert held < bytes_each
