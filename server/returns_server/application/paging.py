"""Page tokens: where a list goes on, sealed so that nobody else can make one and no other question takes it."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import NamedTuple, NoReturn

from returns_server.application.caller import Caller
from returns_server.application.listing import DEFAULT_PAGE, MAX_PAGE, Position, Viewer
from returns_server.domain.errors import FieldInvalid, PageTokenInvalid

_VERSION = b"\x02"
_SEAL_BYTES = 16
_MOST_KEY_BYTES = 64  # of BLAKE2b, which is a keyed hash (RFC 7693)
_MAX_TOKEN_CHARACTERS = 4_096
_FOR_URLS = bytes.maketrans(b"+/", b"-_")
_parsed = json.JSONDecoder().raw_decode  # of what was sealed here: nothing stands around it


class Question:
    """What a list was asked: everything that must stay the same from page to page."""

    __slots__ = ("digest",)

    def __init__(
        self, method: str, parent: str, caller: Caller, viewer: Viewer, chosen: str = "", order_by: str = ""
    ) -> None:
        """Takes all that it is made of (`chosen`: the filter, or what stands for one); a digest of it is kept."""
        seen = ("*",) if viewer.everything else (viewer.customer_id, viewer.verified_email)
        self.digest = _digest(method, parent, chosen, order_by, caller.tenant, caller.issuer, caller.subject, *seen)


@lru_cache(maxsize=256)
def _digest(*parts: str) -> bytes:
    """Every page of a list is the same question."""
    return hashlib.sha256(json.dumps(parts).encode()).digest()


class Place(NamedTuple):
    """Where a page ended, and what the first page said that every other repeats."""

    position: Position
    event_cursor: str = ""


class PageTokens:
    """Seals places into tokens and opens them again."""

    def __init__(self, key: bytes) -> None:
        """Takes the key that all replicas share."""
        self._sealing = hashlib.blake2b(_VERSION, digest_size=_SEAL_BYTES, key=key[:_MOST_KEY_BYTES])

    def seal(self, question: Question, place: Place) -> str:
        """The token that goes on after this place, for this question alone."""
        content = f"[{','.join(map(_json, (place.event_cursor, *place.position.values)))}]".encode()
        sealed = _VERSION + self._seal(question, content) + content
        return binascii.b2a_base64(sealed, newline=False).translate(_FOR_URLS).rstrip(b"=").decode()

    def open(self, question: Question, token: str) -> Place | None:
        """The place that a token names, None for the empty token; raises PageTokenInvalid."""
        if not token:
            return None
        if len(token) > _MAX_TOKEN_CHARACTERS:
            _refuse()
        encoded = token.replace("-", "+").replace("_", "/") + "=" * (-len(token) % 4)
        try:
            sealed = binascii.a2b_base64(encoded, strict_mode=True)
        except (binascii.Error, ValueError):
            _refuse()
        seal, content = sealed[1 : 1 + _SEAL_BYTES], sealed[1 + _SEAL_BYTES :]
        if sealed[:1] != _VERSION or not hmac.compare_digest(seal, self._seal(question, content)):
            _refuse()
        (event_cursor, *values), _ = _parsed(content.decode())
        return Place(Position(tuple(values)), event_cursor)

    def _seal(self, question: Question, content: bytes) -> bytes:
        sealing = self._sealing.copy()
        sealing.update(question.digest + content)
        return sealing.digest()


def _json(value: int | str | None) -> str:
    """The value as JSON: so few of them are not worth an encoder."""
    if value is None:
        return "null"
    return encode_basestring_ascii(value) if isinstance(value, str) else str(value)


def _refuse() -> NoReturn:
    raise PageTokenInvalid(
        "the page token is not one of this list; page with the arguments that the first page was asked with"
    )


def page_limit(page_size: int) -> int:
    """How many a page may hold: 50 where nothing is said, 1,000 at most; raises FieldInvalid on a negative number."""
    if page_size < 0:
        raise FieldInvalid.at("page_size", "must not be negative")
    return min(page_size or DEFAULT_PAGE, MAX_PAGE)
