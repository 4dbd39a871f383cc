"""An update sets what its mask names and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from returns_server.domain.drafts import OUTPUT_ONLY, Draft
from returns_server.domain.errors import (
    FieldInvalid,
)
from returns_server.domain.returns import (
    Approver,
    ApproverType,
    Reason,
    Requestor,
    Submitter,
    UserType,
)
from returns_server.domain.updating import update
from tests.unit.domain.drafting import ATTRIBUTES, EVERYTHING, FIELDS, TEAM, differing, updated
from tests.unit.domain.shop import BROKEN, SERVICE, Shop, item, line, one_order, paid


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
