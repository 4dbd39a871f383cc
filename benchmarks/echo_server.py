"""A bare grpc.aio server that answers with the bytes it was sent: what a call costs before anything is done with it."""

from __future__ import annotations

import asyncio
import signal

import grpc
import uvloop
from grpc.aio import ServicerContext, server

SERVICE = "benchmarks.Echo"


async def _echo(request: bytes, _context: ServicerContext[bytes, bytes]) -> bytes:
    return request


async def _serve() -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    echo = server()
    # No (de)serialisers: bytes pass as they are.
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(_echo)
    echo.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Echo": handler}),))
    port = echo.add_insecure_port("127.0.0.1:0")
    await echo.start()
    print(f"echo ready: 127.0.0.1:{port}", flush=True)
    await stopping.wait()
    await echo.stop(1)


if __name__ == "__main__":
    uvloop.run(_serve())
