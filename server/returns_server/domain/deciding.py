"""Staff's decision on a pending return: approve all or part of it, or reject it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from returns_server.domain.actors import POLICY
from returns_server.domain.errors import FieldInvalid, LineNotFound
from returns_server.domain.events import Decision, EventType, decided
from returns_server.domain.filing import Facts
from returns_server.domain.ids import LineKey, Micros
from returns_server.domain.ledger import Ledger
from returns_server.domain.record import record
from returns_server.domain.returns import Action, Approver, Reason, ReceiptItem, Return, ReturnItem, State
from returns_server.domain.states import check

ItemQuantity = ReceiptItem
"""Units of one line, named by order and line."""


@record
class Approval:
    """What staff approve; no items means everything."""

    items: tuple[ItemQuantity, ...] = ()
    approver: Approver | None = None
    goods_not_expected: bool = False
    expire_time: Micros | None = None


def approve(ret: Return, approval: Approval, facts: Facts) -> Decision:
    """Approve a pending return, release the units that are not approved, and start the clock for the goods.

    An expiry that somebody gave, now or with the draft, holds; else the policy's `expire_after` runs from now.
    Raises InvalidState, LineNotFound, FieldInvalid.
    """
    check(ret, Action.APPROVE, facts.actor.party)
    now = facts.now
    if approval.expire_time is not None and approval.expire_time <= now:
        raise FieldInvalid.at("expire_time", "must be in the future")
    wanted = _wanted(ret, approval)
    ledger = Ledger(facts.lines)
    items = tuple(_approved(item, wanted[item.key], ledger) for item in ret.items)
    kept = ret.expire_time if ret.expire_time_given and ret.expire_time and ret.expire_time > now else None
    after = replace(
        ret,
        state=State.APPROVED,
        items=items,
        approver=approval.approver or ret.approver,
        goods_not_expected=approval.goods_not_expected,
        expire_time=approval.expire_time or kept or Micros(now + facts.policy.expire_after),
        expire_time_given=bool(approval.expire_time or kept),
        approve_time=now,
        update_time=now,
        version=ret.version + 1,
    )
    return decided(EventType.APPROVED, ret, after, ledger.changed)


def approve_at_once(filed: Decision, facts: Facts) -> Decision:
    """Approve all of a return that was filed just now, as the shop's policy has it; nobody in particular decides."""
    return approve(filed.after, Approval(), replace(facts, actor=POLICY))


def reject(ret: Return, reason: Reason, facts: Facts) -> Decision:
    """Reject a pending return and release all its units; raises InvalidState, FieldInvalid."""
    check(ret, Action.REJECT, facts.actor.party)
    if not (reason.code or reason.details):
        raise FieldInvalid.at("reason", "is required: a code, details, or both")
    ledger = Ledger(facts.lines)
    after = replace(
        ret,
        state=State.REJECTED,
        rejection=reason,
        items=tuple(released(item, item.claimed_units, ledger) for item in ret.items),
        update_time=facts.now,
        version=ret.version + 1,
    )
    return decided(EventType.REJECTED, ret, after, ledger.changed)


def released(item: ReturnItem, units: int, ledger: Ledger) -> ReturnItem:
    """The item without the claim on so many of its units."""
    if not units:
        return item
    given_back = ledger.release(item.key, units, item.claimed_units, item.claimed)
    return replace(item, claimed_units=item.claimed_units - units, claimed=item.claimed - given_back)


def summed(items: Iterable[ItemQuantity], ret: Return) -> Mapping[LineKey, int]:
    """Quantities by line, a line named twice added up; raises LineNotFound for a line that is not in the return."""
    known = {item.key for item in ret.items}
    quantities: dict[LineKey, int] = {}
    for item in items:
        if item.key not in known:
            raise LineNotFound(*item.key, where=" in this return")
        quantities[item.key] = quantities.get(item.key, 0) + item.quantity
    return quantities


def _wanted(ret: Return, approval: Approval) -> Mapping[LineKey, int]:
    if not approval.items:
        return {item.key: item.quantity for item in ret.items}
    named = summed(approval.items, ret)
    for item in ret.items:
        if named.get(item.key, 0) > item.quantity:
            index = next(i for i, asked in enumerate(approval.items) if asked.key == item.key)
            raise FieldInvalid.at(
                f"items[{index}].quantity",
                f"approves {named[item.key]} units of line {item.line_id}, {item.quantity} were asked for",
            )
    if not any(named.values()):
        raise FieldInvalid.at("items", "must approve at least one unit; to approve none, reject the return")
    return {item.key: named.get(item.key, 0) for item in ret.items}


def _approved(item: ReturnItem, units: int, ledger: Ledger) -> ReturnItem:
    kept = released(item, item.claimed_units - units, ledger)
    return replace(kept, approved_quantity=units, approved_total=item.total.of(kept.claimed))
