"""NATS with users known by JWT (operator mode): an operator, an account with JetStream, a user's credentials file."""

from __future__ import annotations

import base64
import binascii
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_KINDS = {"O": 14 << 3, "A": 0, "U": 20 << 3}
_SEED = 18 << 3
_UNLIMITED = ("subs", "data", "payload", "imports", "exports", "conn", "leaf", "mem_storage", "disk_storage", "streams")


def _checked(raw: bytes) -> str:
    whole = raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(whole).decode().rstrip("=")


@dataclass
class Key:
    """A key of an operator (O), an account (A) or a user (U)."""

    kind: str
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def name(self) -> str:
        return _checked(bytes([_KINDS[self.kind]]) + self.private.public_key().public_bytes_raw())

    @property
    def seed(self) -> str:
        kind = _KINDS[self.kind]
        return _checked(bytes([_SEED | kind >> 5, (kind & 31) << 3]) + self.private.private_bytes_raw())

    def token(self, subject: Key, kind: str, **claims: Any) -> str:
        """A JWT by this key about another."""
        content = {
            "jti": "test", "iat": int(time.time()), "iss": self.name, "sub": subject.name, "name": kind,
            "nats": {"type": kind, "version": 2, **claims},
        }  # fmt: skip
        parts = [_url(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ed25519-nkey"}, content)]
        signed = ".".join(parts)
        return f"{signed}.{_url(self.private.sign(signed.encode()))}"


def _url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass(frozen=True)
class Users:
    """Lines for the server's configuration, and the credentials of a user that may do everything."""

    lines: tuple[str, ...]
    credentials: str

    @classmethod
    def made(cls) -> Users:
        operator, system, account, user = Key("O"), Key("A"), Key("A"), Key("U")
        limits = dict.fromkeys(_UNLIMITED, -1) | {"consumer": -1, "wildcards": True}
        tokens = {
            system.name: operator.token(system, "account"),
            account.name: operator.token(account, "account", limits=limits),
        }
        preloaded = ", ".join(f'{name}: "{token}"' for name, token in tokens.items())
        lines = (
            f'operator: "{operator.token(operator, "operator")}"',
            f"system_account: {system.name}",
            "resolver: MEMORY",
            f"resolver_preload: {{ {preloaded} }}",
        )
        token = account.token(user, "user", subs=-1, data=-1, payload=-1)
        return cls(lines, _file(token, user.seed))

    def save(self, file: Path) -> Path:
        file.write_text(self.credentials)
        return file


def _file(token: str, seed: str) -> str:
    return (
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
