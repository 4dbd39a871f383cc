"""How a client reaches a server: in plain text on this machine, else with TLS."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from returns_client.channels import OPTIONS

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class TLS:
    """Certificates in PEM files. Those to trust, by default the ones that gRPC brings; and one's own, for mutual TLS.

    `server_name` is what the server's certificate must name, where that is not the host in the address. The files are
    read when a client is made: after their rotation, make a new one.
    """

    ca_file: str | Path | None = None
    cert_file: str | Path | None = None
    key_file: str | Path | None = None
    server_name: str = ""

    def credentials(self) -> grpc.ChannelCredentials:
        """What gRPC wants; raises OSError where a file cannot be read, ValueError where one is missing."""
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("TLS needs cert_file and key_file, both or neither")
        return grpc.ssl_channel_credentials(_read(self.ca_file), _read(self.key_file), _read(self.cert_file))

    def options(self) -> Sequence[tuple[str, Any]]:
        """Further options of the channel."""
        return (("grpc.ssl_target_name_override", self.server_name),) if self.server_name else ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a channel leads: credentials are None for plain text."""

    address: str
    credentials: grpc.ChannelCredentials | None
    options: Sequence[tuple[str, Any]]


def target(address: str, tls: TLS | None, plaintext: bool) -> Target:
    """Choose: plain text on loopback, TLS everywhere else, unless the caller says otherwise.

    Raises ValueError where both are asked for: a token must not go out unprotected by mistake.
    """
    if tls is not None and plaintext:
        raise ValueError("tls and plaintext exclude each other")
    if not address:
        raise ValueError("address is empty; it is HOST:PORT")
    if plaintext or (tls is None and _on_this_machine(address)):
        return Target(address, None, OPTIONS)
    chosen = tls or TLS()
    return Target(address, chosen.credentials(), (*OPTIONS, *chosen.options()))


def _on_this_machine(address: str) -> bool:
    scheme = _SCHEME.match(address)
    if scheme and scheme[0] in {"unix:", "unix-abstract:"}:
        return True
    places = re.sub(r"^(ipv4|ipv6|dns):(///)?", "", address).split(",")
    return all(_is_loopback(place.rpartition(":")[0].strip("[]")) for place in places)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(path: str | Path | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()
