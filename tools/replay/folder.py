"""A data folder: which returns were made of its orders, and which return lines belong to no order."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from returns_client.order_rows import instant_of

_BEGINNING = datetime.min.replace(tzinfo=UTC)
RETURN_COLUMNS = {
    "return_id": "rows of one order at one time are one return",
    "line_id": "all lines of the order",
    "quantity": "all that is left of a line",
    "returned_at": "in the order of the file",
    "customer_id": "the customer of the orders",
}
"""The columns that returns may have beside order_id, and what is assumed of a file without them."""

UNMATCHED_COLUMNS = ("return_id", "customer_id", "returned_at", "product_id", "quantity")
"""The columns of return lines that belong to no order."""


class FolderUnusable(Exception):
    """A folder that cannot be replayed; the message says why."""


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Units of a line; an empty `line_id` stands for every line, a quantity of 0 for all that is left."""

    order_id: str
    line_id: str
    quantity: int


@dataclass(slots=True)
class Document:
    """One return as the shop wrote it down, over one or more orders."""

    return_id: str
    returned_at: datetime
    customer_id: str
    lines: list[ReturnedLine] = field(default_factory=list)

    @property
    def orders(self) -> list[str]:
        """The orders it names, each once."""
        return list(dict.fromkeys(line.order_id for line in self.lines))


@dataclass(frozen=True, slots=True)
class UnmatchedLine:
    """A return line that belongs to no order; `reason` says why, as the folder tells it (empty if it does not)."""

    return_id: str
    customer_id: str
    returned_at: datetime
    product_id: str
    quantity: int
    reason: str


class DataFolder:
    """The files of a folder; what is assumed of them and what is wrong with their rows is noted while they are read.

    Returns are held in memory as a whole, to replay them in time order; orders are not.
    """

    def __init__(self, path: Path) -> None:
        """Raises FolderUnusable where orders or returns are missing."""
        orders, returns = _file(path, "orders"), _file(path, "returns")
        if orders is None or returns is None:
            raise FolderUnusable(f"{path}: needs orders.csv.gz and returns.csv.gz (or .csv)")
        self.path = path
        self.orders: Path = orders
        self._returns: Path = returns
        self.assumptions: list[str] = []
        self.problems: list[str] = []

    def documents(self) -> list[Document]:
        """The returns, in time order."""
        documents: dict[str, Document] = {}
        without_zone = 0
        header, rows = self._rows(self._returns)
        if "order_id" not in header:
            raise FolderUnusable(f"{self._returns.name}: lacks the column order_id")
        for column, assumed in RETURN_COLUMNS.items():
            if column not in header:
                self.assumptions.append(f"{self._returns.name}: no column {column}: {assumed}")
        for where, row in rows:
            try:
                line = ReturnedLine(_required(row, "order_id"), row.get("line_id", ""), _quantity(row))
                returned_at, zoned = _instant(row)
            except ValueError as error:
                self.problems.append(f"{where}: {error}")
                continue
            without_zone += not zoned
            return_id = row.get("return_id") or f"{line.order_id}-{row.get('returned_at', '')}".rstrip("-")
            document = documents.setdefault(return_id, Document(return_id, returned_at, row.get("customer_id", "")))
            document.returned_at = min(document.returned_at, returned_at)
            if line.quantity or line not in document.lines:  # "all that is left" twice is still all that is left
                document.lines.append(line)
        if without_zone:
            self.assumptions.append(f"{self._returns.name}: {without_zone:,} times without a time zone taken as UTC")
        return sorted(documents.values(), key=lambda document: document.returned_at)

    def unmatched(self) -> list[UnmatchedLine]:
        """The return lines that belong to no order; none where the folder has no file of them."""
        path = _file(self.path, "returns_unmatched")
        if path is None:
            self.assumptions.append("no returns_unmatched.csv.gz: no bad input")
            return []
        header, rows = self._rows(path)
        missing = [column for column in UNMATCHED_COLUMNS if column not in header]
        if missing:
            raise FolderUnusable(f"{path.name}: lacks the columns {', '.join(missing)}")
        found: list[UnmatchedLine] = []
        for where, row in rows:
            try:
                found.append(
                    UnmatchedLine(
                        _required(row, "return_id"),
                        row["customer_id"],
                        _instant(row)[0],
                        row["product_id"],
                        _quantity(row),
                        row.get("reason", ""),
                    )
                )
            except ValueError as error:
                self.problems.append(f"{where}: {error}")
        return found

    def _rows(self, path: Path) -> tuple[list[str], Iterator[tuple[str, dict[str, str]]]]:
        rows = _cells(path)
        header = [name.strip().lower() for name in next(rows, (0, []))[1]]
        return header, self._named(path.name, header, rows)

    def _named(
        self, name: str, header: list[str], rows: Iterator[tuple[int, list[str]]]
    ) -> Iterator[tuple[str, dict[str, str]]]:
        for line_number, cells in rows:
            where = f"{name}: line {line_number}"
            if len(cells) != len(header):
                self.problems.append(f"{where}: has {len(cells)} cells instead of {len(header)}")
                continue
            yield where, dict(zip(header, (cell.strip() for cell in cells), strict=True))


def _file(folder: Path, stem: str) -> Path | None:
    return next((path for ending in (".csv.gz", ".csv") if (path := folder / f"{stem}{ending}").is_file()), None)


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    with (
        gzip.open(path, "rt", encoding="utf-8-sig", newline="")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8-sig", newline="")
    ) as text:
        rows = csv.reader(text)
        try:
            for cells in rows:
                if cells:
                    yield rows.line_num, cells
        except (csv.Error, EOFError, OSError, UnicodeDecodeError) as error:
            raise FolderUnusable(f"{path.name}: line {rows.line_num + 1}: {error}") from None


def _required(row: dict[str, str], column: str) -> str:
    if not row[column]:
        raise ValueError(f"{column} is empty")
    return row[column]


def _quantity(row: dict[str, str]) -> int:
    text = row.get("quantity", "")
    if not text:
        return 0
    quantity = int(text)
    if quantity < 1:
        raise ValueError(f"quantity {text} is less than 1")
    return quantity


def _instant(row: dict[str, str]) -> tuple[datetime, bool]:
    """When it came back, and whether that needs no assumption."""
    text = row.get("returned_at", "")
    return instant_of(text) if text else (_BEGINNING, True)
