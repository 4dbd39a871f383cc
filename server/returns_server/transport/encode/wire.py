"""The few bits of the protobuf encoding with which stored documents become answers without being parsed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from returns_server.varint import varint

_VARINT = 0
_LENGTH_DELIMITED = 2


def number_field(field: int, number: int) -> bytes:
    """An integer field; appended to an encoded message it sets the field."""
    return varint(field << 3 | _VARINT) + varint(number)


@lru_cache(maxsize=4_096)
def before(field: int, size: int) -> bytes:
    """What stands before so many bytes of a string, bytes or message field: things of a kind have few sizes."""
    return varint(field << 3 | _LENGTH_DELIMITED) + varint(size)


def bytes_field(field: int, content: bytes) -> bytes:
    """A string, bytes or message field."""
    return before(field, len(content)) + content


def repeated_field(field: int, contents: Iterable[bytes]) -> bytes:
    """A repeated string, bytes or message field."""
    parts: list[bytes] = []
    for content in contents:
        parts += (before(field, len(content)), content)
    return b"".join(parts)
