"""Events that follow one another as one message, for those who catch up: most of what that costs beside reading them.

What stands between two documents (the end of one event, the beginning of the next) has as many bytes for nearly all of
them, so that it is made column by column for a whole batch, and joined with the documents once. Where it has not,
events are encoded one by one.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from uuid import UUID

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsResponse
from returns_server.events.cursor import Mint, Texts
from returns_server.events.entry import Run
from returns_server.transport.encode.wire import bytes_field
from returns_server.varint import varint

_BATCH = StreamReturnEventsResponse.DESCRIPTOR.fields_by_name["batch"].number
_BATCH_CURSOR = StreamReturnEventsResponse.DESCRIPTOR.fields_by_name["cursor"].number
_EVENTS = StreamReturnEventsResponse.Batch.DESCRIPTOR.fields_by_name["events"].number
_SEQUENCE = ReturnEvent.DESCRIPTOR.fields_by_name["sequence"].number
_CURSOR = ReturnEvent.DESCRIPTOR.fields_by_name["cursor"].number
_ID = ReturnEvent.DESCRIPTOR.fields_by_name["id"].number

_LENGTH_DELIMITED = 2
_BATCH_TAG = varint(_BATCH << 3 | _LENGTH_DELIMITED)
_TAG = varint(_EVENTS << 3 | _LENGTH_DELIMITED)
_SEQUENCE_TAG = varint(_SEQUENCE << 3)
_CURSOR_TAG = varint(_CURSOR << 3 | _LENGTH_DELIMITED)

_ID_BYTES = 8
# A document begins with the event's id, a UUID as text: this tells it from others, and the rest are digits.
_ID_BEGIN = bytes((_ID << 3 | _LENGTH_DELIMITED, 36)) + b"01234567-0123-0123"
_HEAD = len(_ID_BEGIN)
_ID_FRAME = {place: character for place, character in enumerate(_ID_BEGIN) if place < 2 or character == ord("-")}
_ID_FRAME_CHARACTERS = bytes(_ID_FRAME.values())

_SHORTEST, _LONGEST = 1 << 7, (1 << 14) - 1
"""Sizes whose varints have two bytes."""
_LENGTH = [number & 0x7F | 0x80 | number >> 7 << 8 for number in range(_LONGEST + 1)]
"""Varints of two bytes, as little-endian numbers."""
_COUNTING = bytes(range(0x80, 0x100))
"""The first bytes of longer varints of numbers that follow one another."""


def encoded_run(documents: Sequence[bytes], first: int, mint: Mint) -> Run:
    """Stored events, at least one, of sequences from `first` on, as an encoded StreamReturnEventsResponse."""
    ids = _ids(documents)
    cursors = mint.run(first, ids)
    parts = _at_once(documents, first, cursors) or _one_by_one(documents, first, cursors)
    parts[:0] = _BATCH_TAG, varint(sum(map(len, parts)))
    parts.append(bytes_field(_BATCH_CURSOR, cursors.last))
    return Run(b"".join(parts), ids[-_ID_BYTES:], cursors.last)


def _ids(documents: Sequence[bytes]) -> bytes:
    """The first eight bytes of each event's id."""
    heads = b"".join([document[:_HEAD] for document in documents])
    count = len(documents)
    if all(heads[place::_HEAD] == bytes((character,)) * count for place, character in _ID_FRAME.items()):
        digits = heads.translate(None, _ID_FRAME_CHARACTERS)
        if len(digits) == 2 * _ID_BYTES * count:
            return bytes.fromhex(digits.decode())
    return b"".join([UUID(ReturnEvent.FromString(document).id).bytes[:_ID_BYTES] for document in documents])


def _at_once(documents: Sequence[bytes], first: int, cursors: Texts) -> list[bytes] | None:
    """The events as elements of a batch, in parts, if sequences and sizes have as many bytes in all of them."""
    count, last = len(documents), first + len(documents) - 1
    number = varint(first)
    end = len(number) + cursors.characters + 3  # two tags and the length of the cursor are a byte each
    sizes = [len(document) + end for document in documents]
    if min(sizes) < _SHORTEST or max(sizes) > _LONGEST or len(varint(last)) != len(number) or len(number) < 2:
        return None
    # A row: sequence and cursor of one event, tag and size of the next.
    width = end + 3
    row = b"".join((_SEQUENCE_TAG, number, _CURSOR_TAG, bytes((cursors.characters,)), bytes(cursors.characters), _TAG))
    rows = bytearray(row + bytes(2)) * count
    for place in range(len(number)):
        rows[1 + place :: width] = _digits(first, count, 7 * place, more=place + 1 < len(number))
    begin = end - cursors.characters
    for place in range(cursors.characters):
        rows[begin + place :: width] = cursors.joined[place :: cursors.stride]
    encoded_sizes = struct.pack(f"<{count}H", *[_LENGTH[size] for size in sizes])
    for place in (0, 1):
        rows[end + 1 + place :: width] = encoded_sizes[2 + place :: 2] + b"\0"
    parts = [b""] * (2 * count + 1)
    parts[0] = _TAG + encoded_sizes[:2]
    parts[1::2] = documents
    parts[2::2] = struct.Struct(f"{width}s" * count).unpack(rows)
    parts[-1] = parts[-1][:end]  # no event is next
    return parts


def _digits(first: int, count: int, shift: int, *, more: bool) -> bytes:
    """One byte of the varints of so many numbers from the first on: their seven bits from `shift` on."""
    if not shift:
        begin = first & 0x7F
        return (_COUNTING * (count // 0x80 + 2))[begin : begin + count]
    parts = []
    number, end = first, first + count
    while number < end:
        until = min(end, ((number >> shift) + 1) << shift)
        parts.append(bytes((number >> shift & 0x7F | more << 7,)) * (until - number))
        number = until
    return b"".join(parts)


def _one_by_one(documents: Sequence[bytes], first: int, cursors: Texts) -> list[bytes]:
    """The events as elements of a batch, in parts, whatever their sizes."""
    parts: list[bytes] = []
    for number, document in enumerate(documents):
        begin = number * cursors.stride
        parts += element(document, first + number, cursors.joined[begin : begin + cursors.characters])
    return parts


def element(document: bytes, sequence: int, cursor: bytes) -> tuple[bytes, ...]:
    """An event's document, sequence and cursor as an element of the field `events` of a batch or a page, in parts."""
    place = b"".join((_SEQUENCE_TAG, varint(sequence), _CURSOR_TAG, varint(len(cursor)), cursor))
    return _TAG, varint(len(document) + len(place)), document, place
