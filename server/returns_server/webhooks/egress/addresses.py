"""Which IP addresses are public: what a webhook may reach unless the operator allows more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NEVER_PUBLIC: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared by carriers"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "protocol assignments"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112"),
    ("192.52.193.0/24", "AMT"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("192.175.48.0/24", "AS112"),
    ("198.18.0.0/15", "benchmarks"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/96", "IPv4-compatible, loopback or unspecified"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("::ffff:0:0:0/96", "IPv4-translated"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "NAT64"),
    ("100::/64", "discard"),
    ("2001::/23", "protocol assignments, Teredo among them"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("2620:4f:8000::/48", "AS112"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "segment routing"),
    ("fc00::/7", "unique local"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)
_NETWORKS: tuple[tuple[Network, str], ...] = tuple((ip_network(text), why) for text, why in _NEVER_PUBLIC)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_LAST_32_BITS = tuple(
    IPv6Network(text) for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)
"""Networks whose addresses end in an IPv4 one."""

_METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:c1::a9fe:a9fe",
        "fd00:ec2::23",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::a9fe:a9fe",
    )
)
"""Where clouds tell a machine its own secrets: not even the operator's list opens these."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses messages may go to: public ones, the operator's networks, in development also this machine."""

    allowed: tuple[Network, ...] = ()
    loopback: bool = False

    def refusal(self, address: Address) -> str | None:
        """Why an address may not be reached; None if it may."""
        if address in _METADATA:
            return "cloud metadata"
        inside = embedded(address)
        if inside is not None and self.refusal(inside) is not None:
            # Who opens the network of a NAT64 opens the public addresses behind it, and not the private ones.
            return f"another form of {inside}"
        if getattr(address, "scope_id", None):
            return "has a zone"
        if any(address.version == network.version and address in network for network in self.allowed):
            return None
        if self.loopback and is_loopback(address):
            return None
        return not_public(address)


def embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, translated, compatible, NAT64 or 6to4."""
    if isinstance(address, IPv4Address):
        return None
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFF_FFFF)
    last = int(address) & 0xFFFF_FFFF
    # `::` and `::1` stand for themselves.
    return IPv4Address(last) if last > 1 and any(address in network for network in _LAST_32_BITS) else None


def is_loopback(address: Address) -> bool:
    """Whether an address is this machine's own, written plainly."""
    return address in IPv4Network("127.0.0.0/8") if address.version == 4 else address == IPv6Address("::1")


def not_public(address: Address) -> str | None:
    """What an address is where it is not public."""
    for network, why in _NETWORKS:
        if address.version == network.version and address in network:
            return why
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "outside global unicast"
    return None if address.is_global else "not global"


def parsed_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks that texts such as `10.1.0.0/16` name; raises ValueError."""
    return tuple(ip_network(text.strip()) for text in texts if text.strip())
