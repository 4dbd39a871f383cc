"""The state table of the contract: what is offered is accepted, and everything else refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from returns_server.domain.actors import TIMER, Actor
from returns_server.domain.closing import close, delete, expire, reopen
from returns_server.domain.deciding import Approval, approve, reject
from returns_server.domain.drafts import Draft
from returns_server.domain.errors import InvalidState, QuantityExceedsApproved
from returns_server.domain.events import Decision
from returns_server.domain.filing import Facts
from returns_server.domain.ids import Micros
from returns_server.domain.receiving import record_receipt
from returns_server.domain.returns import Action, CloseReason, Reason, Return, State
from returns_server.domain.states import TABLE, Party, allowed_to
from returns_server.domain.updating import update
from tests.unit.domain.shop import ANN, STAFF, Shop, item, one_order, units

ATTEMPTS: dict[Action, Callable[[Return, Facts], Decision]] = {
    Action.UPDATE: lambda ret, facts: update(ret, Draft(attributes={"shelf": "7"}), ("attributes",), facts),
    Action.APPROVE: lambda ret, facts: approve(ret, Approval(), facts),
    Action.REJECT: lambda ret, facts: reject(ret, Reason("WORN"), facts),
    Action.RECORD_RECEIPT: lambda ret, facts: record_receipt(ret, "parcel-9", (), facts),
    Action.CLOSE: lambda ret, facts: close(ret, CloseReason.UNSPECIFIED, None, facts),
    Action.REOPEN: lambda ret, facts: reopen(ret, None, facts),
    Action.DELETE: delete,
}

STATE_AFTER = {
    Action.APPROVE: State.APPROVED,
    Action.REJECT: State.REJECTED,
    Action.CLOSE: State.CLOSED,
}


def pending(shop: Shop) -> Return:
    return shop.files(item(quantity=2))


def approved(shop: Shop) -> Return:
    return shop.approves(pending(shop))


def partly_received(shop: Shop) -> Return:
    return shop.receives(approved(shop), "parcel-1", units(quantity=1))


def received(shop: Shop) -> Return:
    return shop.receives(approved(shop), "parcel-1")


def approved_without_goods(shop: Shop) -> Return:
    return shop.approves(pending(shop), goods_not_expected=True)


SITUATIONS: list[Callable[[Shop], Return]] = [
    pending,
    approved,
    partly_received,
    received,
    approved_without_goods,
    lambda shop: shop.rejects(pending(shop)),
    lambda shop: shop.closes(pending(shop)),
    lambda shop: shop.closes(pending(shop), actor=ANN),
    lambda shop: shop.closes(approved(shop)),
    lambda shop: shop.closes(partly_received(shop)),
    lambda shop: shop.closes(received(shop)),
    lambda shop: shop.closes(approved_without_goods(shop), CloseReason.COMPLETED),
    lambda shop: shop.reopens(shop.rejects(pending(shop))),
    lambda shop: shop.reopens(shop.closes(partly_received(shop))),
]


def accepted(ret: Return, action: Action, facts: Facts) -> Decision | None:
    """The decision, or None where the state refuses; in a refusal, state and offers must be told."""
    try:
        return ATTEMPTS[action](ret, facts)
    except QuantityExceedsApproved:
        if not (action is Action.RECORD_RECEIPT and ret.received):
            raise
    except InvalidState as refusal:
        offers = ",".join(offered.name for offered in allowed_to(ret, facts.actor.party))
        if (refusal.facts["state"], refusal.facts["allowed_actions"]) != (ret.state.name, offers):
            raise
    return None


@pytest.mark.parametrize("actor", [ANN, STAFF], ids=["owner", "staff"])
@pytest.mark.parametrize("situation", range(len(SITUATIONS)))
@pytest.mark.parametrize("action", list(Action))
def test_what_is_offered_is_accepted_and_nothing_else(situation: int, action: Action, actor: Actor) -> None:
    shop = one_order()
    ret = SITUATIONS[situation](shop)
    facts = shop.facts(actor)
    decision = accepted(ret, action, facts)
    assert (decision is not None) is (action in allowed_to(ret, facts.actor.party))
    if decision is not None:
        assert [event.version for event in decision.events] == [ret.version + 1]


@pytest.mark.parametrize(
    ("row", "parties"), TABLE.items(), ids=[f"{state.name}-{action.name}" for state, action in TABLE]
)
def test_each_row_of_the_table_leads_where_the_contract_says(
    row: tuple[State, Action], parties: frozenset[Party]
) -> None:
    state, action = row
    for party in parties - {Party.TIMER}:
        shop = one_order(quantity=100)
        ret = next(made for situation in SITUATIONS if (made := situation(shop)).state is state)
        decision = ATTEMPTS[action](ret, shop.facts(ANN if party is Party.OWNER else STAFF))
        if action is Action.REOPEN:
            assert decision.after.state is (State.APPROVED if ret.approve_time else State.PENDING)
        else:
            assert decision.after.state is STATE_AFTER.get(action, state)
        assert decision.deleted is (action is Action.DELETE)


def test_the_rows_are_those_of_the_contract() -> None:
    by_party = {party: {row for row, parties in TABLE.items() if party in parties} for party in Party}
    assert by_party[Party.OWNER] == {(State.PENDING, Action.UPDATE), (State.PENDING, Action.CLOSE)}
    assert by_party[Party.TIMER] == {(State.PENDING, Action.CLOSE), (State.APPROVED, Action.CLOSE)}
    assert by_party[Party.STAFF] == (
        {(state, action) for state in State for action in (Action.UPDATE, Action.DELETE)}
        | {(State.PENDING, action) for action in (Action.APPROVE, Action.REJECT, Action.CLOSE)}
        | {(State.APPROVED, action) for action in (Action.RECORD_RECEIPT, Action.CLOSE)}
        | {(state, Action.REOPEN) for state in (State.REJECTED, State.CLOSED)}
    )


@pytest.mark.parametrize("situation", range(len(SITUATIONS)))
def test_the_timer_closes_what_waits_and_only_when_its_time_is_over(situation: int) -> None:
    shop = one_order()
    ret = SITUATIONS[situation](shop)
    waits = ret.state is State.PENDING or (ret.state is State.APPROVED and not ret.anything_received)
    due = ret.expire_time
    assert due is not None
    shop.now = Micros(due - 1)
    assert not expire(ret, shop.facts(TIMER)).events
    shop.now = due
    decision = expire(ret, shop.facts(TIMER))
    assert bool(decision.events) is waits
    if waits:
        assert (decision.after.state, decision.after.close_reason) == (State.CLOSED, CloseReason.EXPIRED)
        assert decision.after.close_time == due
