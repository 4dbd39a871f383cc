"""Reasons and people as drafts name them."""

from __future__ import annotations

from commerce.returns.v1 import party_pb2, reason_pb2
from returns_server.domain.returns import Approver, ApproverType, Reason, Requestor, Submitter, UserType


def email(text: str) -> str:
    """An address as it is kept and compared: trimmed and lower-cased."""
    return text.strip().lower()


def reason(message: reason_pb2.Reason) -> Reason:
    """A reason, without blanks around it."""
    return Reason(message.code.strip(), message.details.strip())


def requestor(message: party_pb2.Requestor) -> Requestor:
    """Who wants to return something."""
    return Requestor(
        message.customer_id, email(message.guest_email), message.first_name, message.last_name, email(message.email)
    )


def submitter(message: party_pb2.Submitter) -> Submitter:
    """Who handed it in."""
    return Submitter(
        UserType(message.user_type), message.subject, message.first_name, message.last_name, email(message.email)
    )


def approver(message: party_pb2.Approver) -> Approver:
    """Who is to approve, or did."""
    return Approver(ApproverType(message.type), message.id)
