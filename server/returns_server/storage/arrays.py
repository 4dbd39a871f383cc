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


class Column(NamedTuple):
    """The values of one column, None for null."""

    kind: Kind
    values: Sequence[Any]

    def encoded(self) -> bytes:
        """The array as PostgreSQL reads it."""
        kind, values = self.kind, self.values
        nulls = None in values
        if not values:
            return struct.pack(">iiI", 0, 0, kind.element)
        head = _HEADER.pack(1, nulls, kind.element, len(values), 1)
        if not kind.width:
            return head + _varying(values)
        if not nulls:
            return head + _fixed(kind, values)
        one = struct.Struct(f">i{kind.code}").pack
        return head + b"".join([_NULL if value is None else one(kind.width, value) for value in values])


def _fixed(kind: Kind, values: Sequence[Any]) -> bytes:
    flat: list[Any] = [kind.width] * (2 * len(values))
    flat[1::2] = values
    return struct.pack(">" + f"i{kind.code}" * len(values), *flat)


def _varying(values: Sequence[str | bytes | None]) -> bytes:
    parts: list[bytes] = []
    for value in values:
        if value is None:
            parts.append(_NULL)
            continue
        content = value.encode() if isinstance(value, str) else value
        parts += (_LENGTH(len(content)), content)
    return b"".join(parts)


Transposed = Callable[[Sequence[tuple[Any, ...]]], dict[str, Column]]


def columns(types: Sequence[str]) -> Transposed:
    """Turns rows into the columns `p0`, `p1` and so on, of these types."""
    kinds = [KINDS[name] for name in types]
    names = [f"p{i}" for i in range(len(types))]

    def transposed(rows: Sequence[tuple[Any, ...]]) -> dict[str, Column]:
        return {
            name: Column(kind, values) for name, kind, values in zip(names, kinds, zip(*rows, strict=True), strict=True)
        }

    return transposed
