"""Whether the caller's scopes open the method, and whether what the call is about is of its tenant."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any

from returns_server.application.authorisation import METHODS, authorised
from returns_server.domain.errors import TenantMismatch
from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.decode.malformed import Malformed
from returns_server.transport.layers import Handler, Layer

_TENANT = re.compile(r"tenants/([a-z][a-z0-9]{2,15})(?:/.*)?", re.DOTALL)


def authorisation() -> Layer:
    """A layer that lets a caller pass who may call the method, as staff or as owner, within its own tenant."""

    def layer(method: Method, inner: Handler) -> Handler:
        if method.name not in METHODS:
            raise ValueError(f"{method.name} has no row in the table of scopes")

        def allowed(request: Any, call: Call) -> Awaitable[Any]:
            call.actor = authorised(call.caller, method.name)
            if method.resource and not isinstance(request, Malformed):
                check_tenant(request, method.resource, call.caller.tenant)
            return inner(request, call)

        return allowed

    return layer


def check_tenant(request: Any, path: tuple[str, ...], tenant: str) -> None:
    """Raise TenantMismatch where the name at this path is another tenant's; what is no name, validation refuses."""
    name = request
    for field in path:
        name = getattr(name, field)
    if name.startswith(f"tenants/{tenant}/"):
        return
    found = _TENANT.fullmatch(name)
    if found and found[1] != tenant:
        raise TenantMismatch("the name belongs to another tenant than the token", ".".join(path))
