"""Etags over what callers set: equal content has an equal etag, whoever wrote it and when."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import fields

from returns_server.domain.orders import OrderHead, OrderLine
from returns_server.domain.policy import Policy
from returns_server.domain.returns import Return

_DERIVED_OF_POLICY = {"create_time", "update_time"}


def return_etag(ret: Return) -> str:
    """A return's etag: its version, the same for all callers."""
    return str(ret.version)


def order_etag(head: OrderHead, lines: tuple[OrderLine, ...]) -> str:
    """An order's etag, over what the shop says of it and not over what returns claim."""
    said = [
        (
            line.line_id,
            line.product_id,
            line.product_name,
            line.quantity,
            line.unit_price,
            line.paid.amount.gross,
            line.paid.amount.net,
            line.paid.amount.tax,
            line.paid.tax_code,
            line.paid.tax_rate,
            line.final_sale,
        )
        for line in lines
    ]
    return digest(
        (head.customer_id, head.guest_email, head.currency, head.place_time, head.deliver_time, said),
    )


def policy_etag(policy: Policy) -> str:
    """A policy's etag, over the rules that the shop sets."""
    names = [field.name for field in fields(policy) if field.name not in _DERIVED_OF_POLICY]
    reasons = [(reason.code, reason.requires_details, reason.active) for reason in policy.reasons]
    return digest([reasons if name == "reasons" else getattr(policy, name) for name in names])


def digest(content: object) -> str:
    """A short text that differs where the content does."""
    return base64.urlsafe_b64encode(hashlib.blake2b(repr(content).encode(), digest_size=12).digest()).decode()
