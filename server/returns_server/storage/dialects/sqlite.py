"""SQLite: one writer, so no row locks; sets of rows as JSON or as repeated statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from returns_server.storage import tables
from returns_server.storage.dialects import Keyed, Lock, Query, prepared

_COMPILER = sqlite.dialect(paramstyle="named")
_APPEND = "INSERT INTO events (sequence, {columns}) SELECT last_sequence + ?, {marks} FROM event_heads WHERE tenant = ?"
_MOVE_HEAD = "UPDATE event_heads SET last_sequence = last_sequence + ? WHERE tenant = ?"


class SqliteDialect:
    """SQLite's ways."""

    name = "sqlite"

    def prepare(self, clause: sa.ClauseElement) -> str:
        """The clause as SQL text with `:named` parameters."""
        return prepared(clause, _COMPILER)

    def any_of(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Whether the column is among the values of a JSON array parameter."""
        return column.in_(sa.select(sa.text("value")).select_from(sa.text(f"json_each(:{parameter})")))

    def list_value(self, values: Sequence[Any]) -> str:
        """A JSON array."""
        return json.dumps(list(values))

    @cache  # noqa: B019  (a dialect lives as long as the process)
    def select(self, table: sa.Table, keys: Sequence[str], columns: Sequence[str], lock: Lock = Lock.NONE) -> Keyed:  # noqa: ARG002
        """Rows by key; the write transaction holds the whole database, so that nothing need be locked."""
        names = ", ".join(f"json_extract(value, '$[{i}]') AS k{i}" for i in range(len(keys)))
        match = " AND ".join(f"t.{key} = k.k{i}" for i, key in enumerate(keys))
        wanted = ", ".join(f"t.{column}" for column in columns)
        sql = f"SELECT {wanted} FROM (SELECT {names} FROM json_each(:rows)) k CROSS JOIN {table.name} t ON {match}"  # noqa: S608
        return lambda rows: Query(sql, {"rows": json.dumps(rows)})

    @cache  # noqa: B019
    def insert(self, table: sa.Table, columns: Sequence[str]) -> Keyed:
        """New rows, one prepared statement for each."""
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
        return lambda rows: Query(sql, rows, many=True)

    @cache  # noqa: B019
    def update(self, table: sa.Table, keys: Sequence[str], columns: Sequence[str]) -> Keyed:
        """Changed values, one prepared statement for each row."""
        values = ", ".join(f"{column} = ?{len(keys) + i + 1}" for i, column in enumerate(columns))
        match = " AND ".join(f"{key} = ?{i + 1}" for i, key in enumerate(keys))
        sql = f"UPDATE {table.name} SET {values} WHERE {match}"  # noqa: S608
        return lambda rows: Query(sql, rows, many=True)

    @cache  # noqa: B019
    def delete(self, table: sa.Table, keys: Sequence[str]) -> Keyed:
        """Rows by key, one prepared statement for each."""
        sql = f"DELETE FROM {table.name} WHERE " + " AND ".join(f"{key} = ?" for key in keys)  # noqa: S608
        return lambda rows: Query(sql, rows, many=True)

    def append_events(self, rows: Sequence[tuple[Any, ...]]) -> list[Query]:
        """Insert on from the head, then move it: nobody else writes meanwhile."""
        columns = [column.name for column in tables.events.columns if column.name != "sequence"]
        sql = _APPEND.format(columns=", ".join(columns), marks=", ".join("?" * len(columns)))
        queries = []
        for tenant, group in groupby(rows, key=lambda row: row[0]):
            numbered = [(ordinal, *row, tenant) for ordinal, row in enumerate(group, start=1)]
            queries += [Query(sql, numbered, many=True), Query(_MOVE_HEAD, (len(numbered), tenant))]
        return queries
