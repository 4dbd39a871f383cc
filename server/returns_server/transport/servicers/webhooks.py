"""WebhooksService: part of the contract, and of a later release."""

from __future__ import annotations

from typing import Any, NoReturn

from returns_server.domain.errors import NotImplementedYet
from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler


def not_yet(method: Method) -> Handler:
    """A handler that says so, to callers who could use the method if it were there."""

    async def answer(request: Any, call: Call) -> NoReturn:  # noqa: ARG001
        raise NotImplementedYet(f"{method.short_name} comes with a later release")

    return answer
