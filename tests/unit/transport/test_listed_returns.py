"""A return in a list is answered as it is by itself, whoever asks."""

from __future__ import annotations

import itertools

import pytest

from commerce.returns.v1 import party_pb2
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.return_pb2 import AssistedAction, Return
from returns_server.application.authorisation import authorised
from returns_server.application.caller import Caller, Scope, granted
from returns_server.application.ports import ListedReturn, ReturnDocument
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.returns import GoodsState, State, UserType
from returns_server.transport.call import Call
from returns_server.transport.encode import returns
from returns_server.transport.encode.wire import Before

BEFORE = Before(pb.ListReturnsResponse.DESCRIPTOR.fields_by_name["returns"].number)
CALLERS = {
    "manages": (Scope.MANAGE,),
    "reads": (Scope.READ,),
    "reads, and manages its own": (Scope.READ, Scope.MANAGE_OWN),
    "manages its own": (Scope.MANAGE_OWN,),
    "reads its own": (Scope.READ_OWN,),
}


def asking(*scopes: Scope) -> Call:
    """As much of a call as an answer depends on."""
    known = granted(frozenset(scope.value for scope in scopes))
    caller = Caller(
        TenantId("acme"), "https://id.example", "anna", known, "c1", "", "", "", "", UserType.CUSTOMER, Micros(0)
    )
    call = Call.__new__(Call)
    call.caller, call.actor = caller, authorised(caller, "ReturnsService/ListReturns")
    return call


def stored(state: State, goods_state: GoodsState, customer_id: str) -> ReturnDocument:
    ret = Return(
        name=f"tenants/acme/returns/{state.name.lower()}-{goods_state.name.lower()}",
        requestor=party_pb2.Requestor(customer_id=customer_id),
        submitter=party_pb2.Submitter(user_type=party_pb2.Submitter.USER_TYPE_EMPLOYEE, email="clerk@example.com"),
        approver=party_pb2.Approver(id="the boss"),
        assisted_actions=[AssistedAction(employee="clerk", reason="by telephone")],
    )
    return ReturnDocument(ret.SerializeToString(), state, goods_state, customer_id, "")


@pytest.mark.parametrize("scopes", CALLERS.values(), ids=CALLERS)
def test_a_listed_return_is_answered_as_it_is_by_itself(scopes: tuple[Scope, ...]) -> None:
    call = asking(*scopes)
    owners = ("c1", "c2") if call.actor.is_staff else ("c1",)
    kept = [stored(*kind) for kind in itertools.product(State, GoodsState, owners)]
    rows: list[ListedReturn] = [(one.document, int(one.state), int(one.goods_state), 0, "") for one in kept]

    answer = pb.ListReturnsResponse.FromString(b"".join(returns.listed(BEFORE, rows, call)))

    assert list(answer.returns) == [Return.FromString(returns.for_caller(one, call)) for one in kept]
    assert any(one.allowed_actions for one in answer.returns) == (Scope.MANAGE in scopes or Scope.MANAGE_OWN in scopes)
    assert all(bool(one.approver.id) == call.actor.is_staff for one in answer.returns)
