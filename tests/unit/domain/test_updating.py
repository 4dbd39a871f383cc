"""Who may change what, when, and what changed orders claim and release."""

from __future__ import annotations

import pytest

from returns_server.domain.drafts import Draft
from returns_server.domain.errors import (
    CurrencyMismatch,
    FieldInvalid,
    InvalidState,
    NotReturnable,
    OrderNotFound,
    OrderNotOfRequestor,
    QuantityExceedsReturnable,
    RequiresManageScope,
)
from returns_server.domain.events import Decision, EventType
from returns_server.domain.ids import DAY, Micros
from returns_server.domain.money import Amount
from returns_server.domain.policy import Policy, PolicyReason
from returns_server.domain.returns import (
    AssistedOperation,
    Reason,
    Requestor,
)
from returns_server.domain.updating import update
from tests.unit.domain.drafting import ATTRIBUTES, EVERYTHING, FIELDS, differing, filed, updated
from tests.unit.domain.shop import ANN, BROKEN, SERVICE, START, item, key, line, one_order, paid


@pytest.mark.parametrize("field", ["requestor", "submitter", "approver", "expire_time"])
def test_owners_cannot_set_what_is_for_staff(field: str) -> None:
    for mask in ((), (field,)):
        with pytest.raises(RequiresManageScope) as refusal:
            updated(Draft(**{field: getattr(EVERYTHING, field)}), *mask, actor=ANN)
        assert refusal.value.facts == {"field": f"draft.{field}"}


def test_star_is_for_an_owner_what_an_owner_may_set() -> None:
    before, decision = updated(EVERYTHING, "*", actor=ANN)
    assert differing(before, decision.after) == {"orders", "reason", "attributes"}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("situation", ["approved", "rejected", "closed"])
def test_after_the_decision_less_can_change(field: str, situation: str) -> None:
    shop = one_order()
    verbs = {"approved": shop.approves, "rejected": shop.rejects, "closed": shop.closes}
    ret = verbs[situation](filed(shop))
    if field == "attributes" or (situation == "approved" and field != "orders"):
        assert differing(ret, update(ret, EVERYTHING, (field,), shop.facts()).after) == {field}
    else:
        with pytest.raises(InvalidState) as refusal:
            update(ret, EVERYTHING, (field,), shop.facts())
        assert refusal.value.facts["cause"] == f"FIELD:{field}"


def test_saying_again_what_is_there_changes_nothing_in_any_state() -> None:
    shop = one_order()
    ret = shop.closes(filed(shop))
    same = Draft((item(),), BROKEN, ret.requestor, ret.submitter, ret.approver, ret.expire_time, ATTRIBUTES)
    assert update(ret, same, (), shop.facts()) == Decision(ret)


def test_an_update_tells_what_changed() -> None:
    _, decision = updated(Draft(items=(item(quantity=2),), reason=Reason("OTHER")), why="phone call")
    assert [event.type for event in decision.events] == [EventType.UPDATED]
    changed = set(decision.events[0].changed_paths)
    assert changed == {"orders", "reason", "total", "assisted_actions"}
    assert [(done.operation, done.reason) for done in decision.after.assisted_actions][-1] == (
        AssistedOperation.UPDATE,
        "phone call",
    )


def test_an_expiry_lies_in_the_future() -> None:
    with pytest.raises(FieldInvalid, match="future"):
        updated(Draft(expire_time=START))


# Changed orders.


def test_changed_orders_claim_and_release_the_difference() -> None:
    shop = one_order(quantity=3, gross=1000)
    ret = shop.files(item("1", 2), item("2", 1))
    assert shop.lines[key("1")].claimed == Amount(667)
    ret = shop.enter(update(ret, Draft(items=(item("1", 3),)), (), shop.facts(ANN)))
    assert [(asked.quantity, asked.total) for asked in ret.items] == [(3, paid(1000))]
    assert (shop.lines[key("2")].claimed_units, shop.lines[key("2")].claimed) == (0, Amount(0))
    with pytest.raises(QuantityExceedsReturnable):
        update(ret, Draft(items=(item("1", 4),)), (), shop.facts(ANN))
    ret = shop.enter(update(ret, Draft(items=(item("2", 5), item("1", 1))), (), shop.facts(ANN)))
    assert [asked.line_id for asked in ret.items] == ["2", "1"]
    assert ret.total == paid(500 + 333)


def test_a_reason_alone_moves_no_money() -> None:
    before, decision = updated(Draft(items=(item(reason=Reason("LATE")),)))
    assert decision.after.items[0].claimed == before.items[0].claimed
    assert decision.after.items[0].reason == Reason("LATE")


def test_only_more_units_meet_the_policy() -> None:
    shop = one_order()
    ret = shop.files(item(quantity=2), actor=ANN)
    shop.policy = Policy(return_window=DAY)
    shop.now = Micros(shop.now + DAY)
    assert update(ret, Draft(items=(item(quantity=1),)), (), shop.facts(ANN)).after.items[0].quantity == 1
    with pytest.raises(NotReturnable):
        update(ret, Draft(items=(item(quantity=3),)), (), shop.facts(ANN))
    over = update(ret, Draft(items=(item(quantity=3),)), (), shop.facts(SERVICE)).after
    assert over.assisted_actions[-1].overridden == ("WINDOW_EXPIRED",)


def test_only_a_changed_reason_must_be_one_that_the_shop_offers() -> None:
    shop = one_order()
    ret = filed(shop)
    shop.policy = Policy(reasons=(PolicyReason("LATE"),))
    assert update(ret, Draft(attributes={}), (), shop.facts()).events
    assert update(ret, Draft(reason=Reason("LATE")), (), shop.facts()).events
    with pytest.raises(FieldInvalid, match=r"draft\.reason\.code"):
        update(ret, Draft(reason=Reason("OTHER")), (), shop.facts())


def test_added_orders_are_the_requestors_and_of_the_same_currency() -> None:
    shop = one_order().sells(line("B", "1", 1, paid(1)), customer_id="bob")
    shop.sells(line("C", "1", 1, paid(1)), currency="USD")
    ret = filed(shop)
    of_bob, in_dollars = Draft(items=(item(), item(order_id="B"))), Draft(items=(item(), item(order_id="C")))
    with pytest.raises(OrderNotOfRequestor):
        update(ret, of_bob, (), shop.facts())
    with pytest.raises(OrderNotFound):
        update(ret, of_bob, (), shop.facts(ANN))
    with pytest.raises(CurrencyMismatch):
        update(ret, in_dollars, (), shop.facts())


def test_another_requestor_must_own_the_orders() -> None:
    shop = one_order()
    with pytest.raises(OrderNotOfRequestor):
        update(filed(shop), Draft(requestor=Requestor(customer_id="bob")), (), shop.facts())
