"""The connection layer of the HTTP client: resolves a name once, judges every address, connects to a judged one."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import httpcore

from returns_server.webhooks.egress.targets import Guard, Refused


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects only where the guard lets it. TLS and the Host header keep the name: only the address is chosen here."""

    def __init__(self, guard: Guard) -> None:
        """Takes the guard."""
        self._guard = guard
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (the library's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the host's addresses, all of which are judged; raises Refused."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in await self._guard.addresses(host, port):
            try:
                stream = await self._plain.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            peer = stream.get_extra_info("server_addr")
            if peer is None or ip_address(peer[0]) != address:
                await stream.aclose()
                raise Refused("ADDRESS", f"asked for {address}, connected to {peer}")
            return stream
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """No webhook is posted to a socket of this machine."""
        raise Refused("ADDRESS", f"would connect to the socket {path}")

    async def sleep(self, seconds: float) -> None:
        """The library's pause between tries, of which we ask for none."""
        await self._plain.sleep(seconds)
