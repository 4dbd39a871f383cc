"""The return policy as the shop sets it."""

from __future__ import annotations

from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.policy_service_pb2 import UpdateReturnPolicyRequest
from returns_server.application.commands.policy import FIELDS, UpdatePolicy
from returns_server.domain.errors import FilterInvalid, TenantMismatch
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.domain.policy import Policy, PolicyReason
from returns_server.filtering.language import parse_returns_filter
from returns_server.transport.call import Call
from returns_server.transport.decode.findings import Findings
from returns_server.transport.decode.requests import Requests
from returns_server.transport.decode.times import span

_DEFAULT = Policy()


def update(message: UpdateReturnPolicyRequest, requests: Requests, call: Call) -> UpdatePolicy:
    """Set fields of the policy; raises FieldInvalid, FilterInvalid, TenantMismatch."""
    policy = message.return_policy
    return UpdatePolicy(
        tenant=call.caller.tenant,
        request=requests.of(message, "UpdateReturnPolicy", call),
        policy=_policy(policy, call.caller.tenant),
        populated=tuple(field.name for field, _ in policy.ListFields() if field.name in FIELDS),
        mask=tuple(message.update_mask.paths),
    )


def _policy(message: ReturnPolicy, tenant: TenantId) -> Policy:
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
    _check_filter(message.auto_approve, "return_policy.auto_approve", tenant)
    return Policy(
        return_window=window,
        expire_after=expire_after,
        reasons=tuple(PolicyReason(one.code, one.requires_details, one.active) for one in message.reasons),
        auto_approve=message.auto_approve,
        require_etag=message.require_etag,
    )


def _check_filter(text: str, field: str, tenant: TenantId) -> None:
    try:
        parse_returns_filter(text, tenant, sees_all=True)
    except FilterInvalid as error:
        raise FilterInvalid(error.problem, error.column, field) from None
    except TenantMismatch as error:
        raise TenantMismatch(str(error), field) from None
