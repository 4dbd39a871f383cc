"""Order files: CSV with a header (one line of an order a row) or JSON lines (one proto-JSON order a line).

Either may be compressed with gzip. A file is read as a stream; of a CSV the few orders whose rows may still come are in
memory, and eight bytes of each order that was read, to notice rows that come too late.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from google.protobuf import json_format

from commerce.returns.v1.order_pb2 import Order
from returns_client.gathering import Gathering
from returns_client.order_rows import OPTIONAL, REQUIRED, RowInvalid, RowReader
from returns_client.reading_notes import ReadingNotes

_BROKEN = (EOFError, OSError, zlib.error)


class OrderFileUnusable(ValueError):
    """A file of which nothing can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order as it stands in a file, from this line on."""

    line_number: int
    order: Order


@dataclass(frozen=True, slots=True)
class Problem:
    """A place in a file that could not be used; `order_id` is empty where none could be read."""

    line_number: int
    order_id: str
    text: str

    def __str__(self) -> str:
        """In a line, for people."""
        order = f"order {self.order_id}: " if self.order_id else ""
        return f"line {self.line_number}: {order}{self.text}"


class OrderFile:
    """The orders in a file: iterate over it, once; a row that is wrong comes as a Problem and sinks its order alone.

    `name.csv`, `name.jsonl` or `name.ndjson`, with or without `.gz`. Raises OrderFileUnusable for a file that cannot be
    opened, of another kind, or without the columns that it must have.
    """

    def __init__(self, path: Path, parent: str) -> None:
        """Takes the tenant of the orders as `parent`, `tenants/{tenant}`."""
        self.path = path
        self.notes = ReadingNotes()
        self._parent = parent
        self._kind = _kind_of(path)
        self._raw: BinaryIO | None = None
        self._size = 0

    @property
    def bytes_read(self) -> int:
        """How far the file has been read, of its size on the disk; what is read ahead counts."""
        return self._size if self._raw is None or self._raw.closed else self._raw.tell()

    def __iter__(self) -> Iterator[FoundOrder | Problem]:
        """Every order and every problem, in the order in which they were complete."""
        try:
            self._raw = self.path.open("rb")
            self._size = self.path.stat().st_size
        except OSError as error:
            raise OrderFileUnusable(f"{self.path}: {error.strerror or error}") from None
        with closing(self._raw), closing(_text_of(self._raw, self.path)) as text:
            found = self._from_csv(text) if self._kind == "csv" else self._from_json_lines(text)
            for each in found:
                if isinstance(each, FoundOrder):
                    self.notes.orders += 1
                    self.notes.lines += len(each.order.lines)
                    self.notes.anonymous_orders += not (each.order.customer_id or each.order.guest_email)
                yield each

    def _from_csv(self, text: TextIO) -> Iterator[FoundOrder | Problem]:
        rows = csv.reader(text)
        reader = RowReader(self._header(rows), self.notes)
        gathering = Gathering(self._parent, self.notes)
        while True:
            line_number = rows.line_num + 1
            try:
                cells = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                yield Problem(line_number, "", f"is no CSV: {error}")
                continue
            except _BROKEN as error:
                given_up = ", ".join(gathering.open_orders()) or "none"
                yield Problem(line_number, "", f"the file breaks off ({error}); unfinished orders left out: {given_up}")
                return
            if not cells:
                continue
            try:
                row = reader.read(cells)
            except RowInvalid as error:
                order_id, problem = reader.order_id(cells), str(error)
                gathering.spoil(order_id)
            else:
                order_id, problem = row.order_id, gathering.add(row, line_number)
            if problem:
                yield Problem(line_number, order_id, problem)
            yield from (FoundOrder(*complete) for complete in gathering.overdue())
        yield from (FoundOrder(*complete) for complete in gathering.rest())

    def _header(self, rows: Iterator[list[str]]) -> list[str]:
        try:
            header = [name.strip().lower() for name in next(rows, [])]
        except (csv.Error, *_BROKEN) as error:
            raise OrderFileUnusable(f"{self.path}: {error}") from None
        missing = [name for name in REQUIRED if name not in header]
        if missing:
            raise OrderFileUnusable(f"{self.path}: lacks the columns {', '.join(missing)}")
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise OrderFileUnusable(f"{self.path}: has columns twice: {', '.join(twice)}")
        self.notes.assumed_columns = {name: said for name, said in OPTIONAL.items() if name not in header}
        self.notes.ignored_columns = tuple(n for n in header if n not in REQUIRED and n not in OPTIONAL)
        return header

    def _from_json_lines(self, text: TextIO) -> Iterator[FoundOrder | Problem]:
        line_number = 0
        while True:
            line_number += 1
            try:
                line = text.readline()
            except _BROKEN as error:
                yield Problem(line_number, "", f"the file breaks off ({error})")
                return
            if not line:
                return
            if line.isspace():
                continue
            try:
                line.encode()
                order = json_format.Parse(line, Order())
            except (json_format.ParseError, UnicodeEncodeError, RecursionError) as error:
                yield Problem(line_number, "", f"is no order in JSON: {str(error)[:300]}")
                continue
            if not order.name:
                yield Problem(line_number, "", "has no name")
                continue
            if "/" not in order.name:
                order.name = f"{self._parent}/orders/{order.name}"
            yield FoundOrder(line_number, order)


def _kind_of(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ""
    if kind == ".csv":
        return "csv"
    if kind in {".jsonl", ".ndjson"}:
        return "json lines"
    raise OrderFileUnusable(f"{path}: should be .csv or .jsonl, or one of them with .gz")


def _text_of(raw: BinaryIO, path: Path) -> TextIO:
    # Bytes that are no UTF-8 are kept as surrogates, so that they sink their own row and no other.
    if path.suffix.lower() == ".gz":
        raw = cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
