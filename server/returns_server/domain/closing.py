"""A return ends: closed, expired or deleted; and begins again: reopened."""

from __future__ import annotations

from dataclasses import replace

from returns_server.domain.deciding import released
from returns_server.domain.drafts import DraftItem
from returns_server.domain.errors import CurrencyMismatch, FieldInvalid, RequiresManageScope
from returns_server.domain.events import Decision, Event, EventType, decided
from returns_server.domain.filing import Facts, assisted, check_policy
from returns_server.domain.ids import Micros
from returns_server.domain.ledger import Ledger
from returns_server.domain.orders import OrderLine
from returns_server.domain.returns import (
    Action,
    AssistedOperation,
    CloseReason,
    Reason,
    Return,
    ReturnItem,
    State,
    by_order,
)
from returns_server.domain.states import Party, check, refused


def close(ret: Return, close_reason: CloseReason, reason: Reason | None, facts: Facts) -> Decision:
    """Close a return and release what did not arrive, except approved units of goods that were never expected.

    Without a reason: WITHDRAWN for the owner, who may give no other; for staff COMPLETED if all has arrived, else
    CANCELLED. Raises InvalidState, FieldInvalid, RequiresManageScope.
    """
    check(ret, Action.CLOSE, facts.actor.party)
    final = _close_reason(ret, close_reason, facts)
    said = (reason.details or reason.code) if reason else ""
    ended = replace(
        _ended(ret, final, facts),
        closing=reason,
        assisted_actions=assisted(ret.assisted_actions, AssistedOperation.CLOSE, facts, said),
    )
    return _closed(ret, ended, facts)


def expire(ret: Return, facts: Facts) -> Decision:
    """Close a return whose time is over; changes nothing where it is not, or not any more."""
    due = ret.expires
    if due is None or due > facts.now:
        return Decision(ret)
    return _closed(ret, _ended(ret, CloseReason.EXPIRED, facts), facts)


def reopen(ret: Return, reason: Reason | None, facts: Facts) -> Decision:
    """Open a rejected or closed return again, as APPROVED if it once was, else as PENDING.

    Units that arrived stay claimed; the rest is claimed anew, at today's remainder.
    Raises InvalidState, QuantityExceedsReturnable, CurrencyMismatch (the shop changed an order's currency meanwhile).
    """
    check(ret, Action.REOPEN, facts.actor.party)
    now, approved = facts.now, ret.approve_time is not None
    ledger = Ledger(facts.lines)
    for order_id in by_order(ret.items):
        if facts.head(order_id).currency != ret.currency:
            raise CurrencyMismatch({facts.head(order_id).currency, ret.currency}, order_id)
    overridden = check_policy([DraftItem(*item.key, item.quantity) for item in ret.items], facts)
    said = (reason.details or reason.code) if reason else ""
    after = replace(
        ret,
        state=State.APPROVED if approved else State.PENDING,
        items=tuple(_claimed_again(item, approved, ledger) for item in ret.items),
        rejection=None,
        close_reason=CloseReason.UNSPECIFIED,
        closing=None,
        close_time=None,
        expire_time=Micros(now + facts.policy.expire_after),
        expire_time_given=False,
        assisted_actions=assisted(ret.assisted_actions, AssistedOperation.REOPEN, facts, said, overridden),
        update_time=now,
        version=ret.version + 1,
    )
    return decided(EventType.REOPENED, ret, after, ledger.changed)


def delete(ret: Return, facts: Facts) -> Decision:
    """Delete a return and release all its units; raises InvalidState if any goods have arrived."""
    check(ret, Action.DELETE, facts.actor.party)
    if ret.anything_received:
        raise refused(ret, facts.actor.party, "goods of this return have arrived; it cannot be deleted", "RECEIVED")
    ledger = Ledger(facts.lines)
    for item in ret.items:
        released(item, item.claimed_units, ledger)
    event = Event(EventType.DELETED, ret.version + 1, (), ret)
    return Decision(ret, (event,), ledger.changed, deleted=True)


def _close_reason(ret: Return, asked: CloseReason, facts: Facts) -> CloseReason:
    if facts.actor.party is Party.OWNER:
        if asked not in (CloseReason.UNSPECIFIED, CloseReason.WITHDRAWN):
            raise RequiresManageScope("customers can only withdraw their return", "close_reason")
        return CloseReason.WITHDRAWN
    if asked is CloseReason.UNSPECIFIED:
        return CloseReason.COMPLETED if ret.received else CloseReason.CANCELLED
    if asked not in (CloseReason.COMPLETED, CloseReason.CANCELLED):
        raise FieldInvalid.at("close_reason", "staff close a return as COMPLETED or CANCELLED")
    if asked is CloseReason.COMPLETED and not (ret.anything_received or ret.goods_not_expected):
        message = "a return is completed by a receipt, or when it was approved with goods_not_expected"
        raise refused(ret, facts.actor.party, message, "NOTHING_RECEIVED")
    return asked


def _ended(ret: Return, close_reason: CloseReason, facts: Facts) -> Return:
    return replace(
        ret,
        state=State.CLOSED,
        close_reason=close_reason,
        close_time=facts.now,
        update_time=facts.now,
        version=ret.version + 1,
    )


def _closed(before: Return, ended: Return, facts: Facts) -> Decision:
    ledger = Ledger(facts.lines)
    keeps_all = before.state is State.APPROVED and before.goods_not_expected
    after = ended
    if not keeps_all:
        items = (released(item, item.claimed_units - item.received_quantity, ledger) for item in before.items)
        after = replace(ended, items=tuple(items))
    return decided(EventType.CLOSED, before, after, ledger.changed)


def _claimed_again(item: ReturnItem, approved: bool, ledger: Ledger) -> ReturnItem:
    units = (item.approved_quantity if approved else item.quantity) - item.claimed_units
    if not units:
        return item
    worth = ledger.claim(item.key, units)
    claimed = item.claimed + worth if item.claimed_units else worth
    again = replace(item, claimed_units=item.claimed_units + units, claimed=claimed)
    line: OrderLine = ledger.line(item.key)
    if not approved or item.approved_total is None:
        return replace(again, total=line.paid.of(claimed))
    declined = item.total.amount - item.approved_total.amount
    return replace(again, approved_total=line.paid.of(claimed), total=line.paid.of(claimed + declined))
