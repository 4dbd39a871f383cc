"""Receivers of webhooks: real HTTP servers on this machine, which answer as a test wants."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Received], Awaitable[bytes] | bytes]
"""The whole answer as bytes; or it writes nothing and hangs, by never returning."""


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status} Status", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Receiver:
    """An HTTP server that keeps what it received; `respond` says what it answers."""

    url: str = ""
    port: int = 0
    received: list[Received] = field(default_factory=list)
    accepted: list[Received] = field(default_factory=list)
    connections: int = 0
    respond: Answer = field(default=lambda _: answer(200))
    raw: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until a condition over what was received holds."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(condition)

    async def has(self, count: int, seconds: float = 20.0) -> None:
        """Wait until so many were accepted."""
        await self.until(lambda: len(self.accepted) >= count, seconds)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self.raw is not None:
                await self.raw(reader, writer)
                return
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the end of the test cancels those who still wait
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        received = Received(first.split(" ")[1], headers, body)
        self.received.append(received)
        content = self.respond(received)
        if not isinstance(content, bytes):
            content = await content
        if content.startswith(b"HTTP/1.1 2"):
            self.accepted.append(received)
        async with self._news:
            self._news.notify_all()
        if not content:
            return False
        writer.write(content)
        await writer.drain()
        return True


@asynccontextmanager
async def receiving(path: str = "/hook", **more: Any) -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    host, port = more.pop("host", "127.0.0.1"), more.pop("port", 0)
    server = await asyncio.start_server(receiver.serve, host, port, **more)
    receiver.port = server.sockets[0].getsockname()[1]
    receiver.url = f"http{'s' if more.get('ssl') else ''}://{host}:{receiver.port}{path}"
    try:
        yield receiver
    finally:
        server.close()


@contextmanager
def nobody() -> Iterator[str]:
    """The URL of a port where nobody listens, and that nobody else gets meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/hook"
