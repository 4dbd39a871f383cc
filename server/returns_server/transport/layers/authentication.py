"""Who calls: a bearer token, verified."""

from __future__ import annotations

from typing import Any, Protocol

from returns_server.application.caller import Caller
from returns_server.domain.errors import TokenInvalid, TokenMissing
from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer


class Verifier(Protocol):
    """Knows which tokens to trust."""

    def remembered(self, token: str) -> Caller | None:
        """The caller, where this very token was verified before and still holds."""

    async def verify(self, token: str) -> Caller:
        """The caller that the token is about; raises TokenInvalid, TokenExpired."""


def authentication(verifier: Verifier) -> Layer:
    """A layer that lets known callers pass."""

    def layer(_: Method, inner: Handler) -> Handler:
        async def authenticated(request: Any, call: Call) -> Any:
            token = bearer(call.authorization)
            call.caller = verifier.remembered(token) or await verifier.verify(token)
            return await inner(request, call)

        return authenticated

    return layer


def bearer(authorization: str) -> str:
    """The token of an `authorization` header; raises TokenMissing, TokenInvalid."""
    if not authorization:
        raise TokenMissing("the call needs the metadata `authorization: Bearer <token>`")
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenInvalid("the metadata `authorization` must be `Bearer <token>`")
    return token
