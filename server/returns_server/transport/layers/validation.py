"""The shape of requests, as the contract's own rules state it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.decode.shape import shape_check
from returns_server.transport.layers import Handler, Layer


def validation() -> Layer:
    """A layer that lets only well-shaped requests pass; messages of a stream are checked one by one by who reads it."""

    def layer(method: Method, inner: Handler) -> Handler:
        if method.client_streaming:
            return inner
        check = shape_check(method.request_type)

        def validated(request: Any, call: Call) -> Awaitable[Any]:
            check(request, call.holds_zero)
            return inner(request, call)

        return validated

    return layer
