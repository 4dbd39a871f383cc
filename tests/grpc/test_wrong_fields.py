"""Bad input of every kind: a typed refusal that names the field, and nothing of our insides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.order_pb2 import Order
from commerce.returns.v1.party_pb2 import Approver, Requestor, Submitter
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_pb2 import ReceiptItem, Return
from tests.support.messages import create, feed, line, order, reason
from tests.support.methods import METHODS, MUTATIONS, call, put
from tests.support.mutations import SUCCEEDING
from tests.support.scenes import filed, ordered, units
from tests.support.service import ALL, Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

Spoil = Callable[[Any], Any]
LONG = "x" * 100_000
NO_NAMES = (
    "", "x", "/", "tenants", "tenants/", "tenants/-", "tenants/acme/", "tenants/acme/returns/", LONG, "a\0b"
)  # fmt: skip


def _nested(levels: int) -> Struct:
    struct = Struct()
    inner = struct
    for _ in range(levels - 1):
        inner = inner.fields["a"].struct_value
    inner.fields["a"].number_value = 1
    return struct


def _with(name: str, value: Any) -> Spoil:
    """Sets a field of the draft."""
    return lambda request: getattr(request.draft, name).CopyFrom(value)


def _attribute(value: Value) -> Spoil:
    return lambda request: request.draft.attributes.fields["a"].CopyFrom(value)


def _item(name: str, value: Any) -> Spoil:
    return lambda request: setattr(request.draft.orders[0].items[0], name, value)


def _order(value: str) -> Spoil:
    return lambda request: setattr(request.draft.orders[0], "order", value)


DRAFTS: dict[str, tuple[Spoil, str]] = {
    "no draft": (lambda request: request.ClearField("draft"), "draft"),
    "no orders": (lambda request: request.draft.ClearField("orders"), "draft.orders"),
    "no items": (lambda request: request.draft.orders[0].ClearField("items"), "draft.orders[0].items"),
    "no reason": (lambda request: request.draft.ClearField("reason"), "draft.reason"),
    "empty reason": (_with("reason", Reason()), "draft.reason"),
    "long reason": (_with("reason", Reason(code=LONG)), "draft.reason.code"),
    "long details": (_with("reason", Reason(code="A", details=LONG)), "draft.reason.details"),
    "NUL in reason": (_with("reason", Reason(code="a\0b")), "draft.reason.code"),
    "NUL in item": (_item("line_id", "a\0"), "draft.orders[0].items[0].line_id"),
    "empty line": (_item("line_id", ""), "draft.orders[0].items[0].line_id"),
    "long line": (_item("line_id", "x" * 65), "draft.orders[0].items[0].line_id"),
    "odd line": (_item("line_id", "a/b"), "draft.orders[0].items[0].line_id"),
    "quantity 0": (_item("quantity", 0), "draft.orders[0].items[0].quantity"),
    "quantity -1": (_item("quantity", -1), "draft.orders[0].items[0].quantity"),
    "quantity min": (_item("quantity", -(2**31)), "draft.orders[0].items[0].quantity"),
    "empty order": (_order(""), "draft.orders[0].order"),
    "odd order": (_order("tenants/acme/returns/x"), "draft.orders[0].order"),
    "long order": (_order(LONG), "draft.orders[0].order"),
    "line break": (_order("o1\n"), "draft.orders[0].order"),
    "both requestors": (_with("requestor", Requestor(customer_id="a", guest_email="a@b")), "draft.requestor"),
    "no requestor": (_with("requestor", Requestor(first_name="A")), "draft.requestor"),
    "no address": (_with("requestor", Requestor(guest_email="nobody")), "draft.requestor.guest_email"),
    "long customer": (_with("requestor", Requestor(customer_id=LONG)), "draft.requestor.customer_id"),
    "long name": (_with("requestor", Requestor(customer_id="c1", first_name=LONG)), "draft.requestor.first_name"),
    "unknown user type": (_with("submitter", Submitter(user_type=99)), "draft.submitter.user_type"),  # type: ignore[arg-type]
    "half an approver": (_with("approver", Approver(id="x")), "draft.approver"),
    "unknown approver": (_with("approver", Approver(type=77, id="x")), "draft.approver.type"),  # type: ignore[arg-type]
    "expiry passed": (_with("expire_time", Timestamp(seconds=1)), "draft.expire_time"),
    "expiry never": (_with("expire_time", Timestamp(seconds=2**62)), "draft.expire_time"),
    "odd nanos": (_with("expire_time", Timestamp(seconds=4_000_000_000, nanos=-5)), "draft.expire_time"),
    "9 levels": (_with("attributes", _nested(9)), "draft.attributes"),
    "more levels than protobuf reads": (_with("attributes", _nested(40)), "request"),
    "NaN": (_attribute(Value(number_value=float("nan"))), "draft.attributes.a"),
    "infinite": (_attribute(Value(number_value=float("-inf"))), "draft.attributes.a"),
    "valueless": (_attribute(Value()), "draft.attributes.a"),
    "NUL inside": (_attribute(Value(string_value="\0")), "draft.attributes"),
    "17 KiB": (_attribute(Value(string_value="x" * 17 * 1024)), "draft.attributes"),
    "1 MiB": (_attribute(Value(string_value="x" * 1024 * 1024)), "draft.attributes"),
    "no uuid": (lambda request: put(request, ("request_id",), "x"), "request_id"),
    "short id": (lambda request: put(request, ("return_id",), "ab"), "return_id"),
    "upper-case id": (lambda request: put(request, ("return_id",), "ABC"), "return_id"),
    "long id": (lambda request: put(request, ("return_id",), "a" * 64), "return_id"),
    "dash first": (lambda request: put(request, ("return_id",), "-abc"), "return_id"),
    "why so long": (lambda request: put(request, ("assistance_reason",), "x" * 1001), "assistance_reason"),
    "any tenant": (lambda request: put(request, ("parent",), "tenants/-"), "parent"),
    "no parent": (lambda request: put(request, ("parent",), ""), "parent"),
    "a deeper parent": (lambda request: put(request, ("parent",), "tenants/acme/x"), "parent"),
}


@pytest.mark.parametrize("kind", DRAFTS)
async def test_a_draft_that_cannot_be_is_refused_by_its_field(shared: Service, kind: str) -> None:
    spoil, field = DRAFTS[kind]
    request = create((await ordered(shared), "1", 1))
    spoil(request)
    with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        await shared.client().returns.CreateReturn(request)
    assert any(found.startswith(field) for found in caught[0].fields), caught
    assert "\0" not in caught[0].message


async def test_what_is_just_within_the_limits_is_taken(shared: Service) -> None:
    request = create((await ordered(shared), "1", 1), return_id="a" * 63, assistance_reason="x" * 1000)
    request.draft.reason.CopyFrom(Reason(code="\u6f22" * 64, details="\u00e9" * 4000))
    request.draft.attributes.CopyFrom(_nested(8))
    request.draft.attributes.fields["text"].string_value = "x" * 16_000
    ret = await shared.client().returns.CreateReturn(request)
    assert (ret.reason, ret.attributes) == (request.draft.reason, request.draft.attributes)


def _line(**changed: Any) -> Any:
    return order("bad", line("1", 1, **changed))


ORDERS: dict[str, tuple[Callable[[], Any], str]] = {
    "no name": (Order, "order.name"),
    "odd id": (lambda: order("a b"), "order.name"),
    "long id": (lambda: order("x" * 65), "order.name"),
    "both": (lambda: order("bad", customer_id="a", guest_email="a@b"), "order"),
    "no address": (lambda: order("bad", guest_email="nobody"), "order.guest_email"),
    "currency in lower case": (lambda: order("bad", currency="eur"), "order.currency_code"),
    "no currency": (lambda: order("bad", currency=""), "order.currency_code"),
    "no time": (lambda: order("bad", place_time=None), "order.place_time"),
    "time before time": (lambda: order("bad", place_time=Timestamp(seconds=-(2**60))), "order.place_time"),
    "quantity 0": (lambda: order("bad", line("1", 0)), "order.lines[0].quantity"),
    "quantity below": (lambda: order("bad", line("1", -5)), "order.lines[0].quantity"),
    "same line twice": (lambda: order("bad", line("1"), line("1")), "order.lines[1].line_id"),
    "odd line": (lambda: order("bad", line("a b")), "order.lines[0].line_id"),
    "odd rate": (lambda: _line(tax_rate="19,0"), "order.lines[0].tax_rate"),
    "long product": (lambda: _line(product_id="x" * 201), "order.lines[0].product_id"),
    "NUL": (lambda: _line(product_name="a\0"), "order.lines[0].product_name"),
    "10,001 lines": (lambda: order("bad", *(line(str(n)) for n in range(10_001))), "order.lines"),
}


@pytest.mark.parametrize("kind", ORDERS)
async def test_an_order_that_cannot_be_is_refused_by_its_field_and_sinks_no_import(shared: Service, kind: str) -> None:
    make, field = ORDERS[kind]
    said, feeder = make(), shared.client(*ALL)
    with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        await feeder.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=said))
    assert any(found.startswith(field) for found in caught[0].fields), caught

    async def stream() -> Any:
        for one in (order("good-before"), said, order("good-after")):
            yield orders_pb.ImportOrdersRequest(parent="tenants/acme", order=one)

    answer = await feeder.orders.ImportOrders(stream())
    assert answer.failed_count == 1
    assert answer.imported_count + answer.unchanged_count == 2
    assert (answer.failures[0].index, answer.failures[0].status.code) == (1, 3)


async def test_an_order_without_lines_is_refused(shared: Service) -> None:
    said = order("bad")
    said.ClearField("lines")
    with refused("FIELD_INVALID") as caught:
        await shared.client(*ALL).orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=said))
    assert caught[0].fields == ["order.lines"]


async def test_an_import_tells_its_first_1000_failures_and_counts_them_all(shared: Service) -> None:
    async def stream() -> Any:
        for number in range(1100):
            yield orders_pb.ImportOrdersRequest(parent="tenants/acme", order=order(f"bad {number}"))
        yield orders_pb.ImportOrdersRequest(parent="tenants/acme", order=order("good-at-last"))

    answer = await shared.client(*ALL).orders.ImportOrders(stream())
    assert (answer.failed_count, len(answer.failures)) == (1100, 1000)
    assert [failure.index for failure in answer.failures] == list(range(1000))
    assert answer.imported_count == 1


async def test_importing_the_same_again_changes_nothing_and_another_says_updates(shared: Service) -> None:
    feeder = shared.client(*ALL)
    counts = []
    for said in (order("again"), order("again"), order("again", line("1", 2, 1000))):
        answer = await feed(feeder, said)
        counts.append((answer.imported_count, answer.unchanged_count, answer.updated_count))
    assert counts == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]


ACME = "tenants/acme"
VERBS: dict[str, tuple[str, Callable[[Return], Any], str]] = {
    "reject, empty reason": ("RejectReturn", lambda r: pb.RejectReturnRequest(name=r.name, reason=Reason()), "reason"),
    "close, unknown reason": (
        "CloseReturn",
        lambda r: pb.CloseReturnRequest(name=r.name, close_reason=42),  # type: ignore[arg-type]
        "close_reason",
    ),
    "close, empty reason": ("CloseReturn", lambda r: pb.CloseReturnRequest(name=r.name, reason=Reason()), "reason"),
    "reopen, empty reason": ("ReopenReturn", lambda r: pb.ReopenReturnRequest(name=r.name, reason=Reason()), "reason"),
    "receipt without id": ("RecordReceipt", lambda r: pb.RecordReceiptRequest(name=r.name), "receipt_id"),
    "receipt, long id": (
        "RecordReceipt",
        lambda r: pb.RecordReceiptRequest(name=r.name, receipt_id="x" * 65),
        "receipt_id",
    ),
    "receipt of nothing": (
        "RecordReceipt",
        lambda r: pb.RecordReceiptRequest(name=r.name, receipt_id="r", items=units(r, 0, ReceiptItem)),
        "items[0].quantity",
    ),
    "approval below zero": (
        "ApproveReturn",
        lambda r: pb.ApproveReturnRequest(name=r.name, items=units(r, -1)),
        "items[0].quantity",
    ),
    "approval by nobody": (
        "ApproveReturn",
        lambda r: pb.ApproveReturnRequest(name=r.name, approver=Approver()),
        "approver",
    ),
    "batch of none": ("BatchGetReturns", lambda _: pb.BatchGetReturnsRequest(parent=ACME), "names"),
    "batch of 101": (
        "BatchGetReturns",
        lambda r: pb.BatchGetReturnsRequest(parent=ACME, names=[r.name] * 101),
        "names",
    ),
    "long etag": ("DeleteReturn", lambda r: pb.DeleteReturnRequest(name=r.name, etag="x" * 129), "etag"),
}


@pytest.mark.parametrize("kind", VERBS)
async def test_a_verb_that_says_nonsense_is_refused_by_its_field(shared: Service, kind: str) -> None:
    ret = await filed(shared)
    method, make, field = VERBS[kind]
    with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        await getattr(shared.client().returns, method)(make(ret))
    assert caught[0].fields == [field]


@pytest.mark.parametrize("name", [name for name in METHODS if name != "OrdersService/ImportOrders"])
async def test_every_method_refuses_a_name_that_is_none(shared: Service, name: str) -> None:
    method, client = METHODS[name], shared.client(*ALL)
    for wrong in NO_NAMES:
        request = method.request_type()
        put(request, method.resource, wrong)
        with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
            await call(client, name, request)
        assert ".".join(method.resource) in caught[0].fields, wrong[:20]


@pytest.mark.parametrize("name", MUTATIONS)
async def test_every_mutation_refuses_a_request_id_that_is_none(shared: Service, name: str) -> None:
    request = await SUCCEEDING[name](shared)
    request.request_id = "not-a-uuid"
    with refused("FIELD_INVALID") as caught:
        await call(shared.client(*ALL), name, request)
    assert caught[0].fields == ["request_id"]


async def test_all_that_is_wrong_is_told_at_once_and_stays_short(shared: Service) -> None:
    request = create(*((f"o {number}" + "x" * 300, " ", -number) for number in range(100)))
    request.request_id = LONG
    with refused("FIELD_INVALID") as caught:
        await shared.client().returns.CreateReturn(request)
    assert len(caught[0].fields) > 3
    assert caught[0].size < 4096
    assert len(caught[0].message) < 1000


async def test_a_reason_of_rejection_may_be_in_any_script(shared: Service) -> None:
    ret = await filed(shared)
    said = reason("\u58ca\u308c\u305f", "\U0001f4e6 \u0645\u0631\u062d\u0628\u0627")
    answer = await shared.client().returns.RejectReturn(pb.RejectReturnRequest(name=ret.name, reason=said))
    assert answer.rejection == said
