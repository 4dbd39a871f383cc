"""The shop's rules bind customers; staff may override them, and it is recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from returns_server.domain.actors import Actor
from returns_server.domain.drafts import Draft
from returns_server.domain.errors import (
    FieldInvalid,
    NotReturnable,
)
from returns_server.domain.ids import DAY, Micros
from returns_server.domain.policy import Policy, PolicyReason
from returns_server.domain.returns import (
    MAX_ASSISTED_ACTIONS,
    AssistedOperation,
    Reason,
)
from returns_server.domain.updating import update
from tests.unit.domain.shop import ANN, BROKEN, SERVICE, STAFF, START, Shop, item, line, one_order, paid


def windowed(days: int = 14) -> Shop:
    """Ann bought and got it a day ago, line 2 as a final sale."""
    shop = Shop(policy=Policy(return_window=Micros(days * DAY)))
    return shop.sells(line("A", "1", 3, paid(30)), line("A", "2", 3, paid(30), final_sale=True))


def test_the_window_is_open_to_its_last_moment() -> None:
    shop = windowed(14)
    shop.now = Micros(START + 13 * DAY)
    shop.files(item(), actor=ANN)
    shop.now = Micros(shop.now + 1)
    with pytest.raises(NotReturnable) as refusal:
        shop.files(item(), actor=ANN)
    assert refusal.value.facts == {"order": "A", "line_id": "1", "cause": "WINDOW_EXPIRED"}


def test_the_window_starts_with_the_delivery_or_else_with_the_purchase() -> None:
    shop = windowed()
    (head,) = shop.heads.values()
    assert shop.policy.deadline(head) == START + 13 * DAY
    assert shop.policy.deadline(replace(head, deliver_time=Micros(START + DAY))) == START + 15 * DAY
    assert shop.policy.deadline(replace(head, deliver_time=None)) == START + 13 * DAY
    assert Policy().deadline(head) is None


def test_a_final_sale_binds_customers() -> None:
    with pytest.raises(NotReturnable) as refusal:
        windowed().files(item("1"), item("2"), actor=ANN)
    assert refusal.value.facts == {"order": "A", "line_id": "2", "cause": "FINAL_SALE"}


@pytest.mark.parametrize("actor", [STAFF, SERVICE])
def test_staff_override_the_policy_and_it_is_recorded(actor: Actor) -> None:
    shop = windowed()
    shop.now = Micros(START + 100 * DAY)
    decision = shop.decides_to_file(item("1"), item("2"), actor=actor, why="goodwill")
    (action,) = decision.after.assisted_actions
    assert action.overridden == ("WINDOW_EXPIRED", "FINAL_SALE")
    assert (action.operation, action.reason, action.time) == (AssistedOperation.CREATE, "goodwill", shop.now)
    assert "assisted_actions" in decision.events[0].changed_paths


def test_what_an_employee_does_is_recorded_and_what_a_service_does_within_the_rules_is_not() -> None:
    shop = one_order()
    (action,) = shop.files(item()).assisted_actions
    assert (action.employee, action.operation, action.overridden) == ("eve", AssistedOperation.CREATE, ())
    assert shop.files(item(), actor=SERVICE).assisted_actions == ()


def test_the_latest_hundred_assisted_actions_are_kept() -> None:
    shop = one_order()
    ret = shop.files(item())
    for number in range(MAX_ASSISTED_ACTIONS + 5):
        ret = shop.enter(update(ret, Draft(attributes={"n": number}), (), shop.facts(STAFF, f"call {number}")))
    assert [action.reason for action in ret.assisted_actions] == [
        f"call {number}" for number in range(5, MAX_ASSISTED_ACTIONS + 5)
    ]


OFFERED = (PolicyReason("BROKEN"), PolicyReason("OTHER", requires_details=True), PolicyReason("OLD", active=False))


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        (BROKEN, ""),
        (Reason("OTHER", "too loud"), ""),
        (Reason("OTHER", "  "), "details"),
        (Reason("OLD", "x"), "code"),
        (Reason("NEW", "x"), "code"),
        (Reason("", "x"), "code"),
    ],
)
@pytest.mark.parametrize("actor", [ANN, STAFF], ids=["owner", "staff"])
def test_reasons_are_those_that_the_shop_offers(reason: Reason, field: str, actor: Actor) -> None:
    shop = one_order(policy=Policy(reasons=OFFERED))
    if not field:
        assert shop.files(item(reason=reason), actor=actor, reason=reason).reason == reason
        return
    with pytest.raises(FieldInvalid) as refusal:
        shop.files(item(), actor=actor, reason=reason)
    assert refusal.value.facts == {"field": f"draft.reason.{field}"}
    with pytest.raises(FieldInvalid) as refusal:
        shop.files(item(reason=reason), actor=actor)
    assert refusal.value.facts == {"field": f"draft.orders.items.reason.{field}"}


def test_a_shop_whose_reasons_are_all_retired_says_so() -> None:
    shop = one_order(policy=Policy(reasons=(PolicyReason("OLD", active=False),)))
    with pytest.raises(FieldInvalid, match="no reason that the shop offers now"):
        shop.files(item(), reason=Reason("OLD", ""))
