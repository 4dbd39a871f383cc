"""Certificates of tests: an authority of the test's own, and servers and clients that it vouches for."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key in PEM."""

    certificate: bytes
    key: bytes
    serial: int

    def written(self, certificate: Path, key: Path) -> tuple[Path, Path]:
        """The same as files, each whole or not there, the certificate first, as a careless tool replaces them."""
        for path, content in ((certificate, self.certificate), (key, self.key)):
            new = path.with_name(path.name + ".new")
            new.write_bytes(content)
            new.replace(path)
        return certificate, key


class Authority:
    """Signs certificates; `file` is its own, as the settings take it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of tests")])
        own = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    @property
    def content(self) -> bytes:
        """Its own certificate."""
        return self.file.read_bytes()

    def server(self, name: str) -> ssl.SSLContext:
        """What a server of this name needs."""
        pair = self.pair(name, dns=name)
        certificate, private = pair.written(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, private)
        return context

    def pair(self, common_name: str, *, dns: str = "", uri: str = "", ends_in: dt.timedelta = _DAY) -> Pair:
        """A certificate for these names, valid since yesterday until so long from now, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]), key, ends_in)
        names: list[x509.GeneralName] = []
        names += [x509.DNSName(dns)] if dns else []
        names += [x509.UniformResourceIdentifier(uri)] if uri else []
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        signed = builder.sign(self._key, hashes.SHA256())
        return Pair(
            signed.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            signed.serial_number,
        )

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, ends_in: dt.timedelta = _DAY
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + ends_in)
        )
