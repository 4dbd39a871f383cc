"""Every method of the contract, from the service descriptors, and calls of it by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.message import Message

from returns_server.transport.contract import SERVICES, Method, methods_of
from tests.support.service import Client

METHODS: dict[str, Method] = {method.name: method for service in SERVICES.values() for method in methods_of(service)}
"""All methods by `Service/Method`; read from the descriptors, so that a new one is here by itself."""

MUTATIONS = {
    name: method for name, method in METHODS.items() if "validate_only" in method.request_type.DESCRIPTOR.fields_by_name
}

UNIMPLEMENTED = {name for name in METHODS if name.startswith("WebhooksService/")}
"""Methods that come with later releases."""

SERVED = {name: method for name, method in METHODS.items() if name not in UNIMPLEMENTED}

MUTATIONS = {
    name: method for name, method in SERVED.items() if "validate_only" in method.request_type.DESCRIPTOR.fields_by_name
}
"""The served methods that change something and can be tried."""


async def call(client: Client, name: str, request: Message) -> Any:
    """The answer of one call, whatever kind of method it is: of a stream that goes on for ever its first message."""
    method = METHODS[name]
    stub = getattr(client.stub(name.partition("/")[0]), method.short_name)
    if method.client_streaming:
        return await stub(_one(request))
    if method.server_streaming:
        stream = stub(request)
        try:
            return await anext(aiter(stream))
        finally:
            stream.cancel()
    return await stub(request)


def put(message: Message, path: tuple[str, ...], value: str) -> None:
    """Set a nested string field by its path."""
    for name in path[:-1]:
        message = getattr(message, name)
    setattr(message, path[-1], value)


def about(name: str, tenant: str = "acme") -> Message:
    """The smallest request of a method that is about something of this tenant, which need not exist."""
    method = METHODS[name]
    request = method.request_type()
    fields = {
        "parent": f"tenants/{tenant}",
        "order.name": f"tenants/{tenant}/orders/no-such",
        "return_policy.name": f"tenants/{tenant}/returnPolicy",
    }
    path = ".".join(method.resource) or "parent"
    found = fields.get(path)
    if found is None:
        found = f"tenants/{tenant}/{_collection(name)}"
    put(request, tuple(path.split(".")), found)
    return request


def _collection(name: str) -> str:
    if name == "PolicyService/GetReturnPolicy":
        return "returnPolicy"
    if name.startswith("OrdersService/"):
        return "orders/no-such"
    if name.startswith("WebhooksService/"):
        return "webhookEndpoints/no-such"
    return "returns/no-such"


async def _one(request: Message) -> AsyncIterator[Message]:
    yield request
