"""Who is not known, and who may not."""

from __future__ import annotations

from returns_server.domain.errors.base import ReturnsError


class Unauthenticated(ReturnsError):
    """The caller is not known."""


class TokenMissing(Unauthenticated):
    """No bearer token came with the call."""

    reason = "TOKEN_MISSING"


class TokenInvalid(Unauthenticated):
    """The token cannot be trusted."""

    reason = "TOKEN_INVALID"


class TokenExpired(Unauthenticated):
    """The token's time is over."""

    reason = "TOKEN_EXPIRED"


class Denied(ReturnsError):
    """The caller is known and may not do this."""

    def __init__(self, message: str, field: str = "") -> None:
        """Takes a sentence and, where one field is the trouble, its path."""
        self.field = field
        super().__init__(message)

    @property
    def facts(self) -> dict[str, str]:
        """The field, where there is one."""
        return {"field": self.field} if self.field else {}


class ScopeMissing(Denied):
    """The token lacks the scope of this method."""

    reason = "SCOPE_MISSING"


class RequiresManageScope(Denied):
    """Only staff may set this."""

    reason = "REQUIRES_MANAGE_SCOPE"


class TenantMismatch(Denied):
    """A name belongs to another tenant than the token."""

    reason = "TENANT_MISMATCH"
