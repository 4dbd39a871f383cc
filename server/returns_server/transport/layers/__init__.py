"""What every call passes before a servicer sees it, in one order: named layers around a handler.

They are plain functions, put together once when the server is assembled; gRPC's own interceptors would cost every
call a continuation and a look-up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from returns_server.transport.call import Call
from returns_server.transport.contract import Method

Handler = Callable[[Any, Call], Awaitable[Any]]
"""Answers a request and its call: a message (its bytes before it is parsed; an iterator for a client stream).

A layer that only does something before hands on what the handler within answers, without a coroutine of its own; what
it raises is raised in the coroutine of the next layer outside that has one (`errors` is further out than all of them).
"""

Layer = Callable[[Method, Handler], Handler]
"""Puts itself around the handler of a method."""

ORDER = (
    "request_id",
    "telemetry",
    "gathering",
    "errors",
    "draining",
    "authentication",
    "rates",
    "parsing",
    "authorisation",
    "validation",
    "deadline",
)
"""The layers from the outermost to the innermost.

Whatever fails further in is measured and answered with a request id; nobody learns from an error whether a request
was well formed before it is known who asks.
"""


def layered(method: Method, handler: Handler, layers: Mapping[str, Layer]) -> Handler:
    """The handler within all layers; raises ValueError unless there is exactly one of each name."""
    if set(layers) != set(ORDER):
        raise ValueError(f"layers must be {', '.join(ORDER)}; they are {', '.join(layers)}")
    for name in reversed(ORDER):
        handler = layers[name](method, handler)
    return handler
