"""A filed return, a draft that says something else in every field, and what differs after an update."""

from __future__ import annotations

from returns_server.domain.actors import Actor
from returns_server.domain.drafts import Draft
from returns_server.domain.events import Decision
from returns_server.domain.ids import DAY, Micros
from returns_server.domain.returns import (
    Approver,
    ApproverType,
    Reason,
    Requestor,
    Return,
    Submitter,
    UserType,
)
from returns_server.domain.updating import update
from tests.unit.domain.shop import STAFF, START, Shop, item, one_order

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
