"""The server's certificate, its key and who vouches for clients: three PEM files, read together and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

CERT_FILE, KEY_FILE, CLIENT_CA_FILE = "RETURNS_TLS_CERT_FILE", "RETURNS_TLS_KEY_FILE", "RETURNS_TLS_CLIENT_CA_FILE"


class CertificateUnusable(Exception):
    """A file of TLS cannot be used; the message names its setting, and nothing of its content."""

    def __init__(self, setting: str, path: Path, why: str) -> None:
        """Takes the setting that names the file, the file and what is wrong with it."""
        super().__init__(f"{setting}: {path} {why}")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where the files are; without `client_ca` clients are not asked for a certificate."""

    cert: Path
    key: Path
    client_ca: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All that there are."""
        return (self.cert, self.key) if self.client_ca is None else (self.cert, self.key, self.client_ca)


@dataclass(frozen=True, slots=True)
class Identity:
    """What the server shows and whom it trusts, as PEM; `expire_time` is the certificate's end."""

    chain: bytes
    key: bytes = field(repr=False)
    client_authorities: bytes | None
    expire_time: datetime


def read_identity(files: TlsFiles, now_seconds: float) -> Identity:
    """The files' content, where they fit together and are valid now; raises CertificateUnusable."""
    chain, key = read_pem(CERT_FILE, files.cert), read_pem(KEY_FILE, files.key)
    first = _certificates(CERT_FILE, files.cert, chain)[0]
    if _public_part(files.key, key) != _encoded(first.public_key()):
        raise CertificateUnusable(KEY_FILE, files.key, f"is not the key of the certificate in {CERT_FILE}")
    now = datetime.fromtimestamp(now_seconds, UTC)
    if now >= first.not_valid_after_utc:
        raise CertificateUnusable(CERT_FILE, files.cert, f"expired at {first.not_valid_after_utc.isoformat()}")
    if now < first.not_valid_before_utc:
        begins = first.not_valid_before_utc.isoformat()
        raise CertificateUnusable(CERT_FILE, files.cert, f"is not valid before {begins}")
    authorities = None
    if files.client_ca is not None:
        authorities = read_pem(CLIENT_CA_FILE, files.client_ca)
        _certificates(CLIENT_CA_FILE, files.client_ca, authorities)
    return Identity(chain, key, authorities, first.not_valid_after_utc)


def server_name(path: Path, chain: bytes) -> str | None:
    """A name that the first certificate of a chain is good for; None where it has none. Raises CertificateUnusable."""
    first = _certificates(CERT_FILE, path, chain)[0]
    try:
        names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    dns = names.get_values_for_type(x509.DNSName)
    if dns:
        # A wildcard is matched by any name in its place.
        return dns[0].replace("*", "returns", 1)
    return next((str(address) for address in names.get_values_for_type(x509.IPAddress)), None)


def read_pem(setting: str, path: Path) -> bytes:
    """The content of a file that a setting names; raises CertificateUnusable where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateUnusable(setting, path, f"cannot be read: {error.strerror}") from None


def _certificates(setting: str, path: Path, content: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        raise CertificateUnusable(setting, path, "has no certificate in PEM, or one that is broken") from None


def _public_part(path: Path, content: bytes) -> bytes:
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except TypeError:
        raise CertificateUnusable(KEY_FILE, path, "is encrypted; give a key without a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateUnusable(KEY_FILE, path, "has no private key in PEM, or one that is broken") from None
    return _encoded(key.public_key())


def _encoded(key: object) -> bytes:
    # Every kind of public key has this method, and cryptography no type for all of them that says so.
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded
