"""Returns end and begin again: close, expire, delete, reopen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from returns_server.domain.actors import TIMER
from returns_server.domain.closing import close, delete, expire, reopen
from returns_server.domain.errors import FieldInvalid, InvalidState, QuantityExceedsReturnable, RequiresManageScope
from returns_server.domain.events import Decision, EventType
from returns_server.domain.ids import DAY, Micros
from returns_server.domain.money import Amount
from returns_server.domain.policy import Policy
from returns_server.domain.returns import AssistedOperation, CloseReason, GoodsState, Reason, Return, State
from tests.unit.domain.shop import ANN, SERVICE, START, Shop, item, key, line, one_order, paid, units

UNSPECIFIED, WITHDRAWN, CANCELLED, COMPLETED, EXPIRED = CloseReason


def pending(shop: Shop) -> Return:
    return shop.files(item(quantity=2))


def approved(shop: Shop) -> Return:
    return shop.approves(pending(shop))


def partly_received(shop: Shop) -> Return:
    return shop.receives(approved(shop), "p1", units(quantity=1))


def received(shop: Shop) -> Return:
    return shop.receives(approved(shop), "p1")


def without_goods(shop: Shop) -> Return:
    return shop.approves(pending(shop), goods_not_expected=True)


# Close reasons.


@pytest.mark.parametrize(
    ("situation", "asked", "expected"),
    [
        (pending, UNSPECIFIED, CANCELLED),
        (pending, CANCELLED, CANCELLED),
        (approved, UNSPECIFIED, CANCELLED),
        (partly_received, UNSPECIFIED, CANCELLED),
        (partly_received, COMPLETED, COMPLETED),
        (partly_received, CANCELLED, CANCELLED),
        (received, UNSPECIFIED, COMPLETED),
        (received, CANCELLED, CANCELLED),
        (without_goods, COMPLETED, COMPLETED),
        (without_goods, CANCELLED, CANCELLED),
    ],
)
def test_staff_close_as_completed_or_cancelled(
    situation: Callable[[Shop], Return], asked: CloseReason, expected: CloseReason
) -> None:
    shop = one_order()
    closed = shop.closes(situation(shop), asked)
    assert (closed.state, closed.close_reason, closed.close_time) == (State.CLOSED, expected, shop.now)


@pytest.mark.parametrize("situation", [pending, approved])
def test_completed_needs_a_receipt(situation: Callable[[Shop], Return]) -> None:
    shop = one_order()
    with pytest.raises(InvalidState) as refusal:
        shop.closes(situation(shop), COMPLETED)
    assert refusal.value.facts["cause"] == "NOTHING_RECEIVED"


@pytest.mark.parametrize("asked", [WITHDRAWN, EXPIRED])
def test_staff_neither_withdraw_nor_expire(asked: CloseReason) -> None:
    shop = one_order()
    with pytest.raises(FieldInvalid) as refusal:
        shop.closes(pending(shop), asked)
    assert refusal.value.facts == {"field": "close_reason"}


def test_owners_withdraw_and_nothing_else() -> None:
    shop = one_order()
    for asked in (UNSPECIFIED, WITHDRAWN):
        assert shop.closes(pending(shop), asked, actor=ANN).close_reason is WITHDRAWN
    for asked in (CANCELLED, COMPLETED, EXPIRED):
        with pytest.raises(RequiresManageScope):
            close(shop.files(item()), asked, None, shop.facts(ANN))


def test_what_is_said_at_closing_is_kept_and_told() -> None:
    shop = one_order()
    decision = close(pending(shop), UNSPECIFIED, Reason("CALLED", "found it"), shop.facts())
    assert decision.after.closing == Reason("CALLED", "found it")
    action = decision.after.assisted_actions[-1]
    assert (action.operation, action.reason) == (AssistedOperation.CLOSE, "found it")
    assert {"state", "close_reason", "closing", "close_time"} <= set(decision.events[0].changed_paths)


# What is released.


@pytest.mark.parametrize(
    ("situation", "kept"), [(pending, 0), (approved, 0), (partly_received, 1), (received, 2), (without_goods, 2)]
)
def test_closing_releases_what_did_not_arrive(situation: Callable[[Shop], Return], kept: int) -> None:
    shop = one_order(quantity=2, gross=999)
    closed = shop.closes(situation(shop))
    assert shop.lines[key()].claimed_units == closed.items[0].claimed_units == kept
    assert shop.lines[key()].claimed == closed.items[0].claimed == Amount([0, 499, 999][kept])


def test_the_timer_releases_too_and_says_so_once() -> None:
    shop = one_order()
    ret = approved(shop)
    shop.now = Micros(START + 30 * DAY)
    decision = expire(ret, shop.facts(TIMER))
    expired = shop.enter(decision)
    assert [event.type for event in decision.events] == [EventType.CLOSED]
    assert (expired.close_reason, expired.assisted_actions) == (EXPIRED, ret.assisted_actions)
    assert shop.lines[key()].claimed_units == 0
    assert expire(expired, shop.facts(TIMER)) == Decision(expired)


@pytest.mark.parametrize("situation", [pending, approved, without_goods])
def test_deletion_releases_everything_and_leaves_its_last_state(situation: Callable[[Shop], Return]) -> None:
    shop = one_order()
    ret = situation(shop)
    decision = delete(ret, shop.facts())
    (event,) = decision.events
    assert (event.type, event.version, event.snapshot, decision.deleted) == (
        EventType.DELETED,
        ret.version + 1,
        ret,
        True,
    )
    shop.enter(decision)
    assert shop.lines[key()].claimed_units == 0


def test_what_has_arrived_can_never_be_deleted() -> None:
    shop = one_order(quantity=9)
    for ret in (partly_received(shop), received(shop), shop.closes(partly_received(shop))):
        with pytest.raises(InvalidState) as refusal:
            delete(ret, shop.facts())
        assert refusal.value.facts["cause"] == "RECEIVED"


# Reopen.


def test_what_was_never_approved_is_pending_again() -> None:
    shop = one_order(quantity=3, gross=1000)
    for ended in (shop.rejects(pending(shop)), shop.closes(pending(shop)), shop.closes(pending(shop), actor=ANN)):
        shop.now = Micros(shop.now + DAY)
        again = shop.reopens(ended)
        assert (again.state, again.rejection, again.closing, again.close_time) == (State.PENDING, None, None, None)
        assert again.close_reason is UNSPECIFIED
        assert again.expire_time == shop.now + 30 * DAY
        assert (again.items[0].claimed_units, again.total, again.version) == (2, paid(667), 3)
        shop.enter(delete(again, shop.facts()))


def test_what_was_approved_is_approved_again_with_the_approved_units() -> None:
    shop = one_order(quantity=3, gross=900)
    ret = shop.approves(shop.files(item(quantity=3)), units(quantity=2))
    again = shop.reopens(shop.closes(ret))
    assert (again.state, again.goods_state) == (State.APPROVED, GoodsState.AWAITING)
    assert again.items[0].claimed_units == shop.lines[key()].claimed_units == 2
    assert (again.approved_total, again.total) == (paid(600), paid(900))


def test_what_arrived_stays_and_the_rest_is_claimed_anew() -> None:
    shop = one_order(quantity=2, gross=999)
    closed = shop.closes(partly_received(shop))
    again = shop.reopens(closed)
    assert (again.items[0].received_quantity, again.items[0].claimed_units) == (1, 2)
    assert again.approved_total == paid(999)


def test_units_are_claimed_at_todays_remainder() -> None:
    shop = one_order(quantity=4, gross=1000)
    closed = shop.closes(pending(shop))
    shop.says("A", line("A", "1", 4, paid(800)), line("A", "2", 5, paid(500)))
    assert shop.reopens(closed).total == paid(400)


def test_reopening_fails_when_the_units_are_gone() -> None:
    shop = one_order(quantity=3)
    closed = shop.closes(pending(shop))
    shop.files(item(quantity=2))
    with pytest.raises(QuantityExceedsReturnable) as refusal:
        shop.reopens(closed)
    assert refusal.value.facts == {"order": "A", "line_id": "1", "requested": "2", "available": "1"}


def test_goods_not_expected_stay_claimed_through_close_and_reopen() -> None:
    shop = one_order(quantity=2, gross=999)
    closed = shop.closes(without_goods(shop), COMPLETED)
    again = shop.reopens(closed)
    assert (again.goods_state, again.items[0].claimed) == (GoodsState.NOT_EXPECTED, Amount(999))


def test_reopening_over_the_policy_is_recorded() -> None:
    shop = one_order(policy=Policy(return_window=DAY))
    closed = shop.closes(pending(shop))
    shop.now = Micros(START + DAY)
    decision = reopen(closed, Reason("", "she insisted"), shop.facts(SERVICE))
    action = decision.after.assisted_actions[-1]
    assert (action.operation, action.reason, action.overridden) == (
        AssistedOperation.REOPEN,
        "she insisted",
        ("WINDOW_EXPIRED",),
    )


def test_a_reopened_return_runs_its_course_again() -> None:
    shop = one_order(quantity=2, gross=999)
    again = shop.reopens(shop.rejects(pending(shop)))
    done = shop.closes(shop.receives(shop.approves(again), "p1"))
    assert (done.close_reason, done.version) == (COMPLETED, 6)
    assert shop.lines[key()].claimed == Amount(999)
