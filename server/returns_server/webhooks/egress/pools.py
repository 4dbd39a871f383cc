"""Connections to receivers, a small pool for each URL: the library looks at all of a pool's with every request."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpcore

from returns_server.webhooks.egress.connecting import GuardedBackend
from returns_server.webhooks.egress.targets import Guard

KEEPALIVE_SECONDS = 4.0
"""Less than servers keep an idle connection (5 s is usual): one that is closed while a request is on its way fails."""
_MAX_IDLE = 8


@dataclass(slots=True)
class _Kept:
    pool: httpcore.AsyncConnectionPool
    users: int = 0
    used: float = field(default_factory=time.monotonic)


class Pools:
    """Pools by URL, the least recently used first; what nobody used for some seconds is closed."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        """Takes the guard, and whose certificates are trusted."""
        self._backend = GuardedBackend(guard)
        self._tls = tls
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._sweeping: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def of(self, url: str) -> AsyncIterator[httpcore.AsyncConnectionPool]:
        """The pool for a URL."""
        kept = self._kept.get(url)
        if kept is None:
            kept = self._kept[url] = _Kept(self._new())
        self._kept.move_to_end(url)
        kept.users += 1
        try:
            yield kept.pool
        finally:
            kept.users -= 1
            kept.used = time.monotonic()
            if self._sweeping is None:
                self._sweeping = asyncio.create_task(self._sweep(), name="webhook-connections")

    async def close(self) -> None:
        """Close all connections."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        for kept in self._kept.values():
            await kept.pool.aclose()
        self._kept.clear()

    async def _sweep(self) -> None:
        """Close what is idle, until nothing is left."""
        while self._kept:
            await asyncio.sleep(KEEPALIVE_SECONDS)
            over = time.monotonic() - KEEPALIVE_SECONDS
            idle = [url for url, kept in self._kept.items() if not kept.users and kept.used < over]
            for url in idle:
                # Out of reach before it is closed: whoever comes meanwhile gets a new one.
                await self._kept.pop(url).pool.aclose()
        self._sweeping = None

    def _new(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=None,
            max_keepalive_connections=_MAX_IDLE,
            keepalive_expiry=KEEPALIVE_SECONDS,
            http1=True,
            http2=False,
            retries=0,
            network_backend=self._backend,
        )
