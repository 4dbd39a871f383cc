"""Where a server listens. Loads nothing that is not Python's own: a probe, which runs every few seconds, needs it."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple


class Address(NamedTuple):
    """A host and a port; port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        """As it is written: `127.0.0.1:50051`, `[::1]:50051`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)

    @classmethod
    def parse(cls, text: object) -> object:
        """The address that `HOST:PORT` or `[IPv6]:PORT` means; what is no text is left to pydantic."""
        if not isinstance(text, str):
            return text
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > 65_535 or (":" in host and host[0] != "["):
            raise ValueError("should be HOST:PORT with a port of 0 to 65535, an IPv6 host in brackets")
        return cls(host.strip("[]"), int(port))


class AddressTaken(Exception):
    """The address cannot be served on: another server has it, or it is none of this machine."""

    def __init__(self, address: object) -> None:
        """Takes the address as it was asked for."""
        causes = "another program has that port, or the host is none of this machine"
        super().__init__(f"{address} cannot be served on: {causes}")


DEFAULT_LISTEN = Address("127.0.0.1", 50_051)
"""Where it listens unless RETURNS_LISTEN says otherwise."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
