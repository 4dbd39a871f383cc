"""Where a URL leads: taken apart strictly, its name resolved, and every address judged."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

import idna
import structlog

from returns_server.domain.errors import TargetRefused
from returns_server.webhooks.egress.addresses import Address, Reach, is_loopback

_log = structlog.get_logger(__name__)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""All addresses of a name, as texts; raises OSError where there are none."""

MAX_URL_CHARACTERS = 2_048
RESOLVE_SECONDS = 5.0
_MAX_ADDRESSES = 64
_RESOLVERS = 16
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]\\%]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:/[!-\[\]-~]*)?(?:\?[!-\[\]-~]*)?)"
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_SPECIAL = frozenset({
    "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", "metadata", "metadata.google.internal",
    "metadata.goog", "metadata.azure.internal", "instance-data", "instance-data.ec2.internal", "kubernetes.default.svc",
})  # fmt: skip


class Refused(Exception):
    """A target that the guard does not let through; `detail` is for the operator's log alone."""

    def __init__(self, cause: str, detail: str) -> None:
        """Takes the coarse cause, URL or ADDRESS, and the detail."""
        self.cause = cause
        self.detail = detail
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL's parts. `host` is a name in lower-case ASCII, or an address; `target` path and query."""

    scheme: str
    host: str
    port: int
    target: str
    literal: Address | None = None

    @property
    def url(self) -> str:
        """The URL as it is requested."""
        host = f"[{self.host}]" if isinstance(self.literal, IPv6Address) else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return f"{self.scheme}://{host}{'' if self.port == usual else f':{self.port}'}{self.target or '/'}"


class SystemResolver:
    """Asks the operating system, in threads of its own: a slow name server holds up nothing else."""

    def __init__(self) -> None:
        """No thread is started before the first question."""
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="webhook-names")

    async def __call__(self, host: str, port: int) -> list[str]:
        """All addresses of a name; raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _getaddrinfo, host, port)
        return [str(entry[4][0]) for entry in found]


def _getaddrinfo(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str | int, ...]]]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges targets; see the port `Targets`."""

    reach: Reach
    ports: frozenset[int] = frozenset({443})
    resolve: Resolve = field(default_factory=SystemResolver)

    async def check(self, url: str) -> None:
        """Raise TargetRefused unless events may be posted there, as its name resolves now."""
        try:
            target = self.parsed(url)
            await self.addresses(target.host, target.port)
        except Refused as refused:
            _log.info("a webhook target was refused", cause=refused.cause, detail=refused.detail)
            raise TargetRefused(_SENTENCES[refused.cause], refused.cause) from None

    def parsed(self, url: str) -> Target:
        """The target of a URL whose form is allowed; raises Refused."""
        found = _URL.fullmatch(url) if len(url) <= MAX_URL_CHARACTERS else None
        if found is None:
            raise Refused("URL", "is not of the form https://HOST[:PORT]/PATH?QUERY")
        scheme = found["scheme"].lower()
        host, literal = _host(found["host"])
        port = int(found["port"] or (80 if scheme == "http" else 443))
        local = self.reach.loopback and (host == "localhost" or (literal is not None and is_loopback(literal)))
        if not local:
            if scheme != "https":
                raise Refused("URL", f"has the scheme {scheme}")
            if port not in self.ports:
                raise Refused("URL", f"has the port {port}")
            if host in _SPECIAL or host.endswith(".localhost"):
                raise Refused("ADDRESS", f"has the name {host}")
        elif scheme not in {"http", "https"} or not 0 < port < 65_536:
            raise Refused("URL", f"has the scheme {scheme} and the port {port}")
        return Target(scheme, host, port, found["target"], literal)

    async def addresses(self, host: str, port: int) -> list[Address]:
        """Every address of a host, all of which may be reached; raises Refused where any may not."""
        try:
            literal: Address | None = ip_address(host)
        except ValueError:
            literal = None
        found = [literal] if literal is not None else await self._resolved(host, port)
        for address in found:
            why = self.reach.refusal(address)
            if why is not None:
                raise Refused("ADDRESS", f"{host} leads to {address}, which is {why}")
        return found

    async def _resolved(self, host: str, port: int) -> list[Address]:
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                texts = await self.resolve(host, port)
        except TimeoutError:
            raise Refused("ADDRESS", f"{host} did not resolve in time") from None
        except (OSError, UnicodeError) as error:
            raise Refused("ADDRESS", f"{host} does not resolve: {error}") from None
        if not texts or len(texts) > _MAX_ADDRESSES:
            raise Refused("ADDRESS", f"{host} has {len(texts)} addresses")
        try:
            return [ip_address(text) for text in dict.fromkeys(texts)]
        except ValueError as error:
            raise Refused("ADDRESS", f"{host} resolves to what is no address: {error}") from None


_SENTENCES = {
    "URL": "the URL must be https://, with a public host name, without user and fragment, on an allowed port",
    "ADDRESS": "the host must resolve, and to public addresses only",
}


def _host(text: str) -> tuple[str, Address | None]:
    if text.startswith("["):
        try:
            address = IPv6Address(text[1:-1])
        except ValueError:
            raise Refused("URL", "has a host in brackets that is no IPv6 address") from None
        return str(address), address
    try:
        name = text if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise Refused("URL", "has a host that is no name") from None
    name = name.lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused("URL", "has a host that is no name")
    if not _NUMERIC.fullmatch(labels[-1]):
        return name, None
    # What ends in a number is an address to most programs, in many spellings; one of them is plain.
    try:
        literal = IPv4Address(name)
    except ValueError:
        raise Refused("URL", "has a host that looks like an address and is not written like one") from None
    return name, literal
