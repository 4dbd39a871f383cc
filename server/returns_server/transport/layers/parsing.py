"""From bytes to a request, once it is known who sends them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.decode.malformed import deserializer
from returns_server.transport.layers import Handler, Layer


def parsing() -> Layer:
    """A layer that takes bytes and hands on the request that they are; messages of a stream are parsed by who reads it.

    Two bytes may stand for a message that takes a hundred in memory: what strangers send is not looked at.
    """

    def layer(method: Method, inner: Handler) -> Handler:
        if method.client_streaming:
            return inner
        parse = deserializer(method.request_type)

        def parsed(data: bytes, call: Call) -> Awaitable[Any]:
            call.holds_zero = b"\0" in data
            return inner(parse(data), call)

        return parsed

    return layer
