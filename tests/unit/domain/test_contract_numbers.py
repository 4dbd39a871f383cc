"""Enum numbers are stored and sent as they are: those of the domain are those of the contract."""

from __future__ import annotations

from enum import IntEnum

import pytest
from google.protobuf.descriptor import EnumDescriptor

from commerce.returns.v1 import event_pb2, party_pb2, return_pb2
from returns_server.domain.events import EventType
from returns_server.domain.returns import (
    Action,
    ApproverType,
    AssistedOperation,
    CloseReason,
    GoodsState,
    State,
    UserType,
)

_RETURN = return_pb2.Return.DESCRIPTOR
_ASSISTED = return_pb2.AssistedAction.DESCRIPTOR


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (State, _RETURN.enum_types_by_name["State"], "STATE_"),
        (GoodsState, _RETURN.enum_types_by_name["GoodsState"], "GOODS_STATE_"),
        (CloseReason, _RETURN.enum_types_by_name["CloseReason"], "CLOSE_REASON_"),
        (Action, _RETURN.enum_types_by_name["Action"], "ACTION_"),
        (AssistedOperation, _ASSISTED.enum_types_by_name["Operation"], "OPERATION_"),
        (UserType, party_pb2.Submitter.DESCRIPTOR.enum_types_by_name["UserType"], "USER_TYPE_"),
        (ApproverType, party_pb2.Approver.DESCRIPTOR.enum_types_by_name["Type"], "TYPE_"),
    ],
)
def test_our_names_and_numbers_are_those_of_the_contract(
    ours: type[IntEnum], theirs: EnumDescriptor, prefix: str
) -> None:
    said = {value.name.removeprefix(prefix): value.number for value in theirs.values}
    assert {member.name: member.value for member in ours} | {"UNSPECIFIED": 0} == said


def test_event_types_have_the_names_that_travel() -> None:
    assert event_pb2.ReturnEvent.DESCRIPTOR.fields_by_name["type"].type == 9, "a string"
    assert [event_type.type_name for event_type in EventType] == [
        "return.created",
        "return.updated",
        "return.approved",
        "return.rejected",
        "return.received",
        "return.closed",
        "return.reopened",
        "return.deleted",
        "return.person_erased",
    ]
