"""How many calls a second are taken of whom: the others are told when there is one more."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer
from returns_server.transport.rates import Rates


def rates(of: Rates) -> Layer:
    """A layer that lets as many calls pass as the rates say, whatever their method; without rates it is not there.

    A stream is a call when it is opened, an import of orders too: its orders wait behind all calls, in bounded memory.
    """
    limit = of.limit()

    def layer(_: Method, inner: Handler) -> Handler:
        if limit is None:
            return inner

        def counted(request: Any, call: Call) -> Awaitable[Any]:
            limit(call.caller)
            return inner(request, call)

        return counted

    return layer
