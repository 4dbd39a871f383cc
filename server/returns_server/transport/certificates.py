"""Callers who are known by their client certificate: names of certificates, and what the auth file lets them do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cryptography import x509

from returns_server.application.caller import Caller
from returns_server.domain.errors import TokenExpired, TokenMissing
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.domain.returns import UserType
from returns_server.issuers import CertificateGrant
from returns_server.transport.claims import scopes_of

ISSUER = "client-certificate"
"""What stands where a token names its issuer: a certificate and a token never share request ids."""

_MAX_REMEMBERED = 1_024
# What gRPC calls the names that a verified certificate carries.
_NAMES = (("uri", "peer_uri"), ("dns", "peer_dns"), ("common_name", "x509_common_name"))

Peer = Mapping[str, Iterable[bytes]]
"""What gRPC knows of the other side of a connection."""


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller | None
    not_after: Micros


class CertificateCallers:
    """Knows which client certificates stand for whom. gRPC has verified them when it asks."""

    def __init__(self, grants: Sequence[CertificateGrant], clock: Callable[[], Micros]) -> None:
        """Takes the auth file's grants and the time; raises ScopeUnknown."""
        self._clock = clock
        self._callers = {(grant.kind, grant.name): _caller(i, grant) for i, grant in enumerate(grants)}
        self._remembered: dict[bytes, _Known] = {}

    def caller(self, peer: Peer) -> Caller:
        """Who is at the other side; raises TokenMissing where the auth file does not say, and TokenExpired."""
        certificate = next(iter(peer.get("x509_pem_cert", ())), b"")
        known = self._remembered.get(certificate) or self._remember(certificate, peer)
        if known.caller is None:
            raise TokenMissing("the call needs the metadata `authorization`: its client certificate opens nothing here")
        # gRPC looked when the connection began, and connections live long.
        if self._clock() >= known.not_after:
            raise TokenExpired("the client certificate has expired")
        return known.caller

    def _remember(self, certificate: bytes, peer: Peer) -> _Known:
        known = _Known(None, Micros(0))
        caller = self._found(peer) if certificate else None
        if caller is not None:
            end = x509.load_pem_x509_certificate(certificate).not_valid_after_utc
            not_after = Micros(int(end.timestamp()) * SECOND)
            known = _Known(replace(caller, expire_time=not_after), not_after)
        if len(self._remembered) >= _MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[certificate] = known
        return known

    def _found(self, peer: Peer) -> Caller | None:
        for kind, key in _NAMES:
            for name in peer.get(key, ()):
                found = self._callers.get((kind, name.decode("utf-8", "replace")))
                if found is not None:
                    return found
        return None


def _caller(index: int, grant: CertificateGrant) -> Caller:
    subject = grant.subject or grant.name
    return Caller(
        tenant=TenantId(grant.tenant),
        issuer=ISSUER,
        subject=subject,
        scopes=scopes_of(f"certificates[{index}].scopes", grant.scopes),
        customer_id=subject,
        email="",
        verified_email="",
        first_name="",
        last_name="",
        user_type=UserType[grant.user_type],
        expire_time=Micros(0),
    )
