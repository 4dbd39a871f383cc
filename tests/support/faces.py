"""The Python client as programs use it, for a server of a test."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from returns_client import AsyncReturnsClient, ReturnsClient
from tests.support.service import ALL, Service


def asynchronous(service: Service, address: str = "", *scopes: str, **more: Any) -> AsyncReturnsClient:
    """A client of this server, or of a proxy before it, that may do all unless told."""
    more.setdefault("token", service.token(*(scopes or ALL)))
    return AsyncReturnsClient(address or service.address, tenant="acme", **more)


def synchronous(service: Service, address: str = "", *scopes: str, **more: Any) -> ReturnsClient:
    """The same for threads; calls block, so a server in this process needs them in a thread."""
    more.setdefault("token", service.token(*(scopes or ALL)))
    return ReturnsClient(address or service.address, tenant="acme", **more)


async def done(method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What a method of either client answers."""
    if inspect.iscoroutinefunction(method):
        return await method(*arguments, **named)
    return await asyncio.to_thread(method, *arguments, **named)
