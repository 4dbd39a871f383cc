"""What of a return and of an event tells of a person, and what is left of them without it.

Left are what the books need and what the law has a shop keep: numbers, quantities, prices, codes, states and times, and
which employees acted.
"""

from __future__ import annotations

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.party_pb2 import Requestor, Submitter
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_pb2 import Return
from returns_server.domain.people import Person

ERASED_CODE = "ERASED"
"""The code of a reason that consisted of details alone: a reason says something, or it is none."""

_CUSTOMER = Submitter.USER_TYPE_CUSTOMER


def is_requestor(person: Person, requestor: Requestor) -> bool:
    """Whether a return is this person's."""
    return (
        person.is_customer(requestor.customer_id)
        or person.has_address(requestor.guest_email)
        or person.has_address(requestor.email)
    )


def is_submitter(person: Person, submitter: Submitter) -> bool:
    """Whether this person handed a return in; an employee is known by the address alone."""
    by_subject = submitter.user_type == _CUSTOMER and person.is_customer(submitter.subject)
    return by_subject or person.has_address(submitter.email)


def tells_of(person: Person, ret: Return) -> bool:
    """Whether a return tells of the person."""
    return is_requestor(person, ret.requestor) or is_submitter(person, ret.submitter)


def event_tells_of(person: Person, event: ReturnEvent) -> bool:
    """Whether an event tells of the person: its snapshot does, or the person caused it."""
    return tells_of(person, event.snapshot) or _acted(person, event)


def erase_from_return(person: Person, ret: Return) -> tuple[str, ...]:
    """Erase a person from a return; the top-level fields that differ now, none where it did not tell of the person."""
    before = Return()
    before.CopyFrom(ret)
    theirs = is_requestor(person, ret.requestor)
    if is_submitter(person, ret.submitter) or (theirs and ret.submitter.user_type == _CUSTOMER):
        ret.submitter.CopyFrom(Submitter(user_type=ret.submitter.user_type))
    if theirs:
        ret.requestor.Clear()
        ret.ClearField("attributes")
        for name in ("reason", "rejection", "closing"):
            if ret.HasField(name):
                _erase_details(getattr(ret, name))
        for order in ret.orders:
            for item in order.items:
                if item.HasField("reason"):
                    _erase_details(item.reason)
        for action in ret.assisted_actions:
            action.reason = ""
    names = [field.name for field in Return.DESCRIPTOR.fields]
    return tuple(name for name in names if _said(before, name) != _said(ret, name))


def erase_from_event(person: Person, event: ReturnEvent) -> bool:
    """Erase a person from an event; whether it told of the person."""
    acted = _acted(person, event) or (
        is_requestor(person, event.snapshot.requestor) and event.actor.user_type == _CUSTOMER and event.actor.subject
    )
    if acted:
        event.actor.subject = ""
    return bool(erase_from_return(person, event.snapshot)) or bool(acted)


def _acted(person: Person, event: ReturnEvent) -> bool:
    return event.actor.user_type == _CUSTOMER and person.is_customer(event.actor.subject)


def _erase_details(reason: Reason) -> None:
    if reason.details:
        reason.details = ""
        reason.code = reason.code or ERASED_CODE


def _said(ret: Return, name: str) -> list[object]:
    """What a field says, empty where it says nothing."""
    return [value for field, value in ret.ListFields() if field.name == name]
