"""Updates set what the mask names and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from returns_server.domain.actors import Actor
from returns_server.domain.drafts import OUTPUT_ONLY, Draft
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
    Approver,
    ApproverType,
    AssistedOperation,
    Reason,
    Requestor,
    Return,
    Submitter,
    UserType,
)
from returns_server.domain.updating import update
from tests.unit.domain.shop import ANN, BROKEN, SERVICE, STAFF, START, Shop, item, key, line, one_order, paid

TEAM = Approver(ApproverType.GROUP, "returns-team")
ATTRIBUTES = {"shelf": "7", "scan": {"by": "eve", "count": 2.0}}
EVERYTHING = Draft(
    items=(item(quantity=2),),
    reason=Reason("WRONG_SIZE"),
    requestor=Requestor(customer_id="ann", first_name="Anne"),
    submitter=Submitter(UserType.SERVICE, "pos-7"),
    approver=TEAM,
    expire_time=Micros(START + DAY),
    attributes={"shelf": "8"},
)
FIELDS = ("orders", "reason", "requestor", "submitter", "approver", "expire_time", "attributes")


def filed(shop: Shop) -> Return:
    return shop.files(item(), attributes=ATTRIBUTES, approver=Approver(ApproverType.USER, "max"))


def said(ret: Return) -> dict[str, object]:
    orders = tuple((asked.key, asked.quantity) for asked in ret.items)
    return {"orders": orders} | {name: getattr(ret, name) for name in FIELDS[1:]}


def updated(draft: Draft, *mask: str, actor: Actor = STAFF, why: str = "") -> tuple[Return, Decision]:
    shop = one_order()
    ret = filed(shop)
    return ret, update(ret, draft, mask, shop.facts(actor, why))


def differing(before: Return, after: Return) -> set[str]:
    return {name for name, value in said(after).items() if value != said(before)[name]}


# The mask.


@pytest.mark.parametrize(
    ("draft", "mask", "changed"),
    [
        pytest.param(Draft(), (), set(), id="absent, nothing populated"),
        pytest.param(Draft(reason=Reason("OTHER")), (), {"reason"}, id="absent: the populated field"),
        pytest.param(EVERYTHING, (), set(FIELDS), id="absent: all that is populated"),
        pytest.param(Draft(attributes={}), (), {"attributes"}, id="absent: populated by an empty object"),
        pytest.param(EVERYTHING, ("*",), set(FIELDS), id="star"),
        pytest.param(EVERYTHING, ("reason",), {"reason"}, id="one field, the rest of the draft is not looked at"),
        pytest.param(EVERYTHING, ("reason", "attributes"), {"reason", "attributes"}, id="two fields"),
        pytest.param(EVERYTHING, tuple(sorted(OUTPUT_ONLY)), set(), id="output-only paths are ignored"),
        pytest.param(EVERYTHING, ("state", "reason"), {"reason"}, id="output-only beside another"),
        pytest.param(EVERYTHING, ("rejection.code", "total.gross"), set(), id="below output-only"),
        pytest.param(Draft(), ("approver",), {"approver"}, id="an optional field named and empty is cleared"),
        pytest.param(Draft(), ("attributes",), {"attributes"}, id="attributes named and empty are cleared"),
    ],
)
def test_the_mask_says_what_changes(draft: Draft, mask: tuple[str, ...], changed: set[str]) -> None:
    before, decision = updated(draft, *mask)
    assert differing(before, decision.after) == changed
    assert bool(decision.events) is bool(changed)
    assert decision.after.version == before.version + bool(changed)


@pytest.mark.parametrize(
    "path",
    ["colour", "", "reason.", "reason.text", "orders.items", "expire_time.seconds", "attributes.", "*.code", "**"],
)
def test_an_unknown_path_is_refused(path: str) -> None:
    with pytest.raises(FieldInvalid) as refusal:
        updated(EVERYTHING, "reason", path)
    assert refusal.value.facts == {"field": "update_mask"}


def test_star_beside_another_path_is_no_path() -> None:
    with pytest.raises(FieldInvalid):
        updated(EVERYTHING, "*", "reason")


@pytest.mark.parametrize(
    ("draft", "mask"),
    [
        (Draft(), ("orders",)),
        (Draft(), ("reason",)),
        (Draft(reason=Reason()), ("reason",)),
        (Draft(), ("requestor",)),
        (Draft(), ("submitter",)),
        (Draft(), ("expire_time",)),
        (Draft(), ("reason.code", "reason.details")),
        (Draft(), ("requestor.customer_id",)),
        (replace(EVERYTHING, items=()), ("*",)),
        (replace(EVERYTHING, reason=None), ("*",)),
        (Draft(approver=Approver(ApproverType.USER, "")), ("approver",)),
        (Draft(), ("approver.id",)),
    ],
)
def test_what_is_required_cannot_be_cleared(draft: Draft, mask: tuple[str, ...]) -> None:
    with pytest.raises(FieldInvalid):
        updated(draft, *mask)


def test_star_keeps_what_the_service_filled_in_itself() -> None:
    before, decision = updated(Draft(items=(item(),), reason=BROKEN), "*")
    assert differing(before, decision.after) == {"approver", "attributes"}


@pytest.mark.parametrize(
    ("mask", "draft", "path", "expected"),
    [
        (("reason.code",), EVERYTHING, "reason", Reason("WRONG_SIZE", BROKEN.details)),
        (("reason.details",), EVERYTHING, "reason", Reason("BROKEN")),
        (("reason.code", "reason.details"), Draft(reason=Reason("", "x")), "reason", Reason("", "x")),
        (("requestor.first_name",), EVERYTHING, "requestor", Requestor(customer_id="ann", first_name="Anne")),
        (("submitter.subject",), EVERYTHING, "submitter", Submitter(UserType.EMPLOYEE, "pos-7")),
        (("approver.id",), EVERYTHING, "approver", Approver(ApproverType.USER, "returns-team")),
        (("approver.type", "approver.id"), EVERYTHING, "approver", TEAM),
    ],
)
def test_a_nested_path_changes_that_field_alone(
    mask: tuple[str, ...], draft: Draft, path: str, expected: object
) -> None:
    before, decision = updated(draft, *mask)
    assert getattr(decision.after, path) == expected
    assert differing(before, decision.after) == {path}


@pytest.mark.parametrize("mask", [("approver.type", "approver.id"), ("approver.id", "approver.type")])
def test_the_parts_of_what_is_not_there_yet_come_in_any_order(mask: tuple[str, ...]) -> None:
    shop = one_order()
    decision = update(shop.files(item()), Draft(approver=TEAM), mask, shop.facts())
    assert decision.after.approver == TEAM


@pytest.mark.parametrize(
    "mask",
    [
        ("requestor.guest_email",),
        ("requestor.customer_id", "requestor.guest_email"),
        ("requestor.guest_email", "requestor.customer_id"),
    ],
)
def test_a_guest_takes_the_place_of_a_customer(mask: tuple[str, ...]) -> None:
    shop = Shop().sells(line("A", "1", 1, paid(100)), customer_id="")
    ret = shop.files(item(), requestor=Requestor(customer_id="ann"))
    draft = Draft(requestor=Requestor(guest_email="ann@example.com"))
    assert update(ret, draft, mask, shop.facts()).after.requestor == Requestor(guest_email="ann@example.com")


# Attributes, key by key.


@pytest.mark.parametrize(
    ("path", "drafted", "expected"),
    [
        ("attributes.shelf", {"shelf": "8", "other": 1.0}, {**ATTRIBUTES, "shelf": "8"}),
        ("attributes.lane", {"lane": None}, {**ATTRIBUTES, "lane": None}),
        ("attributes.shelf", {}, {"scan": ATTRIBUTES["scan"]}),
        ("attributes.shelf", None, {"scan": ATTRIBUTES["scan"]}),
        ("attributes.scan", {"scan": {}}, {"shelf": "7", "scan": {}}),
        ("attributes.scan.by", {"scan": {"by": "max"}}, {"shelf": "7", "scan": {"by": "max", "count": 2.0}}),
        ("attributes.scan.by", {}, {"shelf": "7", "scan": {"count": 2.0}}),
        ("attributes.a.b.c", {"a": {"b": {"c": 1.0}}}, {**ATTRIBUTES, "a": {"b": {"c": 1.0}}}),
        ("attributes.shelf.row", {"shelf": {"row": 1.0}}, {**ATTRIBUTES, "shelf": {"row": 1.0}}),
        # To remove what is not there changes nothing.
        ("attributes.lane", {}, ATTRIBUTES),
        ("attributes.a.b.c", {}, ATTRIBUTES),
        ("attributes.a.b.c", {"a": {"b": {}}}, ATTRIBUTES),
        ("attributes.shelf.row", {}, ATTRIBUTES),
        ("attributes.scan.by.name", {}, ATTRIBUTES),
        ("attributes" + ".a" * 50_000, {}, ATTRIBUTES),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_key_is_set_or_removed(path: str, drafted: dict[str, Any] | None, expected: dict[str, Any]) -> None:
    before, decision = updated(Draft(attributes=drafted), path)
    assert decision.after.attributes == expected
    assert bool(decision.events) is (expected != before.attributes)
    if decision.events:
        assert decision.events[0].changed_paths == ("attributes", "assisted_actions")


def test_key_after_key_attributes_stay_within_16_kib() -> None:
    shop = one_order()
    ret = shop.files(item())
    for number in range(3):
        draft = Draft(attributes={f"key{number}": "x" * 5_000})
        ret = shop.enter(update(ret, draft, (f"attributes.key{number}",), shop.facts(SERVICE)))
    with pytest.raises(FieldInvalid, match="16384 bytes"):
        update(ret, Draft(attributes={"key3": "x" * 5_000}), ("attributes.key3",), shop.facts(SERVICE))


# Who may set what, and when.


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
