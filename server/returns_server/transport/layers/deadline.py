"""A call that says no deadline gets one, so that none waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from returns_server.domain.errors import DeadlineExceeded
from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer


def deadline(default_seconds: float) -> Layer:
    """A layer that ends unary calls after so many seconds; where the client said a deadline, gRPC keeps to that."""

    def layer(method: Method, inner: Handler) -> Handler:
        if not method.unary:
            return inner

        async def in_time(request: Any, call: Call) -> Any:
            if call.has_deadline:
                return await inner(request, call)
            try:
                async with asyncio.timeout(default_seconds) as limit:
                    return await inner(request, call)
            except TimeoutError:
                if not limit.expired():
                    raise
                message = f"the call took longer than {default_seconds:g} s; repeat it with the same request_id"
                raise DeadlineExceeded(message) from None

        return in_time

    return layer
