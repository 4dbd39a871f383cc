"""A TCP proxy that misbehaves as networks do: it delays, cuts, closes one half, and throttles."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

_CHUNK = 4096


@dataclass
class Faults:
    """How bytes are treated; may be changed at any time."""

    delay_seconds: float = 0.0
    """Before each chunk is passed on."""
    questions_delay_seconds: float = 0.0
    """On top of that, for what the client says."""
    questions_held: bool = False
    """Whether what the client says waits, until this is false again."""
    bytes_per_second: float = 0.0
    """0: as many as come."""
    vanished: bool = False
    """Whether bytes are taken and go nowhere, and nobody is told."""
    answers_held: bool = False
    """Whether what the server says waits, until this is false again."""


class Proxy:
    """Passes connections on to a server, and breaks them when asked."""

    def __init__(self, address: str, faults: Faults) -> None:
        self.faults = faults
        self.cut = 0
        self.address = ""
        self._target = address
        self._connections: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self._target.rpartition(":")
        try:
            onward_reader, onward_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        pair = (writer, onward_writer)
        self._connections.add(pair)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await asyncio.gather(self._pass(reader, onward_writer), self._pass(onward_reader, writer, are_answers=True))
        finally:
            self._connections.discard(pair)
            self._tasks.discard(task)
            for end in pair:
                with suppress(OSError, RuntimeError):
                    end.close()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, are_answers: bool = False
    ) -> None:
        # RuntimeError: written to a half that a cut has closed.
        with suppress(OSError, RuntimeError):
            while data := await reader.read(_CHUNK):
                while self.faults.answers_held if are_answers else self.faults.questions_held:
                    await asyncio.sleep(0.01)
                delay = self.faults.delay_seconds + (0.0 if are_answers else self.faults.questions_delay_seconds)
                if delay:
                    await asyncio.sleep(delay)
                if self.faults.bytes_per_second:
                    await asyncio.sleep(len(data) / self.faults.bytes_per_second)
                if self.faults.vanished:
                    continue
                writer.write(data)
                await writer.drain()
            writer.write_eof()

    def cut_all(self, chance: random.Random) -> int:
        """Break every connection: without a word, by a reset, or one half only; how many there were."""
        broken = 0
        for pair in list(self._connections):
            broken += 1
            match chance.randrange(3):
                case 0:
                    for end in pair:
                        reset_connection(end)
                case 1:
                    for end in pair:
                        end.close()
                case _:
                    # The server still sends; nobody reads it any more, and then the other half goes too.
                    with suppress(OSError, RuntimeError):
                        pair[1].write_eof()
                    reset_connection(pair[0])
        self.cut += broken
        return broken

    async def close(self) -> None:
        self.cut_all(random.Random(0))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def reset_connection(end: asyncio.StreamWriter) -> None:
    """End a connection by a reset: the other side reads no end, but an error."""
    sock = end.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    end.transport.abort()


@asynccontextmanager
async def proxied(address: str, faults: Faults | None = None) -> AsyncIterator[Proxy]:
    """A proxy in front of a server."""
    proxy = Proxy(address, faults or Faults())
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    proxy.address = f"{host}:{port}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
        await server.wait_closed()
