"""The shop sets its return policy."""

from __future__ import annotations

from dataclasses import replace

from returns_server.application.books import Books, Needs
from returns_server.application.etags import policy_etag
from returns_server.application.request import Request
from returns_server.domain.errors import FieldInvalid
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.policy import Policy
from returns_server.domain.record import record

FIELDS = ("return_window", "expire_after", "reasons", "auto_approve", "require_etag")
_OUTPUT_ONLY = frozenset({"name", "create_time", "update_time", "etag"})


@record
class UpdatePolicy:
    """Set the masked fields of the policy; `populated` are those that the message says something in."""

    tenant: TenantId
    request: Request
    policy: Policy
    populated: tuple[str, ...]
    mask: tuple[str, ...] = ()

    @property
    def needs(self) -> Needs:
        """The policy alone."""
        return Needs(policy=True)

    def decide(self, books: Books, now: Micros) -> Policy:
        """The policy as it is after this; raises FieldInvalid, EtagMismatch."""
        current = books.policy
        self.request.check_etag(policy_etag(current), required=False)
        new = replace(current, **{path: getattr(self.policy, path) for path in self._paths()})
        if new == current:
            return current
        new = replace(new, create_time=current.create_time or now, update_time=now)
        if not self.request.validate_only:
            books.put_policy(new)
        return new

    def _paths(self) -> tuple[str, ...]:
        if self.mask == ("*",):
            return FIELDS
        paths = (
            tuple(path for path in self.mask if path.partition(".")[0] not in _OUTPUT_ONLY)
            if self.mask
            else self.populated
        )
        for path in paths:
            if path not in FIELDS:
                raise FieldInvalid.at("update_mask", f"{path!r} is no field that can be updated")
        return paths
