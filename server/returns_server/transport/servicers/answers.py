"""What mutations answer."""

from __future__ import annotations

from returns_server.application.books import Fed
from returns_server.application.ports import Answer, Document, Gone, ReturnDocument
from returns_server.domain.errors import ReturnNotFound
from returns_server.transport.call import Call
from returns_server.transport.encode import returns

_EMPTY = b""
"""An encoded google.protobuf.Empty."""


def answered(answer: Answer, name: str, call: Call) -> bytes:
    """The answer as this caller sees it; `name` is what the call was about.

    A repeated request gets the answer of the first, which may meanwhile be somebody else's: then it is not found.
    """
    match answer:
        case ReturnDocument():
            if not call.actor.is_staff and not call.actor.owns(answer.customer_id, answer.guest_email):
                raise ReturnNotFound(name)
            return returns.for_caller(answer, call)
        case Document():
            return answer.document
        case Gone():
            return _EMPTY
        case Fed():
            raise AssertionError("only an import is answered with what it did")
