"""Verifies webhooks: that a message is from the service, is not altered, and is not an old one sent again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from google.protobuf import json_format

from commerce.returns.v1.event_pb2 import ReturnEvent

_PREFIX = "whsec_"


class WebhookInvalid(Exception):
    """The message must not be believed; the text says why. Answer 400 or 401, and do nothing."""


class WebhookVerifier:
    """Verifies messages as Standard Webhooks 1.0.0 says, with one secret or, while it is replaced, several.

    Receivers: verify the bytes as they came, drop repeats by `webhook-id`, answer 2xx when the event is safe with you.
    """

    def __init__(
        self,
        *secrets: str,
        tolerance_seconds: float = 300.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Takes the secrets (`whsec_` and base64) and how far a message's time may be from `clock`.

        ValueError for what is no secret.
        """
        if not secrets:
            raise ValueError("a verifier needs a secret")
        self._keys = [_key_of(secret) for secret in secrets]
        self._tolerance_seconds = tolerance_seconds
        self._clock = clock

    def verify(self, headers: Mapping[str, str] | Iterable[tuple[str, str]], body: bytes | str) -> dict[str, Any]:
        """The message, parsed, if its headers (names in any case) sign its body; else WebhookInvalid is raised."""
        if isinstance(body, str):
            body = body.encode()
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        given = {name.lower(): value for name, value in pairs}
        message_id, timestamp, signatures = (
            _header(given, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        )
        # Digits alone, so that no second spelling of a time is signed: int() takes " 1_0" as well.
        if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 15:
            raise WebhookInvalid("webhook-timestamp is no number")
        if abs(self._clock() - int(timestamp)) > self._tolerance_seconds:
            raise WebhookInvalid("the message is too old, or from the future")
        content = b"%b.%b.%b" % (message_id.encode(), timestamp.encode(), body)
        expected = [hmac.new(key, content, hashlib.sha256).digest() for key in self._keys]
        # Every pair is compared, in constant time: how long it takes says nothing about which one fits.
        fits = [hmac.compare_digest(one, other) for one in _decoded(signatures) for other in expected]
        if not any(fits):
            raise WebhookInvalid("no signature fits")
        try:
            message = json.loads(body)
        except ValueError as error:
            raise WebhookInvalid("the body is no JSON") from error
        if not isinstance(message, dict):
            raise WebhookInvalid("the body is no JSON object")
        return message

    def __repr__(self) -> str:
        """How many secrets; never a secret."""
        return f"WebhookVerifier({len(self._keys)} secrets)"


def event_in(message: Mapping[str, Any]) -> ReturnEvent | None:
    """The event in a verified message of either payload format; None in other messages, such as `webhook.test`.

    Fields that the endpoint excludes are empty.
    """
    data = message.get("data")
    if not isinstance(data, Mapping) or not str(data.get("type", "")).startswith("return."):
        return None
    renamed = {("snapshot" if name == "return" else name): value for name, value in data.items()}
    return json_format.ParseDict(renamed, ReturnEvent(), ignore_unknown_fields=True)


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("a webhook secret is whsec_ and base64")
    return key


def _header(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, "")
    if not value:
        raise WebhookInvalid(f"the header {name} is missing")
    return value


def _decoded(signatures: str) -> Iterable[bytes]:
    for signature in signatures.split():
        version, _, value = signature.partition(",")
        if version == "v1":
            try:
                yield base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                continue
