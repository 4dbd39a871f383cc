"""The return policy as the shop sets it."""

from __future__ import annotations

from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.policy_service_pb2 import UpdateReturnPolicyRequest
from returns_server.application.commands.policy import FIELDS, UpdatePolicy
from returns_server.domain.errors import FilterInvalid
from returns_server.domain.ids import SECOND, Micros
from returns_server.domain.policy import Policy, PolicyReason
from returns_server.transport.call import Call
from returns_server.transport.decode.findings import Findings
from returns_server.transport.decode.requests import Requests
from returns_server.transport.decode.times import span

_DEFAULT = Policy()


def update(message: UpdateReturnPolicyRequest, requests: Requests, call: Call) -> UpdatePolicy:
    """Set fields of the policy; raises FieldInvalid, and FilterInvalid on any `auto_approve` for now."""
    policy = message.return_policy
    return UpdatePolicy(
        tenant=call.caller.tenant,
        request=requests.of(message, "UpdateReturnPolicy", call),
        policy=_policy(policy),
        populated=tuple(field.name for field, _ in policy.ListFields() if field.name in FIELDS),
        mask=tuple(message.update_mask.paths),
    )


def _policy(message: ReturnPolicy) -> Policy:
    findings = Findings()
    window: Micros | None = None
    if message.HasField("return_window"):
        window = span(message.return_window, "return_policy.return_window", findings)
    expire_after = _DEFAULT.expire_after
    if message.HasField("expire_after"):
        expire_after = span(message.expire_after, "return_policy.expire_after", findings)
        if expire_after < SECOND:
            findings.add("return_policy.expire_after", "must be at least one second")
    seen: set[str] = set()
    for index, reason in enumerate(message.reasons):
        if reason.code in seen:
            findings.add(f"return_policy.reasons[{index}].code", f"names the reason {reason.code} a second time")
        seen.add(reason.code)
    findings.check()
    if message.auto_approve:
        field = "return_policy.auto_approve"
        raise FilterInvalid("cannot be set yet: it comes with the whole filter language", 1, field)
    return Policy(
        return_window=window,
        expire_after=expire_after,
        reasons=tuple(PolicyReason(one.code, one.requires_details, one.active) for one in message.reasons),
        require_etag=message.require_etag,
    )
