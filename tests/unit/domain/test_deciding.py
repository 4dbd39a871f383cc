"""Staff approve all, a part or nothing of a return."""

from __future__ import annotations

import pytest

from returns_server.domain.deciding import Approval, ItemQuantity, approve, reject
from returns_server.domain.errors import FieldInvalid, InvalidState, LineNotFound
from returns_server.domain.events import EventType
from returns_server.domain.ids import DAY, Micros
from returns_server.domain.money import Amount
from returns_server.domain.policy import Policy
from returns_server.domain.returns import Approver, ApproverType, GoodsState, Reason, State
from tests.unit.domain.shop import ANN, START, Shop, item, key, line, one_order, paid, units

MAX = Approver(ApproverType.USER, "max")


def test_no_items_approve_everything() -> None:
    shop = one_order(quantity=3, gross=1000)
    ret = shop.files(item("1", 2), item("2", 5))
    shop.now = Micros(START + DAY)
    approved = shop.approves(ret)
    assert [one.approved_quantity for one in approved.items] == [2, 5]
    assert approved.approved_total == approved.total == paid(667 + 500)
    assert (approved.state, approved.goods_state) == (State.APPROVED, GoodsState.AWAITING)
    assert (approved.approve_time, approved.update_time, approved.version) == (shop.now, shop.now, 2)


def test_what_is_not_approved_is_released_and_can_be_returned_again() -> None:
    shop = one_order(quantity=3, gross=1000)
    approved = shop.approves(shop.files(item("1", 3), item("2", 5)), units("1", 2))
    assert [(one.quantity, one.approved_quantity, one.claimed_units) for one in approved.items] == [
        (3, 2, 2),
        (5, 0, 0),
    ]
    assert approved.total == paid(1500)
    assert approved.approved_total == paid(667)
    assert shop.lines[key("1")].claimed == Amount(667)
    assert shop.files(item("1", 1), item("2", 5)).total == paid(333 + 500)


def test_a_line_named_twice_in_an_approval_adds_up() -> None:
    shop = one_order()
    approved = shop.approves(shop.files(item("1", 3)), units("1", 1), units("1", 2))
    assert approved.items[0].approved_quantity == 3


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ((units("2", 1), units("1", 4)), "items[1].quantity"),
        ((units("1", 2), units("1", 2)), "items[0].quantity"),
        ((units("1", 0),), "items"),
    ],
)
def test_no_more_than_asked_for_and_at_least_one_unit_is_approved(named: tuple[ItemQuantity, ...], field: str) -> None:
    shop = one_order(quantity=10)
    ret = shop.files(item("1", 3), item("2", 1))
    with pytest.raises(FieldInvalid) as refusal:
        shop.approves(ret, *named)
    assert refusal.value.facts == {"field": field}


def test_only_lines_of_the_return_are_approved() -> None:
    shop = one_order()
    with pytest.raises(LineNotFound):
        shop.approves(shop.files(item("1")), units("2"))


def test_the_approver_stays_unless_another_is_named() -> None:
    shop = one_order()
    assert shop.approves(shop.files(item(), approver=MAX)).approver == MAX
    other = Approver(ApproverType.GROUP, "team")
    assert shop.approves(shop.files(item(), approver=MAX), approver=other).approver == other


@pytest.mark.parametrize(
    ("drafted", "at_approval", "expected"),
    [
        (None, None, START + DAY + 7 * DAY),
        (START + 20 * DAY, None, START + 20 * DAY),
        (START + DAY // 2, None, START + DAY + 7 * DAY),
        (START + 20 * DAY, START + 3 * DAY, START + 3 * DAY),
        (None, START + 3 * DAY, START + 3 * DAY),
    ],
    ids=["by the policy, from now", "as drafted", "as drafted, and over", "as approved", "as approved, none drafted"],
)
def test_the_clock_for_the_goods(drafted: Micros | None, at_approval: Micros | None, expected: Micros) -> None:
    shop = one_order(policy=Policy(expire_after=Micros(7 * DAY)))
    ret = shop.files(item(), expire_time=drafted)
    shop.now = Micros(START + DAY)
    assert shop.approves(ret, expire_time=at_approval).expire_time == expected


def test_an_approval_that_is_over_at_once_is_refused() -> None:
    shop = one_order()
    ret = shop.files(item())
    with pytest.raises(FieldInvalid) as refusal:
        shop.approves(ret, expire_time=shop.now)
    assert refusal.value.facts == {"field": "expire_time"}


def test_goods_that_are_not_expected() -> None:
    shop = one_order()
    approved = shop.approves(shop.files(item(quantity=2)), goods_not_expected=True)
    assert (approved.goods_state, approved.received) == (GoodsState.NOT_EXPECTED, False)
    assert (
        "goods_not_expected"
        in approve(shop.files(item()), Approval(goods_not_expected=True), shop.facts()).events[0].changed_paths
    )


def test_a_rejection_releases_everything_and_says_why() -> None:
    shop = Shop().sells(line("A", "1", 3, paid(1000, tax=160)))
    decision = reject(shop.files(item(quantity=3)), Reason("WORN", "soles"), shop.facts())
    rejected = shop.enter(decision)
    assert (rejected.state, rejected.rejection) == (State.REJECTED, Reason("WORN", "soles"))
    assert (shop.lines[key()].claimed_units, shop.lines[key()].claimed) == (0, Amount(0, 0, 0))
    assert rejected.total == paid(1000, tax=160), "what was asked for is still told"
    assert [event.type for event in decision.events] == [EventType.REJECTED]


def test_owners_do_not_decide() -> None:
    shop = one_order()
    ret = shop.files(item(), actor=ANN)
    with pytest.raises(InvalidState) as approval:
        approve(ret, Approval(), shop.facts(ANN))
    with pytest.raises(InvalidState) as rejection:
        reject(ret, Reason("X"), shop.facts(ANN))
    assert approval.value.facts == {"state": "PENDING", "allowed_actions": "UPDATE,CLOSE"}
    assert rejection.value.facts == approval.value.facts
