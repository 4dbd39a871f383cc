"""Offered actions are accepted, and no others: for every state and every kind of caller."""

from __future__ import annotations

import grpc
import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.return_pb2 import Return
from tests.support.scenes import STATES, VERBS, actions, filed, found, in_state, tried
from tests.support.service import Client, Refusal, Service, outcome, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

READ, READ_OWN = "returns.returns_read", "returns.returns_read_own"
MANAGE, MANAGE_OWN = "returns.returns_manage", "returns.returns_manage_own"


C1 = {"subject": "sub-c1", "customer_id": "c1"}
C2 = {"subject": "sub-c2", "customer_id": "c2"}
KINDS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "owner": ((MANAGE_OWN,), C1),
    "owner who may only read": ((READ_OWN,), C1),
    "another customer": ((MANAGE_OWN,), C2),
    "staff": ((MANAGE,), {}),
    "staff who may only read": ((READ,), {}),
    "owner who may read all": ((MANAGE_OWN, READ), C1),
    "another customer who may read all": ((MANAGE_OWN, READ), C2),
}
"""The scopes and claims of every kind of caller."""


def _client(service: Service, kind: str) -> Client:
    scopes, claims = KINDS[kind]
    return service.client(*scopes, **claims)


REFUSALS = {"INVALID_STATE", "QUANTITY_EXCEEDS_APPROVED", "SCOPE_MISSING", "RETURN_NOT_FOUND"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STATES)
async def test_offered_actions_are_accepted_and_no_others(shared: Service, state: str, kind: str) -> None:
    ret = await in_state(shared, state)
    client = _client(shared, kind)
    seen = await outcome(client.returns.GetReturn(pb.GetReturnRequest(name=ret.name)))
    offered = set() if isinstance(seen, Refusal) else actions(seen)
    accepted = set()
    for verb in VERBS:
        answer = await outcome(tried(client, verb, ret.name, validate_only=True))
        if not isinstance(answer, Refusal):
            accepted.add(verb)
        else:
            assert answer.reason in REFUSALS, answer
    assert offered == accepted


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("owner", {"UPDATE", "CLOSE"}),
        ("staff", {"UPDATE", "APPROVE", "REJECT", "CLOSE", "DELETE"}),
        ("staff who may only read", set()),
        ("owner who may only read", set()),
        ("owner who may read all", {"UPDATE", "CLOSE"}),
        ("another customer who may read all", set()),
    ],
)
async def test_a_pending_return_offers_what_the_table_says(shared: Service, kind: str, expected: set[str]) -> None:
    ret = await filed(shared)
    assert actions(await found(_client(shared, kind), ret.name)) == expected


STAFF_MAY = {
    "pending": "UPDATE APPROVE REJECT CLOSE DELETE",
    "approved": "UPDATE RECORD_RECEIPT CLOSE DELETE",
    "approved, part received": "UPDATE RECORD_RECEIPT CLOSE",
    "approved, all received": "UPDATE CLOSE",
    "approved, not expected": "UPDATE RECORD_RECEIPT CLOSE DELETE",
    "rejected": "UPDATE REOPEN DELETE",
    "cancelled": "UPDATE REOPEN DELETE",
    "cancelled after approval": "UPDATE REOPEN DELETE",
    "cancelled after a part was received": "UPDATE REOPEN",
    "completed": "UPDATE REOPEN",
    "cancelled, not expected": "UPDATE REOPEN DELETE",
    "reopened": "UPDATE APPROVE REJECT CLOSE DELETE",
    "reopened after approval": "UPDATE RECORD_RECEIPT CLOSE DELETE",
}


@pytest.mark.parametrize("state", STATES)
async def test_everything_else_is_an_invalid_state_that_tells_what_is_possible(shared: Service, state: str) -> None:
    staff, ret = shared.client(), await in_state(shared, state)
    possible = set(STAFF_MAY[state].split())
    assert actions(ret) == possible
    before = ret.SerializeToString(deterministic=True)
    for verb in VERBS.keys() - possible:
        answer = await outcome(tried(staff, verb, ret.name))
        assert isinstance(answer, Refusal), verb
        if verb == "RECORD_RECEIPT" and state == "approved, all received":
            # The row of the table is there; its guard refuses.
            assert answer.reason == "QUANTITY_EXCEEDS_APPROVED"
            continue
        assert (answer.reason, answer.code) == ("INVALID_STATE", grpc.StatusCode.FAILED_PRECONDITION)
        assert answer.metadata["state"] == Return.State.Name(ret.state).removeprefix("STATE_")
        assert set(answer.metadata["allowed_actions"].split(",")) == possible
    assert (await found(staff, ret.name)).SerializeToString(deterministic=True) == before


@pytest.mark.parametrize("state", [state for state in STATES if state not in ("pending", "reopened")])
async def test_an_owner_may_change_nothing_once_it_is_not_pending(shared: Service, state: str) -> None:
    owner, ret = shared.customer("c1"), await in_state(shared, state)
    for verb in ("UPDATE", "CLOSE"):
        with refused("INVALID_STATE") as caught:
            await tried(owner, verb, ret.name)
        assert caught[0].metadata["allowed_actions"] == ""


async def test_allowed_actions_are_told_by_every_answer_and_never_stored(shared: Service) -> None:
    staff, owner = shared.client(), shared.customer("c1")
    ret = await filed(shared)
    assert actions(ret) == {"UPDATE", "CLOSE"}
    listed = await staff.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme"))
    assert all(actions(one) for one in listed.returns)
    batch = await owner.returns.BatchGetReturns(pb.BatchGetReturnsRequest(parent="tenants/acme", names=[ret.name]))
    assert actions(batch.returns[0]) == {"UPDATE", "CLOSE"}
    timeline = await staff.returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))
    assert not any(event.snapshot.allowed_actions for event in timeline.events)
