"""Parts of messages in words: states, amounts, people, times of attempts."""

from __future__ import annotations

from commerce.returns.v1.party_pb2 import Actor, Approver, Requestor, Submitter
from commerce.returns.v1.price_pb2 import PriceBreakdown
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.webhook_pb2 import WebhookAttempt
from returns_client.money import decimal_of
from returnsctl.output import enum_text


def state_text(ret: Return) -> str:
    """The state, with how it was closed: `CLOSED (COMPLETED)`."""
    ending = enum_text(ret, "close_reason")
    return f"{enum_text(ret, 'state')} ({ending})" if ending else enum_text(ret, "state")


def price_text(price: PriceBreakdown) -> str:
    """The gross amount with its currency, exactly: `6.67 EUR`."""
    return f"{decimal_of(price.gross)} {price.gross.currency_code}" if price.HasField("gross") else ""


def reason_text(reason: Reason) -> str:
    """Code and details in a line."""
    return ": ".join(part for part in (reason.code, reason.details) if part)


def product_text(product_id: str, product_name: str) -> str:
    """A product's id and name."""
    return " ".join(part for part in (product_id, product_name) if part)


def person_text(person: Requestor | Submitter) -> str:
    """Who it is: kind, id, name and address, as far as they are known."""
    if isinstance(person, Requestor):
        first = [f"customer {person.customer_id}" if person.customer_id else "", person.guest_email]
    else:
        first = [enum_text(person, "user_type").lower(), person.subject]
    name = " ".join(part for part in (person.first_name, person.last_name) if part)
    address = person.email if person.email not in first else ""
    return " ".join(part for part in (*first, name, f"<{address}>" if address else "") if part)


def actor_text(actor: Actor) -> str:
    """Who made a change."""
    return " ".join(part for part in (enum_text(actor, "user_type").lower(), actor.subject) if part)


def approver_text(approver: Approver) -> str:
    """Who is to decide."""
    return f"{enum_text(approver, 'type').lower()} {approver.id}" if approver.id else ""


def outcome_text(attempt: WebhookAttempt) -> str:
    """The HTTP status, or why there was none."""
    return str(attempt.status) if attempt.status else attempt.error


def took_text(attempt: WebhookAttempt) -> str:
    """How long it took."""
    return f"{attempt.latency.ToMicroseconds() / 1_000:.0f} ms"


def answer_text(attempt: WebhookAttempt) -> str:
    """The beginning of the answer, in a line."""
    return " ".join(attempt.answer.decode("utf-8", "replace").split())[:200]


def attempt_text(attempt: WebhookAttempt) -> str:
    """What came of a post, in a line."""
    answer = answer_text(attempt)
    return f"{outcome_text(attempt)} after {took_text(attempt)}" + (f": {answer}" if answer else "")
