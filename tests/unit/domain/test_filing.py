"""What a draft may ask for, whose orders it may name, and what it merges."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_server.domain.drafts import MAX_DETAILS, DraftItem, merged
from returns_server.domain.errors import (
    CurrencyMismatch,
    FieldInvalid,
    LineNotFound,
    OrderNotFound,
    OrderNotOfRequestor,
    RequiresManageScope,
)
from returns_server.domain.events import EventType
from returns_server.domain.ids import DAY, Micros
from returns_server.domain.policy import Policy
from returns_server.domain.returns import (
    MAX_ITEMS,
    MAX_ORDERS,
    Approver,
    ApproverType,
    GoodsState,
    Reason,
    Requestor,
    State,
    Submitter,
    UserType,
)
from tests.unit.domain.shop import ANN, GUEST, START, Shop, item, key, line, one_order, paid

# What comes of it.


def test_a_new_return_is_pending_with_its_units_claimed() -> None:
    shop = one_order(quantity=3, gross=1000)
    decision = shop.decides_to_file(item(quantity=2), item("2", 1), actor=ANN)
    ret = decision.after
    assert (ret.state, ret.version, ret.goods_state, ret.received) == (State.PENDING, 1, GoodsState.UNSPECIFIED, False)
    assert (ret.total, ret.approved_total, ret.currency) == (paid(767), None, "EUR")
    assert (ret.create_time, ret.update_time, ret.expire_time) == (START, START, START + 30 * DAY)
    assert {changed.key: changed.claimed_units for changed in decision.lines.values()} == {key("1"): 2, key("2"): 1}
    (event,) = decision.events
    assert (event.type, event.version, event.snapshot) == (EventType.CREATED, 1, ret)
    assert set(event.changed_paths) == {
        "state", "reason", "orders", "requestor", "submitter", "total", "currency_code", "expire_time"
    }  # fmt: skip


def test_what_is_refused_leaves_the_ledger_alone() -> None:
    shop = one_order()
    before = dict(shop.lines)
    with pytest.raises(LineNotFound) as refusal:
        shop.decides_to_file(item(), item("none"))
    assert refusal.value.facts == {"order": "A", "line_id": "none"}
    assert shop.lines == before


def test_the_policy_says_when_a_return_expires() -> None:
    shop = one_order(policy=Policy(expire_after=DAY))
    assert shop.files(item()).expire_time == START + DAY
    assert shop.files(item(), expire_time=Micros(START + 5)).expire_time == START + 5
    with pytest.raises(FieldInvalid, match="future"):
        shop.files(item(), expire_time=START)


@pytest.mark.parametrize("reason", [None, Reason(), Reason("", "")])
def test_a_reason_is_required(reason: Reason | None) -> None:
    with pytest.raises(FieldInvalid) as refusal:
        one_order().files(item(), reason=reason)
    assert refusal.value.facts == {"field": "draft.reason"}


# An order or a line named twice becomes one.


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ((None, None), None),
        ((Reason("A", "x"), None), Reason("A", "x")),
        ((None, Reason("B", "y")), Reason("B", "y")),
        ((Reason("A", "x"), Reason("B", "y")), Reason("A", "x; y")),
        ((Reason("", "x"), Reason("B", "")), Reason("B", "x")),
        ((Reason("A", "x"), Reason("B", "x")), Reason("A", "x")),
        ((Reason("A"), Reason("B"), Reason("C", "z")), Reason("A", "z")),
    ],
)
def test_a_line_named_again_adds_up_keeps_the_first_code_and_joins_details(
    reasons: tuple[Reason | None, ...], expected: Reason | None
) -> None:
    (joined,) = merged(item(quantity=2, reason=reason) for reason in reasons)
    assert joined == item(quantity=2 * len(reasons), reason=expected)


_ITEMS = st.lists(
    st.builds(item, st.sampled_from("123"), st.integers(1, 9), st.sampled_from("ABC")), min_size=1, max_size=20
)


@given(_ITEMS)
def test_merging_keeps_all_units_and_puts_the_lines_of_an_order_together(items: list[DraftItem]) -> None:
    result = merged(items)
    named = [asked.key for asked in result]
    assert named == list(dict.fromkeys(named))
    assert {asked.key: asked.quantity for asked in result} == {
        name: sum(asked.quantity for asked in items if asked.key == name) for name in named
    }
    orders = [asked.order_id for asked in result]
    assert [one for one, before in zip(orders, ["", *orders], strict=False) if one != before] == list(
        dict.fromkeys(asked.order_id for asked in items)
    )
    assert merged(result) == result


def test_a_return_has_bounds() -> None:
    assert len(merged(item(str(number)) for number in range(MAX_ITEMS))) == MAX_ITEMS
    assert len(merged(item(order_id=str(number)) for number in range(MAX_ORDERS))) == MAX_ORDERS
    details = "x" * (MAX_DETAILS // 2)
    for refused in (
        [],
        [item(str(number)) for number in range(MAX_ITEMS + 1)],
        [item(order_id=str(number)) for number in range(MAX_ORDERS + 1)],
        [item(reason=Reason("", details)), item(reason=Reason("", details + "y"))],
    ):
        with pytest.raises(FieldInvalid, match=r"draft\.orders"):
            merged(refused)


# Whose orders.


def test_an_owner_is_requestor_and_submitter_by_the_token() -> None:
    ret = one_order().files(item(), actor=ANN)
    assert ret.requestor == Requestor("ann", first_name="Ann")
    assert ret.submitter == Submitter(UserType.CUSTOMER, "ann-subject", "Ann")
    assert ret.assisted_actions == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("requestor", Requestor("ann")),
        ("submitter", Submitter(UserType.CUSTOMER, "ann-subject")),
        ("approver", Approver(ApproverType.USER, "ann")),
        ("expire_time", Micros(START + DAY)),
    ],
)
def test_owners_cannot_draft_what_is_for_staff(field: str, value: object) -> None:
    with pytest.raises(RequiresManageScope) as refusal:
        one_order().files(item(), actor=ANN, **{field: value})
    assert refusal.value.facts == {"field": f"draft.{field}"}


def test_anothers_order_and_an_anonymous_one_do_not_exist_for_an_owner() -> None:
    shop = Shop().sells(line("B", "1", 1, paid(1)), customer_id="bob").sells(line("N", "1", 1, paid(1)), customer_id="")
    for order_id in ("B", "N", "missing"):
        with pytest.raises(OrderNotFound):
            shop.files(item(order_id=order_id), actor=ANN)


def test_staff_are_told_that_an_order_is_not_the_requestors() -> None:
    shop = Shop().sells(line("B", "1", 1, paid(1)), customer_id="bob")
    with pytest.raises(OrderNotOfRequestor) as refusal:
        shop.files(item(order_id="B"), requestor=Requestor("ann"))
    assert refusal.value.facts == {"order": "B"}


def test_staff_who_name_nobody_get_the_common_customer() -> None:
    shop = Shop().sells(line("A", "1", 9, paid(9))).sells(line("N", "1", 9, paid(9)), customer_id="")
    shop.sells(line("G", "1", 9, paid(9)), customer_id="", guest_email="gus@example.com")
    assert shop.files(item(), item(order_id="N")).requestor == Requestor("ann")
    assert shop.files(item(order_id="G")).requestor == Requestor(guest_email="gus@example.com")
    for orders in ("AG", "N"):
        with pytest.raises(FieldInvalid) as refusal:
            shop.files(*(item(order_id=order_id) for order_id in orders))
        assert refusal.value.facts == {"field": "draft.requestor"}
    assert shop.files(item(order_id="N"), requestor=Requestor("zoe")).requestor == Requestor("zoe")


@pytest.mark.parametrize("requestor", [Requestor(), Requestor("ann", "ann@example.com"), Requestor(email="a@b.c")])
def test_a_requestor_is_a_customer_or_a_guest(requestor: Requestor) -> None:
    with pytest.raises(FieldInvalid):
        one_order().files(item(), requestor=requestor)


def test_a_guest_is_served_by_staff_and_after_registering_with_that_address_alone() -> None:
    shop = Shop().sells(line("G", "1", 2, paid(10)), customer_id="", guest_email="gus@example.com")
    by_staff = shop.files(item(order_id="G"), requestor=Requestor(guest_email="gus@example.com"))
    assert GUEST.sees(by_staff.requestor)
    by_guest = shop.files(item(order_id="G"), actor=GUEST)
    assert by_guest.requestor == Requestor("gus", email="gus@example.com")
    unverified = replace(GUEST, verified_email="", email="gus@example.com")
    assert not unverified.sees(by_staff.requestor)
    with pytest.raises(OrderNotFound):
        shop.files(item(order_id="G"), actor=unverified)


def test_all_orders_share_a_currency() -> None:
    shop = one_order().sells(line("B", "1", 1, paid(1)), currency="USD")
    with pytest.raises(CurrencyMismatch, match="EUR, USD") as refusal:
        shop.files(item(), item(order_id="B"))
    assert refusal.value.facts == {"order": "B"}
