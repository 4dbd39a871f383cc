"""Who calls: a bearer token or a client certificate, verified."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol

from returns_server.application.caller import Caller
from returns_server.domain.errors import TokenInvalid, TokenMissing
from returns_server.transport.call import Call
from returns_server.transport.certificates import CertificateCallers
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer


class Verifier(Protocol):
    """Knows which tokens to trust."""

    def remembered(self, token: str) -> Caller | None:
        """The caller, where this very token was verified before and still holds."""

    async def verify(self, token: str) -> Caller:
        """The caller that the token is about; raises TokenInvalid, TokenExpired."""


def authentication(verifier: Verifier, certificates: CertificateCallers | None = None) -> Layer:
    """A layer that lets known callers pass: by their token, or where they bring none by their client certificate."""

    def layer(_: Method, inner: Handler) -> Handler:
        def authenticated(request: Any, call: Call) -> Awaitable[Any]:
            token = bearer(call.authorization)
            caller = verifier.remembered(token)
            if caller is None:
                return authenticated_anew(token, request, call)
            call.caller = caller
            return inner(request, call)

        async def authenticated_anew(token: str, request: Any, call: Call) -> Any:
            call.caller = await verifier.verify(token)
            return await inner(request, call)

        async def authenticated_either_way(request: Any, call: Call) -> Any:
            call.caller = await identified(call, verifier, certificates)
            return await inner(request, call)

        return authenticated if certificates is None else authenticated_either_way

    return layer


async def identified(call: Call, verifier: Verifier, certificates: CertificateCallers | None) -> Caller:
    """Who calls; raises TokenMissing, TokenInvalid, TokenExpired. A token counts more than a certificate."""
    authorization = call.authorization
    if certificates is not None and not authorization:
        return certificates.caller(call.peer)
    return await verifier.verify(bearer(authorization))


def bearer(authorization: str) -> str:
    """The token of an `authorization` header; raises TokenMissing, TokenInvalid."""
    if not authorization:
        raise TokenMissing("the call needs the metadata `authorization: Bearer <token>`")
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenInvalid("the metadata `authorization` must be `Bearer <token>`")
    return token
