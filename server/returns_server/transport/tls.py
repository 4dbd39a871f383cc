"""TLS whose files may be replaced while the server runs: new connections get the new certificate, old ones go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import grpc
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from returns_server.certificates import CertificateUnusable, Identity, TlsFiles, read_identity
from returns_server.domain.ids import SECOND, Micros

_log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0

_State = tuple[tuple[int, ...] | None, ...]
"""What is seen of each file from outside; None for one that is not there."""


class FollowedTls:
    """The server's certificate as its files say it; a bad replacement leaves the old one in use."""

    def __init__(self, files: TlsFiles, clock: Callable[[], Micros], registry: CollectorRegistry) -> None:
        """Reads the files; raises CertificateUnusable."""
        self._files = files
        self._clock = clock
        self._reloads = Counter(
            "returns_tls_reloads",
            "Replaced certificate files that were taken, or refused because they cannot be used.",
            ("outcome",),
            registry=registry,
        )
        for outcome in ("taken", "refused"):
            self._reloads.labels(outcome)
        self._expiry = Gauge(
            "returns_tls_certificate_expiry_timestamp_seconds",
            "When the server's certificate ends, in seconds since 1970.",
            registry=registry,
        )
        self._refused = Gauge(
            "returns_tls_files_refused",
            "1 while the certificate files cannot be used and the certificate before is kept, else 0.",
            registry=registry,
        )
        # The state first: what is replaced while it is read shows at the next look.
        self._seen = _state_of(files)
        self._failed: _State | None = None
        self._told: _State | None = None
        self._identity = self._read()
        self._expiry.set(self._identity.expire_time.timestamp())
        self._new: grpc.ServerCertificateConfiguration | None = None

    def credentials(self) -> grpc.ServerCredentials:
        """Credentials for a port, whose certificate follows the files while `follow` runs."""
        return grpc.dynamic_ssl_server_credentials(
            _configuration(self._identity),
            self._next,  # type: ignore[arg-type]  # the stubs do not know that None means no change
            require_client_authentication=self._files.client_ca is not None,
        )

    async def follow(self) -> None:
        """Look at the files now and then, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Take what the files hold now, if that is new and can be used."""
        state = await asyncio.to_thread(_state_of, self._files)
        if state == self._seen:
            return
        try:
            identity = await asyncio.to_thread(self._read)
        except CertificateUnusable as error:
            self._keep(state, error)
            return
        self._seen, self._failed, self._told = state, None, None
        self._refused.set(0)
        if identity == self._identity:
            return
        self._identity, self._new = identity, _configuration(identity)
        self._reloads.labels("taken").inc()
        self._expiry.set(identity.expire_time.timestamp())
        _log.info("certificate replaced", expires=identity.expire_time.isoformat())

    def _keep(self, state: _State, error: CertificateUnusable) -> None:
        # Files are replaced one after the other: trouble counts only if it is still there at the next look.
        if state == self._failed and state != self._told:
            self._told = state
            self._reloads.labels("refused").inc()
            self._refused.set(1)
            _log.error("certificate not replaced, keeping the one before", reason=str(error))
        self._failed = state

    def _read(self) -> Identity:
        return read_identity(self._files, self._clock() / SECOND)

    def _next(self) -> grpc.ServerCertificateConfiguration | None:
        """Asked by gRPC, in a thread of its own, before every handshake: a new certificate, or None for the same."""
        new, self._new = self._new, None
        return new


def _configuration(identity: Identity) -> grpc.ServerCertificateConfiguration:
    pair = (identity.key, identity.chain)
    return grpc.ssl_server_certificate_configuration([pair], root_certificates=identity.client_authorities)


def _state_of(files: TlsFiles) -> _State:
    return tuple(_file_state(path) for path in files.paths)


def _file_state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
