"""Filing a return: what a draft may ask for, and the claim it makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from returns_server.domain.actors import Actor, belongs_to
from returns_server.domain.drafts import Draft, DraftItem, check_approver, check_may_set, check_requestor, merged
from returns_server.domain.errors import (
    CurrencyMismatch,
    FieldInvalid,
    NotReturnable,
    OrderNotFound,
    OrderNotOfRequestor,
)
from returns_server.domain.events import Decision, EventType, decided
from returns_server.domain.ids import LineKey, Micros, OrderId, ReturnId
from returns_server.domain.ledger import Ledger
from returns_server.domain.money import Amount
from returns_server.domain.orders import OrderHead, OrderLine
from returns_server.domain.policy import Policy
from returns_server.domain.record import record
from returns_server.domain.returns import (
    MAX_ASSISTED_ACTIONS,
    AssistedAction,
    AssistedOperation,
    Reason,
    Requestor,
    Return,
    ReturnItem,
    State,
    UserType,
)


@record
class Facts:
    """What a decision may know beside the return: orders, policy, actor and the time."""

    actor: Actor
    now: Micros
    policy: Policy
    heads: Mapping[OrderId, OrderHead]
    lines: Mapping[LineKey, OrderLine]
    assistance_reason: str = ""

    def head(self, order_id: OrderId) -> OrderHead:
        """The head of an order; raises OrderNotFound."""
        head = self.heads.get(order_id)
        if head is None:
            raise OrderNotFound(order_id)
        return head


def file_return(draft: Draft, return_id: ReturnId, number: str, facts: Facts) -> Decision:
    """Decide on a new return: every unit is claimed, or the whole is refused.

    Raises FieldInvalid, OrderNotFound, LineNotFound, OrderNotOfRequestor, CurrencyMismatch, NotReturnable,
    QuantityExceedsReturnable.
    """
    actor, now = facts.actor, facts.now
    check_may_set(draft.populated(), actor.is_staff)
    if draft.reason is None or not (draft.reason.code or draft.reason.details):
        raise FieldInvalid.at("draft.reason", "is required: a code, details, or both")
    if draft.expire_time is not None and draft.expire_time <= now:
        raise FieldInvalid.at("draft.expire_time", "must be in the future")
    check_approver(draft.approver)
    items = merged(draft.items)
    requestor = requestor_of(draft, facts) if actor.is_staff else actor.as_requestor()
    check_orders(items, requestor, facts)
    check_reasons(draft.reason, items, facts.policy)
    overridden = check_policy(items, facts)
    ledger = Ledger(facts.lines)
    claimed = tuple(claim(item, ledger) for item in items)
    ret = Return(
        return_id=return_id,
        number=number,
        state=State.PENDING,
        reason=draft.reason,
        items=claimed,
        requestor=requestor,
        submitter=draft.submitter or actor.as_submitter(),
        approver=draft.approver,
        currency=facts.head(items[0].order_id).currency,
        create_time=now,
        update_time=now,
        expire_time=draft.expire_time or Micros(now + facts.policy.expire_after),
        expire_time_given=draft.expire_time is not None,
        attributes=draft.attributes,
        assisted_actions=assisted((), AssistedOperation.CREATE, facts, facts.assistance_reason, overridden),
        version=1,
    )
    return decided(EventType.CREATED, None, ret, ledger.changed)


def requestor_of(draft: Draft, facts: Facts) -> Requestor:
    """The requestor that staff name, or else the orders' common customer; raises FieldInvalid without one."""
    if draft.requestor is not None:
        check_requestor(draft.requestor)
        return draft.requestor
    heads = [facts.head(order_id) for order_id in dict.fromkeys(item.order_id for item in draft.items)]
    known = {(head.customer_id, head.guest_email) for head in heads if not head.anonymous}
    if len(known) != 1:
        why = "differ in their customer" if known else "name no customer"
        raise FieldInvalid.at("draft.requestor", f"is required, for the orders {why}")
    customer_id, guest_email = known.pop()
    return Requestor(customer_id=customer_id, guest_email=guest_email)


def check_orders(
    items: Iterable[DraftItem | ReturnItem], requestor: Requestor, facts: Facts, among: Iterable[str] = ()
) -> None:
    """Raise unless each order exists for the actor, is the requestor's, and all share one currency.

    Orders in `among`, of which the return takes no more than before, are not asked again whose they are.
    """
    known = set(among)
    heads = []
    # One after the other: an order that is somebody else's must look just like one that does not exist.
    for order_id in dict.fromkeys(item.order_id for item in items):
        head = facts.head(order_id)
        heads.append(head)
        if order_id in known:
            continue
        if not facts.actor.is_staff and not facts.actor.owns(head.customer_id, head.guest_email):
            raise OrderNotFound(order_id)
        if not belongs_to(head, requestor):
            raise OrderNotOfRequestor(order_id)
    for head in heads[1:]:
        if head.currency != heads[0].currency:
            raise CurrencyMismatch({head.currency for head in heads}, head.order_id)


def check_reasons(reason: Reason | None, items: Iterable[DraftItem], policy: Policy) -> None:
    """Raise FieldInvalid unless the shop offers each stated reason."""
    policy.check_reason(reason, "draft.reason")
    for item in items:
        policy.check_reason(item.reason, "draft.orders.items.reason")


def check_policy(items: Iterable[DraftItem], facts: Facts) -> tuple[str, ...]:
    """The policy rules that staff override with these items; for an owner, raises NotReturnable at the first."""
    ledger = Ledger(facts.lines)
    overridden: dict[str, None] = {}
    for item in items:
        for rule in facts.policy.broken_by(ledger.line(item.key), facts.head(item.order_id), facts.now):
            if not facts.actor.is_staff:
                raise NotReturnable(*item.key, cause=rule)
            overridden[rule] = None
    return tuple(overridden)


def claim(item: DraftItem, ledger: Ledger) -> ReturnItem:
    """The item with its units claimed and priced."""
    worth = ledger.claim(item.key, item.quantity)
    return priced(item, ledger.line(item.key), worth)


def priced(item: DraftItem, line: OrderLine, worth: Amount) -> ReturnItem:
    """The item as the return states it, with the worth that the ledger holds for it."""
    return ReturnItem(
        order_id=item.order_id,
        line_id=item.line_id,
        product_id=line.product_id,
        product_name=line.product_name,
        quantity=item.quantity,
        reason=item.reason,
        unit_price=line.unit_price,
        total=line.paid.of(worth),
        claimed_units=item.quantity,
        claimed=worth,
    )


def assisted(
    before: tuple[AssistedAction, ...],
    operation: AssistedOperation,
    facts: Facts,
    reason: str,
    overridden: tuple[str, ...] = (),
) -> tuple[AssistedAction, ...]:
    """The log of what was done on the customer's behalf, with this action if it was: by an employee, or over a rule.

    The latest hundred are kept; the event log has all of them.
    """
    actor = facts.actor
    if not actor.is_staff or (actor.user_type is not UserType.EMPLOYEE and not overridden):
        return before
    action = AssistedAction(actor.subject, operation, facts.now, reason, overridden)
    return (*before, action)[-MAX_ASSISTED_ACTIONS:]
