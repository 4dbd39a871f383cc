"""Columns as PostgreSQL's binary arrays: `unnest` takes a batch apart that travels as one array a column.

psycopg can do this for values of any kind; ours are of six, and a batch has a thousand.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

_NULL = b"\xff\xff\xff\xff"
_HEADER = struct.Struct(">iiIii")
_LENGTH = struct.Struct(">i").pack


class Kind(NamedTuple):
    """An element type: its name and that of its array in PostgreSQL's catalogue, and how its elements are written.

    `width` is the number of bytes of each and `code` its letter for `struct`, or 0 and empty where lengths differ.
    """

    element: int
    array: int
    width: int = 0
    code: str = ""


KINDS = {
    "TEXT": Kind(25, 1009),
    "BYTEA": Kind(17, 1001),
    "BIGINT": Kind(20, 1016, 8, "q"),
    "INTEGER": Kind(23, 1007, 4, "i"),
    "SMALLINT": Kind(21, 1005, 2, "h"),
    "BOOLEAN": Kind(16, 1000, 1, "?"),
}


def array(kind: Kind, values: Sequence[Any]) -> bytes:
    """The values of one column, None for null, as PostgreSQL reads an array."""
    if not values:
        return struct.pack(">iiI", 0, 0, kind.element)
    nulls = None in values
    head = _HEADER.pack(1, nulls, kind.element, len(values), 1)
    if values[0] == values[-1] and values.count(values[0]) == len(values):
        # Much is the same in all rows of a batch: whose they are, their time, and what a new return does not have yet.
        return head + _element(kind, values[0]) * len(values)
    if kind.width and not nulls:
        return head + _fixed(kind, values)
    return head + b"".join([_element(kind, value) for value in values])


def _fixed(kind: Kind, values: Sequence[Any]) -> bytes:
    flat: list[Any] = [kind.width] * (2 * len(values))
    flat[1::2] = values
    return struct.pack(">" + f"i{kind.code}" * len(values), *flat)


def _element(kind: Kind, value: Any) -> bytes:
    if value is None:
        return _NULL
    if kind.width:
        return struct.pack(f">i{kind.code}", kind.width, value)
    content: bytes = value.encode() if isinstance(value, str) else value
    return _LENGTH(len(content)) + content


class Columns(NamedTuple):
    """Rows as they travel: the types of their columns, and an array for each."""

    types: tuple[int, ...]
    arrays: list[bytes]


Transposed = Callable[[Sequence[tuple[Any, ...]]], Columns]


def columns(types: Sequence[str]) -> Transposed:
    """Turns rows, of which there is at least one, into columns of these types."""
    kinds = [KINDS[name] for name in types]
    arrays = tuple(kind.array for kind in kinds)

    def transposed(rows: Sequence[tuple[Any, ...]]) -> Columns:
        by_column = zip(*rows, strict=True)
        return Columns(arrays, [array(kind, values) for kind, values in zip(kinds, by_column, strict=True)])

    return transposed
