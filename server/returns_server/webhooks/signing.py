"""Signatures as Standard Webhooks 1.0.0 says: HMAC-SHA256 over `id.timestamp.body`, by every secret that is valid."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification allows 24 to 64."""
MAX_SIGNATURES = 8
"""However often a secret was replaced within its grace time, so many sign: the newest."""


def new_secret(randomness: Callable[[int], bytes]) -> str:
    """A new secret as it is shown: `whsec_` and base64."""
    return PREFIX + base64.b64encode(randomness(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The key that a secret stands for; raises ValueError where it is none."""
    if not secret.startswith(PREFIX):
        raise ValueError("a signing secret begins with whsec_")
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a signing secret is base64 after whsec_") from error


def signed(message_id: str, timestamp_seconds: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of a message; the first secret is the newest."""
    content = b"%b.%d.%b" % (message_id.encode(), timestamp_seconds, body)
    signatures = (hmac.digest(key_of(secret), content, "sha256") for secret in secrets[:MAX_SIGNATURES])
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_seconds),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }
