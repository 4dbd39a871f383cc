"""One port for the workers of one server, and for nobody else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from returns_server.addresses import Address, AddressTaken
from returns_server.workers.port import held


@contextmanager
def bound(host: str, port: int, *, sharing: bool) -> Iterator[socket.socket]:
    """A socket that listens as a server of gRPC does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sharing:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((host, port))
        one.listen()
        yield one


HOSTS = ["127.0.0.1", "localhost", "0.0.0.0", "::", "::1"]


@pytest.mark.parametrize("host", HOSTS)
def test_workers_share_the_port_that_is_held(host: str) -> None:
    with held(Address(host, 0)) as address:
        assert (address.host, address.port > 0) == (host, True)
        place = {"localhost": "127.0.0.1"}.get(host, host)
        with bound(place, address.port, sharing=True), bound(place, address.port, sharing=True):
            pass


@pytest.mark.parametrize("host", HOSTS)
def test_a_port_that_is_held_is_refused_to_another_server(host: str) -> None:
    with held(Address(host, 0)) as address:
        with pytest.raises(AddressTaken, match=f"{address.port} cannot be served on"), held(address):
            pass
        place = {"localhost": "127.0.0.1"}.get(host, host)
        with pytest.raises(OSError, match="in use"), bound(place, address.port, sharing=False):
            pass


@pytest.mark.parametrize("sharing", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::"])
def test_a_port_that_somebody_serves_is_refused_even_if_they_would_share(host: str, sharing: bool) -> None:
    with (
        bound("127.0.0.1", 0, sharing=sharing) as other,
        pytest.raises(AddressTaken),
        held(Address(host, other.getsockname()[1])),
    ):
        pass


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(AddressTaken, match="none of this machine"), held(Address("192.0.2.1", 0)):
        pass


def test_the_port_is_free_afterwards() -> None:
    with held(Address("127.0.0.1", 0)) as address:
        pass
    with bound("127.0.0.1", address.port, sharing=False):
        pass
