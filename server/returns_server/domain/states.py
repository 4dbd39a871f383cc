"""The state table: what may be done with a return, in which state, by whom (contract, section 3)."""

from __future__ import annotations

from enum import Enum

from returns_server.domain.errors import InvalidState
from returns_server.domain.returns import Action, Return, State


class Party(Enum):
    """The part that somebody plays towards a return."""

    OWNER = "owner"
    STAFF = "staff"
    TIMER = "timer"


OWNER, STAFF, TIMER = Party.OWNER, Party.STAFF, Party.TIMER

TABLE: dict[tuple[State, Action], frozenset[Party]] = {
    (State.PENDING, Action.UPDATE): frozenset({OWNER, STAFF}),
    (State.PENDING, Action.APPROVE): frozenset({STAFF}),
    (State.PENDING, Action.REJECT): frozenset({STAFF}),
    (State.PENDING, Action.CLOSE): frozenset({OWNER, STAFF, TIMER}),
    (State.PENDING, Action.DELETE): frozenset({STAFF}),
    (State.APPROVED, Action.UPDATE): frozenset({STAFF}),
    (State.APPROVED, Action.RECORD_RECEIPT): frozenset({STAFF}),
    (State.APPROVED, Action.CLOSE): frozenset({STAFF, TIMER}),
    (State.APPROVED, Action.DELETE): frozenset({STAFF}),
    (State.REJECTED, Action.UPDATE): frozenset({STAFF}),
    (State.REJECTED, Action.REOPEN): frozenset({STAFF}),
    (State.REJECTED, Action.DELETE): frozenset({STAFF}),
    (State.CLOSED, Action.UPDATE): frozenset({STAFF}),
    (State.CLOSED, Action.REOPEN): frozenset({STAFF}),
    (State.CLOSED, Action.DELETE): frozenset({STAFF}),
}


def allowed_actions(state: State, party: Party, *, anything_received: bool, received: bool) -> tuple[Action, ...]:
    """What this party may do next, in the order of the contract's enum.

    Received goods count as part of the state: nothing that arrived can be deleted, and when all has arrived
    there is no receipt left to record.
    """
    impossible = {Action.DELETE} if anything_received else set()
    if received:
        impossible.add(Action.RECORD_RECEIPT)
    return tuple(action for action in Action if party in TABLE.get((state, action), ()) and action not in impossible)


def allowed_to(ret: Return, party: Party) -> tuple[Action, ...]:
    """What this party may do next with this return."""
    return allowed_actions(ret.state, party, anything_received=ret.anything_received, received=ret.received)


def refused(ret: Return, party: Party, message: str, cause: str = "") -> InvalidState:
    """The error that says a return's state does not allow something, and what it does allow."""
    names = tuple(action.name for action in allowed_to(ret, party))
    return InvalidState(message, ret.state.name, names, cause)


def check(ret: Return, action: Action, party: Party) -> None:
    """Raise InvalidState unless the table has a row for this state, action and party."""
    if party not in TABLE.get((ret.state, action), ()):
        verb = action.name.lower().replace("_", " ")
        raise refused(ret, party, f"cannot {verb} a return that is {ret.state.name}")
