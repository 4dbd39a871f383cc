"""Cursors: a place in one tenant's event log, as text that survives restarts and tells a restored log from the old."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from returns_server.domain.errors import CursorInvalid
from returns_server.domain.ids import TenantId

_VERSION = 1
_EPOCH_BYTES = 4
_SEQUENCE_BYTES = 8
_ID_BYTES = 8
_CHECKSUM_BYTES = 4
_MAX_CHARACTERS = 128
_MAX_SEQUENCE = 2**63 - 1  # of a database's numbers
_FIXED_BYTES = 2 + _EPOCH_BYTES + _SEQUENCE_BYTES + _ID_BYTES + _CHECKSUM_BYTES

_NO_EVENT = bytes(_ID_BYTES)
# Of a longer id the first bytes are taken, a shorter one is filled up with zeros.
_PLACE = struct.Struct(f">Q{_ID_BYTES}s")


class Mint:
    """Makes the texts of one tenant's cursors, as `str(Cursor)` does, for many events quickly."""

    def __init__(self, epoch: bytes, tenant: TenantId) -> None:
        """Takes the log's epoch, and the tenant."""
        name = tenant.encode()
        self._prefix = bytes((_VERSION, len(name))) + name + epoch
        self._prefix_sum = zlib.crc32(self._prefix)
        size = len(self._prefix) + _PLACE.size + _CHECKSUM_BYTES
        self._padding = bytes(-size % 3)
        self._size = size + len(self._padding)
        self._characters = (size * 8 + 5) // 6
        self._stride = self._size // 3 * 4

    def text(self, sequence: int, event_id: bytes) -> bytes:
        """The text of the cursor right after an event, in ASCII."""
        return self.texts([(sequence, event_id)])[0]

    def texts(self, places: Iterable[tuple[int, bytes]]) -> list[bytes]:
        """The texts of the cursors right after events of these sequences and ids, in ASCII."""
        prefix, prefix_sum, padding, pack, crc = self._prefix, self._prefix_sum, self._padding, _PLACE.pack, zlib.crc32
        contents: list[bytes] = []
        for sequence, event_id in places:
            place = pack(sequence, event_id)
            contents += (prefix, place, crc(place, prefix_sum).to_bytes(_CHECKSUM_BYTES, "big"), padding)
        # Each begins at a character of its own, so that all are encoded at once.
        text = base64.urlsafe_b64encode(b"".join(contents))
        return [text[at : at + self._characters] for at in range(0, len(text), self._stride)]

    def run(self, first: int, ids: bytes) -> Texts:
        """The texts of the cursors right after events whose sequences follow one another, with eight bytes of each id.

        Made byte by byte for all of them at once: one at a time, they would cost as much as reading the events.
        """
        count, size, begin = len(ids) // _ID_BYTES, self._size, len(self._prefix)
        rows = bytearray(self._prefix + bytes(size - begin)) * count
        sequences = struct.pack(f">{count}Q", *range(first, first + count))
        for column in range(_SEQUENCE_BYTES):
            rows[begin + column :: size] = sequences[column::_SEQUENCE_BYTES]
        for column in range(_ID_BYTES):
            rows[begin + _SEQUENCE_BYTES + column :: size] = ids[column::_ID_BYTES]
        places = struct.Struct(f"{begin}x{_PLACE.size}s{size - begin - _PLACE.size}x" * count).unpack(rows)
        crc, prefix_sum = zlib.crc32, self._prefix_sum
        sums = struct.pack(f">{count}I", *[crc(place, prefix_sum) for place in places])
        for column in range(_CHECKSUM_BYTES):
            rows[begin + _PLACE.size + column :: size] = sums[column::_CHECKSUM_BYTES]
        return Texts(base64.urlsafe_b64encode(rows), self._characters, self._stride)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of equal length in ASCII: each is the first `characters` of the next `stride` in `joined`."""

    joined: bytes
    characters: int
    stride: int

    @property
    def last(self) -> bytes:
        """The last of them."""
        begin = len(self.joined) - self.stride
        return self.joined[begin : begin + self.characters]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Right after the event of this sequence; sequence 0 is the beginning.

    `epoch` is the log's, four bytes; `event` the first eight bytes of that event's id, zero at the beginning. A
    cursor grants nothing: it only says where to go on.
    """

    epoch: bytes
    tenant: TenantId
    sequence: int
    event: bytes = _NO_EVENT

    @classmethod
    def after(cls, epoch: bytes, tenant: TenantId, sequence: int, event_id: bytes) -> Cursor:
        """The cursor right after an event; an empty id means the beginning."""
        return cls(epoch, tenant, sequence, event_id[:_ID_BYTES].ljust(_ID_BYTES, b"\0"))

    def __str__(self) -> str:
        """The text that travels."""
        return Mint(self.epoch, self.tenant).text(self.sequence, self.event).decode()


def parse_cursor(text: str, tenant: TenantId) -> Cursor:
    """The cursor that a text holds; raises CursorInvalid where it is garbled or another tenant's.

    Whether the log still reaches it is for the log to say.
    """
    if len(text) > _MAX_CHARACTERS:
        _refuse("it is too long")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        _refuse("it is garbled")
    content, checksum = raw[:-_CHECKSUM_BYTES], raw[-_CHECKSUM_BYTES:]
    if len(raw) < _FIXED_BYTES or content[0] != _VERSION or len(raw) != _FIXED_BYTES + content[1]:
        _refuse("it is garbled")
    if checksum != _checksum(content):
        _refuse("it is garbled")
    end = 2 + content[1]
    if content[2:end] != tenant.encode():
        _refuse("it is of another tenant")
    epoch, rest = content[end : end + _EPOCH_BYTES], content[end + _EPOCH_BYTES :]
    sequence = int.from_bytes(rest[:_SEQUENCE_BYTES], "big")
    if sequence > _MAX_SEQUENCE:
        _refuse("it is garbled")
    return Cursor(epoch, tenant, sequence, rest[_SEQUENCE_BYTES:])


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "big")


def _refuse(why: str) -> NoReturn:
    raise CursorInvalid(f"the cursor cannot be used: {why}")
