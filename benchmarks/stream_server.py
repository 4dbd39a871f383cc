"""A bare grpc.aio server that streams prebuilt messages: what sending costs before anything is read or made."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import grpc
import uvloop
from grpc.aio import ServicerContext, server

SERVICE = "benchmarks.Stream"


def _messages(file: Path) -> list[bytes]:
    """The messages of a file, each behind its length in four bytes; the last one ends a stream that is to end."""
    content, found = file.read_bytes(), []
    while content:
        end = 4 + int.from_bytes(content[:4], "big")
        found.append(content[4:end])
        content = content[end:]
    return found


async def _serve(file: Path) -> None:
    *batches, last = _messages(file)

    async def send(request: bytes, context: ServicerContext[bytes, bytes]) -> None:
        """So many batches as the request says in eight bytes, 0 for ever, then the last message."""
        wanted = int.from_bytes(request, "big")
        sent = 0
        while not wanted or sent < wanted:
            await context.write(batches[sent % len(batches)])
            sent += 1
        await context.write(last)

    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    streams = server()
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_stream_rpc_method_handler(send)
    streams.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Send": handler}),))
    port = streams.add_insecure_port("127.0.0.1:0")
    await streams.start()
    print(f"streams ready: 127.0.0.1:{port}", flush=True)
    await stopping.wait()
    await streams.stop(0)


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1])))
