"""A tenant's return policy as an encoded `ReturnPolicy` message, and back."""

from __future__ import annotations

from commerce.returns.v1 import policy_pb2
from returns_server.application.etags import policy_etag
from returns_server.domain.ids import TenantId
from returns_server.domain.policy import Policy, PolicyReason
from returns_server.storage.documents.values import (
    Fields,
    micros_of,
    optional_micros,
    optional_time,
    seconds_and_nanos,
)


def encode_policy(tenant: TenantId, policy: Policy) -> bytes:
    """The policy as an encoded `ReturnPolicy` message."""
    fields: Fields = {
        "name": f"tenants/{tenant}/returnPolicy",
        "return_window": optional_time(policy.return_window),
        "expire_after": seconds_and_nanos(policy.expire_after),
        "reasons": [
            {"code": reason.code, "requires_details": reason.requires_details, "active": reason.active}
            for reason in policy.reasons
        ],
        "auto_approve": policy.auto_approve,
        "require_etag": policy.require_etag,
        "etag": policy_etag(policy),
        "create_time": optional_time(policy.create_time),
        "update_time": optional_time(policy.update_time),
    }
    return policy_pb2.ReturnPolicy(**fields).SerializeToString()


def decode_policy(document: bytes) -> Policy:
    """The policy that `encode_policy` wrote."""
    message = policy_pb2.ReturnPolicy.FromString(document)
    return Policy(
        return_window=optional_micros(message, "return_window"),
        expire_after=micros_of(message.expire_after),
        reasons=tuple(PolicyReason(known.code, known.requires_details, known.active) for known in message.reasons),
        auto_approve=message.auto_approve,
        require_etag=message.require_etag,
        create_time=optional_micros(message, "create_time"),
        update_time=optional_micros(message, "update_time"),
    )
