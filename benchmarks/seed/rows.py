"""The rows that the product's own code saves, caught on their way to the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from benchmarks.seed.shop import TENANT, books_of, new_id
from returns_server.domain.ids import TenantId
from returns_server.domain.returns import Return
from returns_server.storage import tables
from returns_server.storage.dialects import Dialect, Keyed, Query
from returns_server.storage.dialects.sqlite import SqliteDialect
from returns_server.storage.documents.returns import encode_return
from returns_server.storage.saving import save
from returns_server.storage.session import Row

_EVENT_COLUMNS = tuple(column.name for column in tables.events.columns if column.name != "sequence")


@dataclass
class Rows:
    """New rows of some tables, with the columns that they fill."""

    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)


class Encoder:
    """Encodes each state of a return once, for its row and its event, as the product does."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Return, bytes]] = {}

    def __call__(self, tenant: TenantId, ret: Return) -> bytes:
        if id(ret) not in self._known:
            self._known[id(ret)] = (ret, encode_return(tenant, ret))
        return self._known[id(ret)][1]


class Queue:
    """A session that keeps what would be written, and cannot be asked anything."""

    one_snapshot = True

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.queries: list[Query] = []

    def later(self, query: Query) -> None:
        self.queries.append(query)

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        raise AssertionError(f"nothing is run here: {queries}")

    async def fetch(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        raise AssertionError(f"nothing is read here: {statement} {parameters}")

    async def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        raise AssertionError(f"nothing is run here: {statement} {parameters}")


class Insertions(SqliteDialect):
    """A dialect whose queries are a table's name and new rows for it; `columns` tells of what.

    (SqliteDialect caches the methods that are overridden here, which makes them something else to mypy.)
    """

    name = "rows"

    def __init__(self, first_sequence: int) -> None:
        self.columns: dict[str, tuple[str, ...]] = {}
        self._next_sequence = first_sequence

    def insert(self, table: sa.Table, columns: Sequence[str]) -> Keyed:  # type: ignore[override]
        self.columns[table.name] = tuple(columns)
        return lambda rows: Query(table.name, rows, many=True)

    def append_events(self, rows: Sequence[Row]) -> list[Query]:
        self.columns["events"] = ("sequence", *_EVENT_COLUMNS)
        numbered = [(self._next_sequence + i, *row) for i, row in enumerate(rows)]
        self._next_sequence += len(rows)
        return [Query("events", numbered, many=True)]

    def update(self, table: sa.Table, keys: Sequence[str], columns: Sequence[str]) -> Keyed:  # type: ignore[override]
        raise AssertionError(f"nothing is updated here: {table.name} {keys} {columns}")

    def delete(self, table: sa.Table, keys: Sequence[str]) -> Keyed:  # type: ignore[override]
        raise AssertionError(f"nothing is deleted here: {table.name} {keys}")


def seed_rows(first: int, returns: int) -> Rows:
    """The rows of so many returns and their orders and events, the first of that number; the head is left out."""
    dialect = Insertions(first + 1)
    queue = Queue(dialect)
    ids = iter(range(first, first + returns))
    save(queue, [books_of(first, returns)], Encoder(), lambda: new_id(next(ids), b"event").bytes)
    caught = Rows(dialect.columns)
    for query in queue.queries:
        caught.rows.setdefault(query.statement, []).extend(query.parameters)
    return caught


def head_row(returns: int) -> Rows:
    """The one row of the log's head after so many returns."""
    columns = ("tenant", "last_sequence", "next_number")
    return Rows({"event_heads": columns}, {"event_heads": [(TENANT, returns, returns + 1)]})
