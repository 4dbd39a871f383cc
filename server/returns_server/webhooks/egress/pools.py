"""Connections to receivers, a few idle ones for each URL.

The library's own pool looks at all of its connections with every request, which takes longer than to post it; its
connections can be used alone, and of those that are idle only one is looked at here.
"""

from __future__ import annotations

import asyncio
import ssl
import time
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
class _Site:
    """A URL, and connections to it of which nobody makes use, the latest used last."""

    url: httpcore.URL
    idle: list[httpcore.AsyncHTTPConnection] = field(default_factory=list)
    users: int = 0
    used: float = field(default_factory=time.monotonic)


class Pools:
    """Connections by URL; what nobody used for some seconds is closed."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        """Takes the guard, and whose certificates are trusted."""
        self._backend = GuardedBackend(guard)
        self._tls = tls
        self._sites: dict[str, _Site] = {}
        self._sweeping: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def posted(
        self, url: str, headers: list[tuple[str, str]], body: bytes, timeouts: dict[str, float]
    ) -> AsyncIterator[httpcore.Response]:
        """The begin of the answer to a post; what is not read of it before the end is not read any more."""
        site = self._sites.get(url)
        if site is None:
            site = self._sites[url] = _Site(httpcore.URL(url))
        site.users += 1
        try:
            connection = await self._idle(site) or self._new(site.url)
            posting = connection.stream(
                "POST", site.url, headers=headers, content=body, extensions={"timeout": timeouts}
            )
            try:
                async with posting as response:
                    yield response
            except BaseException:
                await _closed(connection)
                raise
            if connection.is_idle() and len(site.idle) < _MAX_IDLE:
                site.idle.append(connection)
            else:
                await _closed(connection)
        finally:
            site.users -= 1
            site.used = time.monotonic()
            if self._sweeping is None:
                self._sweeping = asyncio.create_task(self._sweep(), name="webhook-connections")

    async def close(self) -> None:
        """Close all connections."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        for site in self._sites.values():
            await _emptied(site)
        self._sites.clear()

    async def _idle(self, site: _Site) -> httpcore.AsyncHTTPConnection | None:
        """The idle connection that was used last, if it still stands."""
        while site.idle:
            connection = site.idle.pop()
            if not connection.has_expired():
                return connection
            await _closed(connection)
        return None

    async def _sweep(self) -> None:
        """Close what is idle, until nothing is left."""
        while self._sites:
            await asyncio.sleep(KEEPALIVE_SECONDS)
            over = time.monotonic() - KEEPALIVE_SECONDS
            for url in [url for url, site in self._sites.items() if not site.users and site.used < over]:
                # Out of reach before it is closed: whoever comes meanwhile makes a new one.
                await _emptied(self._sites.pop(url))
        self._sweeping = None

    def _new(self, url: httpcore.URL) -> httpcore.AsyncHTTPConnection:
        return httpcore.AsyncHTTPConnection(
            origin=url.origin,
            ssl_context=self._tls,
            keepalive_expiry=KEEPALIVE_SECONDS,
            http1=True,
            http2=False,
            retries=0,
            network_backend=self._backend,
        )


async def _emptied(site: _Site) -> None:
    while site.idle:
        await _closed(site.idle.pop())


async def _closed(connection: httpcore.AsyncHTTPConnection) -> None:
    """Close a connection, also for somebody who is cancelled meanwhile: none is left open."""
    await asyncio.shield(connection.aclose())
