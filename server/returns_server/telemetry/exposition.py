"""Metrics over HTTP on a port of their own: `GET /metrics`, and nothing else.

The library's own server has a thread for every connection and waits for ever; this one is bounded in both.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

_log = structlog.get_logger(__name__)

_AT_ONCE = 16
_MAX_HEAD_BYTES = 16 * 1024
_EXCHANGE_SECONDS = 10.0


@asynccontextmanager
async def exposed(host: str, port: int, registry: CollectorRegistry) -> AsyncIterator[str]:
    """The registry's metrics while this is entered; yields HOST:PORT. Port 0 picks one. Raises OSError."""
    exposition = _Exposition(registry)
    server = await asyncio.start_server(exposition.serve, host, port, limit=_MAX_HEAD_BYTES)
    async with server, exposition:
        found = server.sockets[0].getsockname()[1]
        address = f"[{host}]:{found}" if ":" in host else f"{host}:{found}"
        _log.info("metrics served", address=address)
        yield address


class _Exposition:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> None:
        """Nothing is open yet."""

    async def __aexit__(self, *_: object) -> None:
        """Cut what is open; those who serve it end by themselves then."""
        for writer in self._open.values():
            writer.transport.abort()
        if self._open:
            await asyncio.wait(set(self._open))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of one connection, within bounded time; too many connections are closed at once."""
        task = asyncio.current_task()
        if task is None or len(self._open) >= _AT_ONCE:
            writer.close()
            return
        self._open[task] = writer
        try:
            async with asyncio.timeout(_EXCHANGE_SECONDS):
                status, kind, body = await self._answer(reader)
                head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
                writer.write(f"{head}connection: close\r\n\r\n".encode() + body)
                await writer.drain()
        except (TimeoutError, OSError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever sends half a request, or too much of one, gets no answer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            del self._open[task]

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[str, str, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.split("\r\n")
        method, _, rest = line.partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        if path != "/metrics":
            return "404 Not Found", "text/plain", b"there is /metrics only\n"
        if method != "GET":
            return "405 Method Not Allowed\r\nallow: GET", "text/plain", b"there is GET only\n"
        accept = next(
            (value for name, _, value in (one.partition(":") for one in fields) if name.lower() == "accept"), ""
        )
        encode, kind = choose_encoder(accept)
        # In a thread: looking at the process itself reads files.
        return "200 OK", kind, await asyncio.to_thread(encode, self._registry)
