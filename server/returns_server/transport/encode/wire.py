"""The few bits of the protobuf encoding with which stored documents become answers without being parsed."""

from __future__ import annotations

from collections.abc import Iterable

from returns_server.varint import varint

_VARINT = 0
_LENGTH_DELIMITED = 2
_SIZES_KEPT = 4_096


def number_field(field: int, number: int) -> bytes:
    """An integer field; appended to an encoded message it sets the field."""
    return varint(field << 3 | _VARINT) + varint(number)


class Before(dict[int, bytes]):
    """What stands before a string, bytes or message field, by the field's size: things of a kind have few sizes."""

    def __init__(self, field: int) -> None:
        """Takes the field's number."""
        super().__init__()
        self._tag = varint(field << 3 | _LENGTH_DELIMITED)

    def __missing__(self, size: int) -> bytes:
        """The tag and the size, kept for next time."""
        made = self._tag + varint(size)
        if len(self) < _SIZES_KEPT:
            self[size] = made
        return made


def bytes_field(field: int, content: bytes) -> bytes:
    """A string, bytes or message field."""
    return varint(field << 3 | _LENGTH_DELIMITED) + varint(len(content)) + content


def repeated_field(field: int, contents: Iterable[bytes]) -> bytes:
    """A repeated string, bytes or message field."""
    tag = varint(field << 3 | _LENGTH_DELIMITED)
    parts: list[bytes] = []
    for content in contents:
        parts += (tag, varint(len(content)), content)
    return b"".join(parts)
