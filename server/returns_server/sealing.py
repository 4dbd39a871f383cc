"""Secrets at rest: sealed with AES-256-GCM under keys of the settings, each with an id so that keys can be replaced.

The first key seals; all of them open. What is sealed for one place opens in no other.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from returns_server.private_files import create_private_file, private_folder

KEY_FILE = "development-sealing-key"
KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = 1
_OPENED = 1_024
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True, slots=True)
class SealingKeys:
    """Keys by id, the first of which seals."""

    keys: tuple[tuple[str, bytes], ...] = field(repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """What may be shown of them."""
        return tuple(key_id for key_id, _ in self.keys)

    @classmethod
    def parse(cls, text: object) -> object:
        """The keys that `ID:BASE64,ID:BASE64` holds; what is no text is left to pydantic. No message repeats a key."""
        if not isinstance(text, str):
            return text
        keys = []
        for part in text.split(","):
            key_id, colon, encoded = part.strip().partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                key = b""
            if not colon or not _KEY_ID.fullmatch(key_id) or len(key) != KEY_BYTES:
                raise ValueError("should be ID:KEY, more of them after commas; `returns-server sealing-key` makes one")
            keys.append((key_id, key))
        if len({key_id for key_id, _ in keys}) < len(keys):
            raise ValueError("names an id twice")
        return cls(tuple(keys))


class Sealer:
    """Seals and opens."""

    def __init__(self, keys: SealingKeys) -> None:
        """Takes at least one key."""
        self._by_id = {key_id: AESGCM(key) for key_id, key in keys.keys}
        self._sealing_id = keys.ids[0]
        # What is sealed stays as it is, and the keys are in this memory anyway.
        self.open = lru_cache(maxsize=_OPENED)(self._open)
        self._marking_key = hmac.digest(keys.keys[0][1], b"marks", "sha256")

    def seal(self, content: bytes, place: str) -> bytes:
        """The content, readable only by whoever has the key and says the same place."""
        key_id = self._sealing_id.encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._by_id[self._sealing_id].encrypt(nonce, content, place.encode())
        return bytes((_VERSION, len(key_id))) + key_id + nonce + sealed

    def _open(self, sealed: bytes, place: str) -> bytes | None:
        """What was sealed for a place; None with a key that the settings do not have, for another place, or damaged."""
        end = 2 + sealed[1] if len(sealed) > 2 and sealed[0] == _VERSION else 0
        key = self._by_id.get(sealed[2:end].decode("ascii", "replace")) if end else None
        if key is None:
            return None
        nonce, content = sealed[end : end + _NONCE_BYTES], sealed[end + _NONCE_BYTES :]
        try:
            return key.decrypt(nonce, content, place.encode())
        except (InvalidTag, ValueError):
            return None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it was sealed with the key that seals now."""
        return sealed[2 : 2 + sealed[1]] == self._sealing_id.encode() if len(sealed) > 2 else False

    def mark(self, content: bytes, place: str) -> str:
        """A short text that is the same for the same content and place, and tells nothing of it without the key."""
        said = hmac.digest(self._marking_key, b"%b\0%b" % (place.encode(), content), "sha256")
        return base64.b64encode(said[:12]).decode()


def new_sealing_key() -> str:
    """A new key as the settings take it."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def development_sealing_keys(data_dir: Path) -> SealingKeys:
    """The key of a data folder, made on first use and readable by its owner only.

    Raises ValueError if the file holds something else; OSError if it can be neither read nor made.
    """
    path = data_dir / KEY_FILE
    if not path.exists():
        private_folder(data_dir)
        create_private_file(path, new_sealing_key().encode())
    keys = SealingKeys.parse(path.read_text().strip())
    if not isinstance(keys, SealingKeys):
        raise TypeError("a text is always parsed")
    return keys
