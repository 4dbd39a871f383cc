"""Returns as a caller sees them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from commerce.returns.v1.party_pb2 import Submitter
from commerce.returns.v1.return_pb2 import Return
from returns_server.application.authorisation import STAFF_ACTIONS, actions_for
from returns_server.application.ports import ListedReturn, ReturnDocument
from returns_server.domain.returns import Action, GoodsState, State
from returns_server.domain.states import Party
from returns_server.transport.call import Call
from returns_server.transport.encode.wire import Before, bytes_field

_ALLOWED_ACTIONS = Return.DESCRIPTOR.fields_by_name["allowed_actions"].number


def listed(before: Before, stored: Iterable[ListedReturn], call: Call) -> list[bytes]:
    """The parts of a repeated field of Returns, each as `for_caller` answers it."""
    parts: list[bytes] = []
    if call.actor.is_staff and call.caller.acts_as is not Party.OWNER:
        allowed_in = _STAFF_FIELDS if call.caller.acts_as is Party.STAFF else _NO_FIELDS
        for document, state, goods_state, _, _ in stored:
            allowed = allowed_in[state, goods_state]
            parts += (before[len(document) + len(allowed)], document, allowed)
        return parts
    for document, state, goods_state, _, _ in stored:
        ret = Return.FromString(document)
        whose = ret.requestor.customer_id, ret.requestor.guest_email
        allowed = _encoded(actions_for(call.caller, State(state), GoodsState(goods_state), *whose))
        content = (document if call.actor.is_staff else _trimmed(ret)) + allowed
        parts += (before[len(content)], content)
    return parts


def all_for_caller(stored: Iterable[ReturnDocument], call: Call) -> list[bytes]:
    """Encoded Returns, each as `for_caller` answers it."""
    if call.actor.is_staff and call.caller.acts_as is Party.STAFF:
        return [one.document + _STAFF_FIELDS[one.state, one.goods_state] for one in stored]
    return [for_caller(one, call) for one in stored]


def for_caller(stored: ReturnDocument, call: Call) -> bytes:
    """An encoded Return: the stored document with what this caller may do next, and for customers without the rest."""
    actions = actions_for(call.caller, stored.state, stored.goods_state, stored.customer_id, stored.guest_email)
    return seen(stored.document, call) + _encoded(actions)


def seen(document: bytes, call: Call) -> bytes:
    """An encoded Return without what the caller must not see."""
    if call.actor.is_staff:
        return document
    return _trimmed(Return.FromString(document))


def _trimmed(ret: Return) -> bytes:
    trim(ret)
    return ret.SerializeToString()


def trim(ret: Return) -> None:
    """Take from a return what customers do not see: who approves, and who acts for the shop."""
    ret.ClearField("approver")
    ret.ClearField("assisted_actions")
    if ret.submitter.user_type != Submitter.USER_TYPE_CUSTOMER and ret.HasField("submitter"):
        ret.submitter.CopyFrom(Submitter(user_type=ret.submitter.user_type))


@lru_cache(maxsize=256)
def _encoded(actions: tuple[Action, ...]) -> bytes:
    """The field `allowed_actions`; each number is one byte."""
    return bytes_field(_ALLOWED_ACTIONS, bytes(actions)) if actions else b""


_STAFF_FIELDS: dict[tuple[int, int], bytes] = {state: _encoded(actions) for state, actions in STAFF_ACTIONS.items()}
_NO_FIELDS = dict.fromkeys(_STAFF_FIELDS, b"")
