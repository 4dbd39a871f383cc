"""From services of the contract to handlers that gRPC can serve: one for each method, within all layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from traceback import clear_frames
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc.aio import AbortError

from returns_server.transport.call import Call
from returns_server.transport.contract import Method, methods_of
from returns_server.transport.decode.malformed import deserializer
from returns_server.transport.layers import Handler, Layer, layered


def service_handler(
    service: Any, handler_of: Callable[[Method], Handler], layers: Mapping[str, Layer]
) -> grpc.GenericRpcHandler:
    """All methods of a service descriptor, served by the functions that `handler_of` finds."""
    handlers = {}
    for method in methods_of(service):
        handlers[method.short_name] = _rpc_handler(method, layered(method, handler_of(method), layers))
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def handlers_in(*servicers: object) -> Callable[[Method], Handler]:
    """Finds a method's function in the servicers of a service: `create_return` for CreateReturn."""

    def handler_of(method: Method) -> Handler:
        name = method.handler_name
        handlers: list[Handler] = [getattr(servicer, name) for servicer in servicers if hasattr(servicer, name)]
        [handler] = handlers
        return handler

    return handler_of


def serialized(answer: bytes | Message) -> bytes:
    """An answer as bytes: stored documents pass as they are."""
    return answer if isinstance(answer, bytes) else answer.SerializeToString()


def _rpc_handler(method: Method, handler: Handler) -> grpc.RpcMethodHandler[Any, Any]:
    async def behaviour(asked: Any, context: Any) -> Any:
        try:
            return await handler(asked, Call(context))
        except AbortError as error:
            # gRPC keeps the error with the call, and the error keeps its frames, until garbage is collected: what was
            # asked, and what it became in memory, goes now.
            clear_frames(error.__traceback__)
            del asked
            raise

    if method.client_streaming:
        stream, single = grpc.stream_stream_rpc_method_handler, grpc.stream_unary_rpc_method_handler
        return (stream if method.server_streaming else single)(behaviour, deserializer(method.request_type), serialized)
    # A single request stays bytes until the layers know who calls. The handler of a stream sends with Call.send, so
    # that single answers and streams pass the same layers.
    stream, single = grpc.unary_stream_rpc_method_handler, grpc.unary_unary_rpc_method_handler
    return (stream if method.server_streaming else single)(behaviour, None, serialized)
