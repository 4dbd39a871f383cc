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


class _Beat:
    """Wakes all who wait, every so many seconds: as a commit wakes all streams."""

    def __init__(self, seconds: float) -> None:
        self._next: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(seconds))

    async def _run(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            now, self._next = self._next, asyncio.get_running_loop().create_future()
            now.set_result(None)

    async def wait(self) -> None:
        await asyncio.shield(self._next)


async def _serve(file: Path) -> None:
    *batches, last = _messages(file)
    beats: dict[int, _Beat] = {}

    async def send(request: bytes, context: ServicerContext[bytes, bytes]) -> None:
        """So many batches as the request says in eight bytes, 0 for ever, then the last message.

        The next eight bytes are the microseconds from one batch to the next, of all streams at once; 0 is no pause.
        """
        wanted, pause = (int.from_bytes(part, "big") for part in (request[:8], request[8:]))
        beat = beats.setdefault(pause, _Beat(pause / 1e6)) if pause else None
        sent = 0
        while not wanted or sent < wanted:
            if beat is not None:
                await beat.wait()
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
