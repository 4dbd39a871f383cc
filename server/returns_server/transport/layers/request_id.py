"""The outermost layer: a call has an id, the client's or a new one, and its answer says which."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._:/+=~-]{1,128}")


def request_id(new_id: Callable[[], UUID]) -> Layer:
    """A layer that names calls: `x-request-id` from the metadata where it is of a kind that can stand in a log."""

    def layer(_: Method, inner: Handler) -> Handler:
        async def named(request: Any, call: Call) -> Any:
            given = call.given_id
            call.return_id(given if _ACCEPTABLE.fullmatch(given) else str(new_id()))
            return await inner(request, call)

        return named

    return layer
