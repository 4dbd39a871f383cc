"""A user's credentials for NATS (.creds, as `nsc` writes them): a JWT, and a seed that signs what NATS asks for.

The client's own way needs distributions that have no wheels. The seed is an Ed25519 key as the NKeys of NATS write it:
base32 of two bytes that say what it is, the key's 32 bytes, and a checksum.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PART = re.compile(r"-+BEGIN ([A-Z ]+)-+\s+(\S+)\s+-+END [A-Z ]+-+")
_SEED_BYTES = 2 + 32 + 2
_USER_SEED = b"SU"


class CredentialsUnusable(Exception):
    """The file is none of a user's credentials; the message repeats nothing of it."""


def jwt_of(file: Path) -> Callable[[], bytearray]:
    """What tells the user's JWT, read anew for each connection: files are replaced."""
    return lambda: bytearray(_part(file, "NATS USER JWT"))


def signer_of(file: Path) -> Callable[[str], bytes]:
    """What signs a nonce of the server's with the user's seed, in base64."""

    def signed(nonce: str) -> bytes:
        return base64.b64encode(_key(_part(file, "USER NKEY SEED")).sign(nonce.encode()))

    return signed


def _part(file: Path, name: str) -> bytes:
    for found, content in _PART.findall(file.read_text()):
        if found == name:
            return str(content).encode()
    raise CredentialsUnusable(f"the credentials file holds no {name}")


def _key(seed: bytes) -> Ed25519PrivateKey:
    try:
        raw = base64.b32decode(seed + b"=" * (-len(seed) % 8))
    except binascii.Error:
        raw = b""
    checksum = binascii.crc_hqx(raw[:-2], 0).to_bytes(2, "little")
    if not seed.startswith(_USER_SEED) or len(raw) != _SEED_BYTES or raw[-2:] != checksum:
        raise CredentialsUnusable("the seed of the credentials file is none of a user")
    return Ed25519PrivateKey.from_private_bytes(raw[2:-2])
