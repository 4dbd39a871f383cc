"""The outermost layer: a call has an id, the client's or a new one, and its answer says which."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable
from itertools import count
from typing import Any

from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._:/+=~-]{1,128}")
_PROCESS_BYTES = 6


def request_id() -> Layer:
    """A layer that names calls: `x-request-id` from the metadata where it is of a kind that can stand in a log.

    Others get the name of this process and a running number: `f3a91c07be52-1a4`.
    """
    process, numbers = secrets.token_hex(_PROCESS_BYTES), count(1)

    def layer(_: Method, inner: Handler) -> Handler:
        def named(request: Any, call: Call) -> Awaitable[Any]:
            given = call.given_id
            call.return_id(given if given and _ACCEPTABLE.fullmatch(given) else f"{process}-{next(numbers):x}")
            return inner(request, call)

        return named

    return layer
