"""One port for all workers, and for nobody else."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from returns_server.addresses import Address, AddressTaken

_ATTEMPTS = 20
_WILDCARDS = {"0.0.0.0", "::"}


@contextmanager
def held(address: Address) -> Iterator[Address]:
    """The address with the port that our workers may share while this is entered; raises AddressTaken.

    Sockets share a port only if all of them ask to (SO_REUSEPORT). Ours takes it without asking, which fails where
    anybody serves it, other workers included; then it begins to share. A server that comes later and does the same is
    refused, also while no worker listens yet. What is bound and does not listen is sent no connections.
    """
    for _ in range(_ATTEMPTS):
        with ExitStack() as stack:
            try:
                port = _bound(address, stack)
            except OSError as error:
                # The port that was free on the first of the host's addresses may be taken on another one.
                if address.port == 0 and error.errno == errno.EADDRINUSE:
                    continue
                raise AddressTaken(address) from error
            yield address._replace(port=port)
            return
    raise AddressTaken(address)


def _bound(address: Address, stack: ExitStack) -> int:
    port = address.port
    for family, host in _places(address.host):
        one = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        # For the moment of binding only: connections of a server that has ended shall hold nothing up, and sockets that
        # keep this and do not listen would not exclude each other.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(host not in _WILDCARDS))
        one.bind((host, port))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        port = one.getsockname()[1]
    return port


def _places(host: str) -> list[tuple[socket.AddressFamily, str]]:
    """Where gRPC would listen for this host: a wildcard of either kind means every address of both kinds."""
    if host in _WILDCARDS and socket.has_dualstack_ipv6():
        return [(socket.AF_INET6, "::")]
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, str(place[0])) for family, _, _, _, place in found))
