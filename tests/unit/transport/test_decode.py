"""Messages become what the application is asked; whatever is wrong with one is a named field."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.order_pb2 import Order
from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from returns_server.application.listing import Order as Sorting
from returns_server.application.listing import OrderField
from returns_server.domain.errors import FieldInvalid, FilterInvalid, TenantMismatch
from returns_server.domain.ids import OrderId, TenantId
from returns_server.domain.money import CURRENCY_DIGITS, MAX_MINOR
from returns_server.domain.returns import Approver, ApproverType, Reason, Requestor, Submitter, UserType
from returns_server.transport.decode import drafts, orders, policy
from returns_server.transport.decode.attributes import attributes
from returns_server.transport.decode.findings import Findings
from returns_server.transport.decode.money import minor_units, unit_price
from returns_server.transport.decode.names import order_id_in, own_return_id_in
from returns_server.transport.decode.order_by import order_by
from returns_server.transport.decode.shape import shape_check
from returns_server.transport.decode.times import micros

ACME = TenantId("acme")


def wrong_fields(work: Any, *arguments: Any) -> list[str]:
    with pytest.raises(FieldInvalid) as raised:
        work(*arguments)
    return [violation.field for violation in raised.value.violations]


def found(work: Any, *arguments: Any) -> tuple[Any, list[str]]:
    findings = Findings()
    result = work(*arguments, "here", findings)
    try:
        findings.check()
    except FieldInvalid as error:
        return result, [violation.description for violation in error.violations]
    return result, []


# Money


@given(st.integers(0, MAX_MINOR), st.sampled_from(sorted(CURRENCY_DIGITS)))
def test_money_becomes_its_exact_minor_units(minor: int, currency: str) -> None:
    digits = CURRENCY_DIGITS[currency]
    units, rest = divmod(minor, 10**digits)
    money = Money(currency_code=currency, units=units, nanos=rest * 10 ** (9 - digits))

    assert found(minor_units, money, currency, digits) == (minor, [])


@pytest.mark.parametrize(
    ("money", "description"),
    [
        (Money(currency_code="EUR", units=1), "must be in the order's currency GBP"),
        (Money(units=1), "must be in the order's currency GBP"),
        (Money(currency_code="GBP", nanos=1), "is finer than GBP allows"),
        (Money(currency_code="GBP", nanos=9_999_999), "is finer than GBP allows"),
        (Money(currency_code="GBP", units=-1), "must not be negative"),
        (Money(currency_code="GBP", nanos=-10_000_000), "must not be negative"),
        (Money(currency_code="GBP", units=1, nanos=-10_000_000), "of the same sign as units"),
        (Money(currency_code="GBP", units=-1, nanos=10_000_000), "of the same sign as units"),
        (Money(currency_code="GBP", nanos=1_000_000_000), "nanos between"),
        (Money(currency_code="GBP", nanos=-1_000_000_000), "nanos between"),
        (Money(currency_code="GBP", units=10**13, nanos=10_000_000), "must not exceed 10000000000 GBP"),
        (Money(currency_code="GBP", units=2**63 - 1), "must not exceed"),
    ],
)
def test_money_that_cannot_be_what_was_paid_is_refused(money: Money, description: str) -> None:
    _, descriptions = found(minor_units, money, "GBP", 2)

    assert len(descriptions) == 1
    assert description in descriptions[0]


@pytest.mark.parametrize(
    ("units", "nanos", "text"),
    [
        (0, 0, "0"),
        (2, 0, "2"),
        (100, 0, "100"),
        (0, 1_000_000, "0.001"),
        (1, 500_000_000, "1.5"),
        (0, 1, "0.000000001"),
    ],
)
def test_a_unit_price_keeps_every_digit(units: int, nanos: int, text: str) -> None:
    assert found(unit_price, Money(currency_code="GBP", units=units, nanos=nanos), "GBP") == (text, [])


# Times


@pytest.mark.parametrize(
    ("seconds", "nanos", "expected"),
    [(0, 0, 0), (1, 1_999, 1_000_001), (253_402_300_799, 999_999_999, 253_402_300_799_999_999)],
)
def test_times_are_cut_to_microseconds(seconds: int, nanos: int, expected: int) -> None:
    assert found(micros, Timestamp(seconds=seconds, nanos=nanos)) == (expected, [])


@pytest.mark.parametrize(("seconds", "nanos"), [(-1, 0), (253_402_300_800, 0), (0, -1), (0, 10**9), (-(2**63), 0)])
def test_times_outside_the_years_1970_to_9999_are_refused(seconds: int, nanos: int) -> None:
    assert found(micros, Timestamp(seconds=seconds, nanos=nanos))[1] == ["must be a time of the years 1970 to 9999"]


# Attributes


def struct(content: Any) -> Struct:
    return ParseDict(content, Struct())


def nested(levels: int) -> dict[str, Any]:
    return {"a": nested(levels - 1)} if levels > 1 else {"a": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_attributes_are_the_plain_values_that_the_caller_gave(content: dict[str, Any]) -> None:
    message = Struct()
    message.update(content)

    assert found(attributes, message) == (content, [])


def test_attributes_may_have_eight_levels_and_no_ninth() -> None:
    assert found(attributes, struct(nested(8)))[1] == []
    assert found(attributes, struct(nested(9)))[1] == ["must not be nested more than 8 levels deep"]


def test_lists_are_levels_too() -> None:
    lists: Any = 1
    for _ in range(7):
        lists = [lists]

    assert found(attributes, struct({"a": lists}))[1] == []
    assert found(attributes, struct({"a": [lists]}))[1] == ["must not be nested more than 8 levels deep"]


def test_attributes_may_have_16_kib_as_json_and_no_byte_more() -> None:
    around = len('{"a":""}')

    assert found(attributes, struct({"a": "x" * (16_384 - around)}))[1] == []
    assert found(attributes, struct({"a": "x" * (16_385 - around)}))[1] == ["must not exceed 16384 bytes as JSON"]
    # Eight bytes in JSON are one small field: what is large only on the wire is refused without being converted.
    assert found(attributes, struct({"a": ["x" * 1_000] * 1_000}))[1] == ["must not exceed 16384 bytes as JSON"]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    message = Struct()
    message.fields["a"].list_value.values.add().number_value = number

    assert found(attributes, message)[1] == ["must be a finite number"]


def test_an_attribute_without_a_value_is_refused() -> None:
    message = Struct()
    message.fields["a"].SetInParent()

    assert found(attributes, message)[1] == ["has no value; to say that there is none, use null"]


# Names


@pytest.mark.parametrize("name", ["o-1", "tenants/acme/orders/o-1"])
def test_an_order_is_named_by_resource_name_or_bare_id(name: str) -> None:
    assert order_id_in(name, ACME, "order") == OrderId("o-1")


def test_another_tenants_names_are_refused() -> None:
    with pytest.raises(TenantMismatch) as order:
        order_id_in("tenants/acme2/orders/o-1", ACME, "draft.orders[0].order")
    with pytest.raises(TenantMismatch):
        own_return_id_in("tenants/acme2/returns/r-1", ACME, "names[0]")

    assert order.value.facts == {"field": "draft.orders[0].order"}


# Drafts


def test_a_draft_says_only_what_it_says() -> None:
    draft = drafts.draft(ReturnDraft(), ACME)

    assert draft.populated() == ()
    assert (draft.reason, draft.requestor, draft.attributes, draft.expire_time) == (None, None, None, None)


def test_an_empty_object_of_attributes_is_something() -> None:
    message = ReturnDraft()
    message.attributes.SetInParent()

    assert drafts.draft(message, ACME).populated() == ("attributes",)


def test_a_draft_is_decoded_whole() -> None:
    message = ReturnDraft()
    message.orders.add(order="tenants/acme/orders/o-1").items.add(line_id="1", quantity=2).reason.code = "BROKEN"
    message.orders.add(order="o-2").items.add(line_id="7", quantity=1)
    message.reason.details = "no longer needed"
    message.requestor.guest_email = "  Anna@Example.COM "
    message.submitter.user_type = 3  # type: ignore[assignment]
    message.submitter.email = " BOT@x "
    message.approver.type = 2  # type: ignore[assignment]
    message.approver.id = "g-1"
    message.expire_time.seconds = 5

    draft = drafts.draft(message, ACME)

    assert [(*item.key, item.quantity, item.reason) for item in draft.items] == [
        ("o-1", "1", 2, Reason("BROKEN")),
        ("o-2", "7", 1, None),
    ]
    assert draft.reason == Reason("", "no longer needed")
    assert draft.requestor == Requestor(guest_email="anna@example.com")
    assert draft.submitter == Submitter(UserType.SERVICE, email="bot@x")
    assert draft.approver == Approver(ApproverType.GROUP, "g-1")
    assert draft.expire_time == 5_000_000


def test_everything_wrong_in_a_draft_is_said_at_once() -> None:
    message = ReturnDraft(expire_time=Timestamp(seconds=-1))
    message.attributes.update({"a": nested(9), "b": 1})
    message.attributes.fields["c"].number_value = math.nan

    assert sorted(wrong_fields(drafts.draft, message, ACME)) == [
        "draft.attributes.a.a.a.a.a.a.a.a", "draft.attributes.c", "draft.expire_time",
    ]  # fmt: skip


# Orders


def an_order(**changes: Any) -> Order:
    content: dict[str, Any] = {
        "name": "tenants/acme/orders/o-1",
        "customer_id": "c-1",
        "currency_code": "GBP",
        "place_time": "2026-11-01T12:00:00.5Z",
        "lines": [a_line()],
    }
    return ParseDict(content | changes, Order())


def a_line(line_id: str = "1", **total: Any) -> dict[str, Any]:
    content = {"gross": money(12), "net": money(10), "tax": money(2), "tax_code": "std", "tax_rate": "20"} | total
    return {"line_id": line_id, "quantity": 3, "total": {k: v for k, v in content.items() if v is not None}}


def money(units: int, nanos: int = 0, currency: str = "GBP") -> dict[str, Any]:
    return {"currency_code": currency, "units": units, "nanos": nanos}


def test_an_order_is_decoded_whole() -> None:
    head, (line,) = orders.order(an_order(deliver_time="2026-11-03T00:00:00Z"), ACME)

    assert (head.order_id, head.customer_id, head.guest_email, head.currency) == ("o-1", "c-1", "", "GBP")
    assert head.place_time == 1_793_534_400_500_000
    assert head.deliver_time == 1_793_664_000_000_000
    assert (line.paid.amount.gross, line.paid.amount.net, line.paid.amount.tax) == (1_200, 1_000, 200)
    assert (line.paid.tax_code, line.paid.tax_rate, line.unit_price) == ("std", "20", "")


@pytest.mark.parametrize(
    ("order", "fields"),
    [
        (an_order(currency_code="XXX"), ["order.currency_code"]),
        (an_order(guest_email="a@b"), ["order.guest_email"]),
        (an_order(lines=[a_line(), a_line()]), ["order.lines[1].line_id"]),
        (an_order(lines=[a_line(net=None)]), ["order.lines[0].total.net"]),
        (an_order(lines=[a_line(tax=None)]), ["order.lines[0].total.tax"]),
        (an_order(lines=[a_line(tax=money(1))]), ["order.lines[0].total.gross"]),
        (an_order(lines=[a_line(net=money(10, currency="EUR"))]), ["order.lines[0].total.net"]),
        (an_order(lines=[a_line(), a_line("2", gross=money(12, 1))]), ["order.lines[1].total.gross"]),
        (an_order(lines=[a_line() | {"unit_price": money(-1)}]), ["order.lines[0].unit_price"]),
        (an_order(lines=[a_line() | {"tax_code": "low"}]), ["order.lines[0].tax_code"]),
        (an_order(lines=[a_line(tax_rate="twenty")]), ["order.lines[0].tax_rate"]),
        (an_order(lines=[a_line(gross=money(-1)), a_line()]), ["order.lines[0].total.gross", "order.lines[1].line_id"]),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_every_field_named(order: Order, fields: list[str]) -> None:
    assert wrong_fields(orders.order, order, ACME) == fields


def test_an_order_without_tax_is_gross_alone() -> None:
    _, (line,) = orders.order(an_order(lines=[a_line(net=None, tax=None)]), ACME)

    assert (line.paid.amount.gross, line.paid.amount.has_tax) == (1_200, False)


def test_another_tenants_order_is_refused() -> None:
    with pytest.raises(TenantMismatch):
        orders.order(an_order(name="tenants/other/orders/o-1"), ACME)


# Policy


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"expire_after": "0.5s"}, "return_policy.expire_after"),
        ({"expire_after": "-1s"}, "return_policy.expire_after"),
        ({"return_window": "-1s"}, "return_policy.return_window"),
        ({"reasons": [{"code": "A"}, {"code": "B"}, {"code": "A"}]}, "return_policy.reasons[2].code"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(content: dict[str, Any], field: str) -> None:
    assert field in wrong_fields(policy._policy, ParseDict(content, ReturnPolicy()), ACME)


def test_what_is_approved_at_once_must_be_a_filter_over_returns() -> None:
    assert policy._policy(ReturnPolicy(auto_approve="state=PENDING"), ACME).auto_approve == "state=PENDING"
    with pytest.raises(FilterInvalid, match="one of PENDING") as refusal:
        policy._policy(ReturnPolicy(auto_approve="state=OPEN"), ACME)
    assert refusal.value.facts == {"column": "7", "field": "return_policy.auto_approve"}
    with pytest.raises(TenantMismatch) as mismatch:
        policy._policy(ReturnPolicy(auto_approve="name=tenants/other/returns/1"), ACME)
    assert mismatch.value.facts == {"field": "return_policy.auto_approve"}


# Sorting


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Sorting(OrderField.CREATE_TIME, descending=True)),
        ("create_time", Sorting(OrderField.CREATE_TIME, descending=False)),
        ("update_time asc", Sorting(OrderField.UPDATE_TIME, descending=False)),
        ("  expire_time   desc ", Sorting(OrderField.EXPIRE_TIME, descending=True)),
        ("total.gross desc", Sorting(OrderField.TOTAL_GROSS, descending=True)),
    ],
)
def test_sorting(text: str, expected: Sorting) -> None:
    assert order_by(text) == expected


@pytest.mark.parametrize(
    "text", [" ", "name", "create_time down", "create_time desc asc", "create_time,update_time", "desc", "x" * 10_000]
)
def test_sorting_by_anything_else_is_refused(text: str) -> None:
    assert wrong_fields(order_by, text) == ["order_by"]


# Shape


def check_shape(request: Message) -> None:
    shape_check(type(request))(request, b"\0" in request.SerializeToString())


def test_every_broken_rule_is_named_by_its_path() -> None:
    request = pb.CreateReturnRequest(parent="tenants/acme", request_id="not a uuid")
    order = request.draft.orders.add(order="o-1")
    order.items.add(line_id="1", quantity=0)
    order.items.add(line_id="no good", quantity=1)

    assert sorted(wrong_fields(check_shape, request)) == [
        "draft.orders[0].items[0].quantity", "draft.orders[0].items[1].line_id", "request_id",
    ]  # fmt: skip


def test_nul_is_found_in_keys_and_values_of_attributes() -> None:
    request = pb.CreateReturnRequest(parent="tenants/acme")
    request.draft.orders.add(order="o-1").items.add(line_id="1", quantity=1)
    request.draft.reason.code = "X"
    request.draft.attributes.update({"fine": 0, "a\0": 1, "b": {"c": ["x", "y\0"]}})

    fields = wrong_fields(check_shape, request)

    assert len(fields) == 2
    assert all(field.startswith("draft.attributes") for field in fields)
