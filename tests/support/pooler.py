"""A pooler between the product and PostgreSQL, as PgBouncer is one: it shares sessions after each transaction, or not.

It speaks just enough of the protocol (version 3, trust, no TLS): what comes between two ReadyForQuery goes to one
server connection; in transaction mode that is given back once no transaction is open.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_ENCRYPTION_REQUESTS = {80877103, 80877104}
_CANCEL = 80877102


@dataclass
class _Backend:
    """One connection to the server, past its start-up; `hello` is what the server said of itself."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    hello: bytes


@dataclass
class Pooler:
    """Where it listens, and the connections that wait to be used: the latest first, as PgBouncer takes them."""

    url: str
    share: bool
    address: str = ""
    idle: list[_Backend] = field(default_factory=list)
    served: int = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        backend: _Backend | None = None
        try:
            if not await _started(reader, writer):
                return
            backend = await self._take()
            key = struct.pack("!cIII", b"K", 12, 4_000_000_000 + self.served % 1000, 7)
            writer.write(struct.pack("!cII", b"R", 8, 0) + backend.hello + key + b"Z\0\0\0\5I")
            if self.share:
                self.idle.append(backend)
                backend = None
            while True:
                kind, message = await _message(reader)
                if kind == b"X":
                    return
                backend = backend or await self._take()
                backend.writer.write(message)
                if kind in (b"Q", b"S"):
                    state = await _answered(backend, writer)
                    if state == b"I" and self.share:
                        self.idle.append(backend)
                        backend = None
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            if backend is not None:
                backend.writer.close()

    async def _take(self) -> _Backend:
        self.served += 1
        return self.idle.pop() if self.idle else await self._connected()

    async def _connected(self) -> _Backend:
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        said = f"user\0{parts.username}\0database\0{parts.path[1:]}\0\0".encode()
        writer.write(struct.pack("!II", len(said) + 8, 196608) + said)
        hello = b""
        while True:
            kind, message = await _message(reader)
            if kind == b"S":
                hello += message
            if kind == b"Z":
                return _Backend(reader, writer, hello)


async def _started(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Take the client's start-up; whether it stays."""
    while True:
        size, code = struct.unpack("!II", await reader.readexactly(8))
        await reader.readexactly(size - 8)
        if code not in _ENCRYPTION_REQUESTS:
            return bool(code != _CANCEL)
        writer.write(b"N")


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(int.from_bytes(head[1:], "big") - 4)


async def _answered(backend: _Backend, writer: asyncio.StreamWriter) -> bytes:
    """Pass answers on up to ReadyForQuery; the state of the transaction."""
    while True:
        kind, message = await _message(backend.reader)
        writer.write(message)
        if kind == b"Z":
            return message[-1:]


@asynccontextmanager
async def pooled(url: str, *, share: bool) -> AsyncIterator[str]:
    """The URL of a pooler in front of a database: in transaction mode, or else in session mode."""
    pooler = Pooler(url, share)
    server = await asyncio.start_server(pooler.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    parts = urlsplit(url)
    try:
        yield f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}"
    finally:
        server.close()
        for backend in pooler.idle:
            backend.writer.close()
