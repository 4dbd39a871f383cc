"""The two faces of the client behind one: what a runner asks for, made of calls, lists and followers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from google.protobuf import json_format
from google.protobuf.message import Message

from commerce.returns.v1 import orders_service_pb2, policy_service_pb2, returns_service_pb2
from commerce.returns.v1.event_pb2 import ReturnEvent
from returns_client import AsyncReturnsClient, ReturnsClient

METHODS: Mapping[str, tuple[str, str]] = {
    "ReturnsService.CreateReturn": ("returns", "create"),
    "ReturnsService.GetReturn": ("returns", "get"),
    "ReturnsService.BatchGetReturns": ("returns", "batch_get"),
    "ReturnsService.ListReturns": ("returns", "list"),
    "ReturnsService.UpdateReturn": ("returns", "update"),
    "ReturnsService.ApproveReturn": ("returns", "approve"),
    "ReturnsService.RejectReturn": ("returns", "reject"),
    "ReturnsService.RecordReceipt": ("returns", "record_receipt"),
    "ReturnsService.CloseReturn": ("returns", "close"),
    "ReturnsService.ReopenReturn": ("returns", "reopen"),
    "ReturnsService.DeleteReturn": ("returns", "delete"),
    "ReturnsService.ListReturnableItems": ("returns", "returnable_items"),
    "ReturnsService.ListReturnEvents": ("events", "list"),
    "OrdersService.UpsertOrder": ("orders", "upsert"),
    "OrdersService.ListOrders": ("orders", "list"),
    "PolicyService.GetReturnPolicy": ("policy", "get"),
}
_MODULES = {
    "ReturnsService": returns_service_pb2,
    "OrdersService": orders_service_pb2,
    "PolicyService": policy_service_pb2,
}
_CALL_SECONDS = 120.0


class Following(Protocol):
    """Events being followed in the background."""

    def stop(self) -> None: ...


class Face(Protocol):
    """One caller's client."""

    def call(self, method: str, request: Mapping[str, Any]) -> Any:
        """The answer as proto3 JSON, of a list its first page; raises ReturnsError."""

    def items(self, method: str, request: Mapping[str, Any]) -> list[Any]:
        """All items of a list, each as proto3 JSON."""

    def follow(
        self, request: Mapping[str, Any], on_event: Callable[[Any], None], on_end: Callable[[Exception], None]
    ) -> Following:
        """Begin to follow; events come as proto3 JSON."""

    def close(self) -> None: ...


class SynchronousFace:
    """ReturnsClient."""

    def __init__(self, address: str, tenant: str, token: str) -> None:
        self._client = ReturnsClient(address, tenant=tenant, token=token)

    def call(self, method: str, request: Mapping[str, Any]) -> Any:
        positional, named = _arguments(method, request, self._client.parent)
        answer = _found(self._client, method)(*positional, **named)
        return _json(answer.first() if hasattr(answer, "pages") else answer)

    def items(self, method: str, request: Mapping[str, Any]) -> list[Any]:
        positional, named = _arguments(method, request, self._client.parent)
        return [_json(item) for item in _found(self._client, method)(*positional, **named)]

    def follow(
        self, request: Mapping[str, Any], on_event: Callable[[Any], None], on_end: Callable[[Exception], None]
    ) -> Following:
        follower = self._client.events.follow(**_of_stream(request, self._client.parent))

        def run() -> None:
            try:
                for event in follower:
                    on_event(_json(event))
            except Exception as error:  # noqa: BLE001 — whatever ends it is what the scenario asks about
                on_end(error)

        thread = threading.Thread(target=run)
        thread.start()
        return _Ended(follower.close, thread.join)

    def close(self) -> None:
        self._client.close()


class AsyncFace:
    """AsyncReturnsClient, in an event loop of its own."""

    def __init__(self, address: str, tenant: str, token: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._client = self._run(self._made(address, tenant, token))

    @staticmethod
    async def _made(address: str, tenant: str, token: str) -> AsyncReturnsClient:
        async def current() -> str:
            return token

        return AsyncReturnsClient(address, tenant=tenant, token=current)

    def _run(self, awaitable: Awaitable[Any]) -> Any:
        async def waited() -> Any:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(waited(), self._loop).result(_CALL_SECONDS)

    def call(self, method: str, request: Mapping[str, Any]) -> Any:
        positional, named = _arguments(method, request, self._client.parent)
        answer = _found(self._client, method)(*positional, **named)
        return _json(self._run(answer.first() if hasattr(answer, "pages") else answer))

    def items(self, method: str, request: Mapping[str, Any]) -> list[Any]:
        positional, named = _arguments(method, request, self._client.parent)
        pages = _found(self._client, method)(*positional, **named)

        async def collected() -> list[Any]:
            return [_json(item) async for item in pages]

        found: list[Any] = self._run(collected())
        return found

    def follow(
        self, request: Mapping[str, Any], on_event: Callable[[Any], None], on_end: Callable[[Exception], None]
    ) -> Following:
        async def begun() -> Any:
            return self._client.events.follow(**_of_stream(request, self._client.parent))

        follower = self._run(begun())

        async def run() -> None:
            try:
                async for event in follower:
                    on_event(_json(event))
            except Exception as error:  # noqa: BLE001 — whatever ends it is what the scenario asks about
                on_end(error)

        running = asyncio.run_coroutine_threadsafe(run(), self._loop)
        return _Ended(lambda: self._run(follower.aclose()), lambda: running.result(_CALL_SECONDS))

    def close(self) -> None:
        self._run(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Ended:
    def __init__(self, *steps: Callable[[], Any]) -> None:
        self._steps = steps

    def stop(self) -> None:
        for step in self._steps:
            step()


def _found(client: object, method: str) -> Any:
    service, name = METHODS[method]
    return getattr(getattr(client, service), name)


def _arguments(method: str, request: Mapping[str, Any], parent: str) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of the client's method for a request in proto3 JSON: `name` first, as a person would write it."""
    service, _, name = method.partition(".")
    message = json_format.ParseDict(dict(request), getattr(_MODULES[service], f"{name}Request")())
    given = {field.name: value for field, value in message.ListFields()}
    if method == "ReturnsService.ListReturnEvents":
        return [given.pop("parent")], given
    if given.pop("parent", parent) != parent:
        raise ValueError("a client is one tenant's")
    if service == "PolicyService":
        del given["name"]
    return [given.pop("name")] if "name" in given else [], given


def _of_stream(request: Mapping[str, Any], parent: str) -> dict[str, Any]:
    message = json_format.ParseDict(dict(request), returns_service_pb2.StreamReturnEventsRequest())
    given = {field.name: value for field, value in message.ListFields()}
    if given.pop("parent") != parent:
        raise ValueError("a client is one tenant's")
    if "heartbeat_interval" in given:
        given["heartbeat_seconds"] = given.pop("heartbeat_interval").ToMilliseconds() / 1_000
    return given


def _json(answer: Message | Sequence[Message] | ReturnEvent | None) -> Any:
    if answer is None:
        return {}
    if isinstance(answer, Message):
        return json_format.MessageToDict(answer)
    return {"returns": [_json(each) for each in answer]}
