"""A signing key for development and the tokens it signs: what `--dev` and `returns-server token` work with.

The key lives in the data folder and is trusted by servers that run with --dev on the same folder, nowhere else.
Its tokens are verified like any other issuer's.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from returns_server.domain.ids import SECOND, Micros
from returns_server.issuers import Algorithm, AuthFile, Issuer
from returns_server.private_files import create_private_file, private_folder, write_new

ISSUER = "https://returns.dev.invalid"
AUDIENCE = "returns"
KEY_FILE = "development-key.pem"
KEY_SET_FILE = "development-keys.json"


@dataclass(frozen=True, slots=True)
class DevelopmentKey:
    """A private EC P-256 key and the id under which its public half is published."""

    private: ec.EllipticCurvePrivateKey
    id: str

    def key_set(self) -> dict[str, Any]:
        """The public half as a JWK set."""
        public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.id, "use": "sig", "alg": Algorithm.ES256.value}]}

    def __repr__(self) -> str:
        """Without the key."""
        return f"DevelopmentKey(id={self.id!r})"


def development_key(data_dir: Path) -> DevelopmentKey:
    """The key of a data folder, made on first use and readable by its owner only.

    Raises ValueError if the key file holds something else; OSError if it can be neither read nor made.
    """
    path = data_dir / KEY_FILE
    if not path.exists():
        private_folder(data_dir)
        create_private_file(path, _new_pem())
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise ValueError(f"{path} is not a development key; remove it to have a new one made")  # noqa: TRY004
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return DevelopmentKey(private, f"dev-{hashlib.sha256(public).hexdigest()[:16]}")


def development_auth(data_dir: Path) -> AuthFile:
    """Trust in the data folder's own key; its public half is written beside it, where the server reads it."""
    path = data_dir / KEY_SET_FILE
    content = json.dumps(development_key(data_dir).key_set(), indent=2).encode() + b"\n"
    if not path.exists() or path.read_bytes() != content:
        write_new(unfinished := path.with_name(f"{path.name}.{secrets.token_hex(8)}"), content, 0o644)
        unfinished.replace(path)
    issuer = Issuer(issuer=ISSUER, audiences=(AUDIENCE,), algorithms=(Algorithm.ES256,), jwks_file=path)
    return AuthFile(issuers=(issuer,))


def mint_token(
    key: DevelopmentKey,
    now: Micros,
    *,
    tenant: str,
    scopes: Iterable[str],
    subject: str,
    ttl_seconds: int = 3600,
    customer_id: str | None = None,
    email: str | None = None,
    email_verified: bool | None = None,
    given_name: str | None = None,
    family_name: str | None = None,
    user_type: str | None = None,
) -> str:
    """A signed token of the development issuer, good for `ttl_seconds` from `now`; what is None is left out."""
    issued = now // SECOND
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + ttl_seconds,
        "jti": secrets.token_hex(16),
        "sub": subject,
        "tenant": tenant,
        "scope": " ".join(scopes),
        "customer_id": customer_id,
        "email": email,
        "email_verified": email_verified,
        "given_name": given_name,
        "family_name": family_name,
        "user_type": user_type,
    }
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(given, key.private, algorithm=Algorithm.ES256, headers={"kid": key.id})


def _new_pem() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
