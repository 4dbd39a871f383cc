"""Documents say what the domain says, and come back as they went."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from google.type import money_pb2
from hypothesis import given
from hypothesis import strategies as st

from commerce.returns.v1 import event_pb2, order_pb2, party_pb2, policy_pb2, return_pb2
from returns_server.application.books import Happened
from returns_server.application.etags import policy_etag
from returns_server.domain.actors import TIMER
from returns_server.domain.events import Event, EventType
from returns_server.domain.ids import LineId, Micros, OrderId, TenantId
from returns_server.domain.money import CURRENCY_DIGITS, Amount, Price
from returns_server.domain.orders import Order, OrderHead, OrderLine
from returns_server.domain.policy import Policy
from returns_server.domain.returns import (
    Action,
    ApproverType,
    AssistedOperation,
    CloseReason,
    GoodsState,
    Return,
    State,
    UserType,
)
from returns_server.storage.documents.events import encode_event
from returns_server.storage.documents.money import decimal_money, decimal_of, minor_of, money
from returns_server.storage.documents.orders import encode_order
from returns_server.storage.documents.policy import decode_policy, encode_policy
from returns_server.storage.documents.returns import Claim, decode_return, encode_return
from tests.support.domain_values import CURRENCIES, DECIMALS, POLICIES, returns

ACME = TenantId("acme")


def claims_of(ret: Return) -> list[Claim]:
    """The items' claims as the table keeps them: 0 where net and tax are not known."""
    return [
        (i.order_id, i.line_id, i.claimed_units, i.claimed.net or 0, i.claimed.tax or 0, i.claimed.gross)
        for i in ret.items
    ]


@given(returns())
def test_a_return_comes_back_as_it_was_written(ret: Return) -> None:
    document = encode_return(ACME, ret)
    assert decode_return(document, claims_of(ret), expire_time_given=ret.expire_time_given) == ret


@given(returns())
def test_a_document_states_what_the_domain_derives(ret: Return) -> None:
    message = return_pb2.Return.FromString(encode_return(ACME, ret))
    assert message.received == ret.received
    assert int(message.goods_state) == ret.goods_state
    assert minor_of(message.total.gross, ret.currency) == ret.total.amount.gross
    assert message.total.HasField("net") == ret.total.amount.has_tax
    assert message.HasField("approved_total") == (ret.approve_time is not None)
    assert [order.order for order in message.orders] == [
        f"tenants/acme/orders/{order_id}" for order_id in dict.fromkeys(item.order_id for item in ret.items)
    ]
    assert not message.allowed_actions
    if ret.return_id:
        assert (message.name, message.etag) == (f"tenants/acme/returns/{ret.return_id}", str(ret.version))
    else:
        assert (message.name, message.etag) == ("", "")


@given(CURRENCIES, st.integers(-(10**18), 10**18))
def test_money_is_exact(currency: str, minor: int) -> None:
    message = money_pb2.Money(**money(minor, currency))
    assert abs(message.nanos) < 10**9
    assert message.units * message.nanos >= 0
    written = Decimal(message.units) + Decimal(message.nanos).scaleb(-9)
    assert written == Decimal(minor).scaleb(-CURRENCY_DIGITS[currency])
    assert minor_of(message, currency) == minor


@given(DECIMALS)
def test_a_decimal_comes_back_as_it_was_written(text: str) -> None:
    fields = decimal_money(text, "GBP")
    assert fields is not None
    assert decimal_of(money_pb2.Money(**fields)) == text


@pytest.mark.parametrize(("text", "units", "nanos"), [("2.50", 2, 500_000_000), ("-0.125", 0, -125_000_000)])
def test_decimals_of_other_shapes_keep_their_value(text: str, units: int, nanos: int) -> None:
    assert decimal_money(text, "EUR") == {"currency_code": "EUR", "units": units, "nanos": nanos}


def test_no_unit_price_is_no_money() -> None:
    assert decimal_money("", "EUR") is None


@given(POLICIES)
def test_a_policy_comes_back_as_it_was_written(policy: Policy) -> None:
    document = encode_policy(ACME, policy)
    assert decode_policy(document) == policy
    message = policy_pb2.ReturnPolicy.FromString(document)
    assert (message.name, message.etag) == ("tenants/acme/returnPolicy", policy_etag(policy))


def test_an_order_states_what_returns_claim_of_each_line() -> None:
    head = OrderHead(OrderId("o1"), "", "guest@example.com", "KWD", Micros(1_000_001), None)
    taxed = Price(Amount(1_190, 1_000, 190), "standard", "19")
    lines = (
        OrderLine(
            *(head.order_id, LineId("1"), "p1", "Lamp", 5, "0.238", taxed, False),
            claimed_units=2,
            claimed=Amount(476, 400, 76),
        ),
        OrderLine(head.order_id, LineId("2"), "p2", "", 1, "", Price(Amount(0)), True),
    )
    document = encode_order(ACME, Order(head, lines, Micros(5), Micros(6), "tag"))
    message = order_pb2.Order.FromString(document)
    first, second = message.lines
    assert (message.name, message.etag, message.guest_email) == ("tenants/acme/orders/o1", "tag", "guest@example.com")
    assert (message.place_time.seconds, message.place_time.nanos) == (1, 1_000)
    assert not message.HasField("deliver_time")
    assert (first.quantity, first.returned_quantity, first.returnable_quantity) == (5, 2, 3)
    assert (first.total.gross.units, first.total.gross.nanos, first.total.tax_rate) == (1, 190_000_000, "19")
    assert (first.tax_code, first.tax_rate, first.unit_price.nanos) == ("standard", "19", 238_000_000)
    assert second.final_sale
    assert not second.HasField("unit_price")
    assert not second.total.HasField("net")


@given(returns(), st.sampled_from(EventType), st.uuids())
def test_an_event_holds_its_snapshot_byte_for_byte(ret: Return, event_type: EventType, event_id: uuid.UUID) -> None:
    snapshot = encode_return(ACME, ret)
    happened = Happened(Event(event_type, 7, ("state", "orders"), ret), TIMER, Micros(1_500_000), "request", "trace")
    message = event_pb2.ReturnEvent.FromString(encode_event(ACME, happened, event_id.bytes, snapshot))
    assert message.snapshot == return_pb2.Return.FromString(snapshot)
    assert (message.id, message.type, message.return_version) == (str(event_id), event_type.type_name, 7)
    assert message.return_name == f"tenants/acme/returns/{ret.return_id}"
    assert (message.time.seconds, message.time.nanos) == (1, 500_000_000)
    assert (message.actor.subject, int(message.actor.user_type)) == (TIMER.subject, UserType.SERVICE)
    assert list(message.changed_paths.paths) == ["state", "orders"]
    assert (message.request_id, message.trace_parent) == ("request", "trace")
    assert (message.sequence, message.cursor) == (0, "")


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (State, return_pb2.Return.State, "STATE_"),
        (GoodsState, return_pb2.Return.GoodsState, "GOODS_STATE_"),
        (CloseReason, return_pb2.Return.CloseReason, "CLOSE_REASON_"),
        (Action, return_pb2.Return.Action, "ACTION_"),
        (AssistedOperation, return_pb2.AssistedAction.Operation, "OPERATION_"),
        (UserType, party_pb2.Submitter.UserType, "USER_TYPE_"),
        (ApproverType, party_pb2.Approver.Type, "TYPE_"),
    ],
)
def test_enums_have_the_numbers_of_the_contract(ours: type, theirs: object, prefix: str) -> None:
    contract = {name.removeprefix(prefix): number for name, number in theirs.items()}  # type: ignore[attr-defined]
    mine = {member.name: member.value for member in ours}  # type: ignore[attr-defined]
    assert mine | {"UNSPECIFIED": 0} == contract
