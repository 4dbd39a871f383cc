"""The caller as the token tells: identity, scopes, and the part that scopes let it play."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

from returns_server.domain.actors import Actor
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.record import remembering
from returns_server.domain.returns import UserType
from returns_server.domain.states import Party


class Scope(StrEnum):
    """The scopes of the contract (section 4), and one for what cannot be undone."""

    READ_OWN = "returns.returns_read_own"
    MANAGE_OWN = "returns.returns_manage_own"
    READ = "returns.returns_read"
    MANAGE = "returns.returns_manage"
    ORDERS_MANAGE = "returns.orders_manage"
    POLICY_MANAGE = "returns.policy_manage"
    WEBHOOKS_MANAGE = "returns.webhooks_manage"
    PRIVACY_MANAGE = "returns.privacy_manage"


OWN_SCOPES = frozenset({Scope.READ_OWN, Scope.MANAGE_OWN})
"""Who has no other is a customer."""

_IMPLIED = {Scope.MANAGE: Scope.READ, Scope.MANAGE_OWN: Scope.READ_OWN}


def granted(scopes: frozenset[str]) -> frozenset[Scope]:
    """The scopes we know among those of a token, with what they imply: manage implies read."""
    known = {scope for scope in Scope if scope.value in scopes}
    return frozenset(known | {_IMPLIED[scope] for scope in known if scope in _IMPLIED})


@remembering
class Caller:
    """Who calls, as the verified token says. E-mail addresses are trimmed and lower-cased.

    `verified_email` is empty unless the token's issuer verified the address: another address opens nothing. A caller
    is remembered with its token, and with it what follows from the token alone.
    """

    tenant: TenantId
    issuer: str
    subject: str
    scopes: frozenset[Scope]
    customer_id: str
    email: str
    verified_email: str
    first_name: str
    last_name: str
    user_type: UserType
    expire_time: Micros

    def as_actor(self, party: Party) -> Actor:
        """The caller in the part that a method's scopes let it play."""
        return self._as_staff if party is Party.STAFF else self._as_owner

    @cached_property
    def acts_as(self) -> Party | None:
        """The part that its scopes let the caller play when it changes returns; None where it may change none."""
        if Scope.MANAGE in self.scopes:
            return Party.STAFF
        return Party.OWNER if Scope.MANAGE_OWN in self.scopes else None

    @cached_property
    def is_customer(self) -> bool:
        """Whether the caller sees no more than what is its own."""
        return self.scopes <= OWN_SCOPES

    @cached_property
    def counted_as(self) -> str:
        """Under what its calls are counted: the customer, whatever its tokens, or the subject of the issuer."""
        # No part has a NUL: tokens with one are refused.
        return "\0".join(
            (self.tenant, self.customer_id) if self.is_customer else (self.tenant, self.issuer, self.subject)
        )

    @cached_property
    def _as_staff(self) -> Actor:
        return self._in(Party.STAFF)

    @cached_property
    def _as_owner(self) -> Actor:
        return self._in(Party.OWNER)

    def _in(self, party: Party) -> Actor:
        staff = party is Party.STAFF
        return Actor(
            party=party,
            subject=self.subject,
            user_type=self.user_type if staff else UserType.CUSTOMER,
            customer_id="" if staff else self.customer_id,
            verified_email="" if staff else self.verified_email,
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
        )
