"""SQLite: one writer, so no row locks; sets of rows as JSON or as repeated statements."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from returns_server.domain.returns import Json
from returns_server.storage import tables
from returns_server.storage.dialects import ElementTests, Keyed, Lock, Query, prepared

_COMPILER = sqlite.dialect(paramstyle="named")
_APPEND = "INSERT INTO events (sequence, {columns}) SELECT last_sequence + ?, {marks} FROM event_heads WHERE tenant = ?"
_ALL_BUT_SIGN = 2**63 - 1
_MOVE_HEAD = "UPDATE event_heads SET last_sequence = last_sequence + ? WHERE tenant = ?"


class SqliteDialect:
    """SQLite's ways."""

    name = "sqlite"
    dear_rows = False

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
    def select(
        self,
        table: sa.Table,
        keys: Sequence[str],
        columns: Sequence[str],
        lock: Lock = Lock.NONE,  # noqa: ARG002
        where: str = "",
    ) -> Keyed:
        """Rows by key; the write transaction holds the whole database, so that nothing need be locked."""
        names = ", ".join(f"json_extract(value, '$[{i}]') AS k{i}" for i in range(len(keys)))
        match = " AND ".join(f"t.{key} = k.k{i}" for i, key in enumerate(keys))
        wanted = ", ".join(f"t.{column}" for column in columns)
        sql = f"SELECT {wanted} FROM (SELECT {names} FROM json_each(:rows)) k CROSS JOIN {table.name} t ON {match}"  # noqa: S608
        if where:
            sql += f" WHERE {where}"
        return lambda rows: Query(sql, {"rows": json.dumps(rows)})

    @cache  # noqa: B019
    def insert(self, table: sa.Table, columns: Sequence[str], *, skip_existing: bool = False) -> Keyed:
        """New rows, one prepared statement for each."""
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
        if skip_existing:
            sql += " ON CONFLICT DO NOTHING"
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

    def contains(self, text: str, parameter: str) -> str:
        """Whether a text holds another, by code points."""
        return f"instr({text}, :{parameter}) > 0"

    def contains_bytes(self, column: str, parameter: str) -> str:
        """Whether a BLOB holds another, byte by byte."""
        return f"instr({column}, :{parameter}) > 0"

    def ends_with(self, text: str, parameter: str) -> str:
        """Whether a text ends with another, by code points."""
        return f"substr({text}, -length(:{parameter})) = :{parameter}"

    def json_value(self, value: Json | None) -> str | None:
        """JSON whose numbers are integers in the order of the numbers; keys stand as they are, without escapes."""
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")) if value else None

    def json_parameters(self, values: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        """Numbers by their order, and keys as one path."""
        ordered = {name: ordinal(value) if isinstance(value, float) else value for name, value in values.items()}
        return ordered | {f"{name}p": "$" + "".join(f'."{key}"' for key in path) for name, path in keys.items()}

    def json_number_parameter(self, parameter: str) -> str:
        """The order of a number."""
        return f":{parameter}"

    def json_condition(self, column: str, parameter: str, depth: int, tests: ElementTests) -> str:  # noqa: ARG002
        """The value's own type chooses the test, and a list asks its elements."""
        path = f"{column}, :{parameter}p"
        found, element = f"json_extract({path})", "e.value"
        of_elements = _cases(tests, "e.type", element)
        any_element = f"EXISTS (SELECT 1 FROM json_each({path}) AS e WHERE {of_elements})"  # noqa: S608
        itself = _cases(tests, f"json_type({path})", found)
        return f"CASE json_type({path}) WHEN 'array' THEN {any_element} ELSE {itself} END"

    def json_present(self, column: str, parameter: str, depth: int) -> str:  # noqa: ARG002
        """Null and what is empty is told by type and text."""
        path = f"{column}, :{parameter}p"
        any_element = f"EXISTS (SELECT 1 FROM json_each({path}) AS e WHERE {_full('e.type', 'e.value')})"  # noqa: S608
        itself = _full(f"json_type({path})", f"json_extract({path})")
        return f"CASE json_type({path}) WHEN 'array' THEN {any_element} ELSE {itself} END"


def ordinal(number: float) -> int:
    """The place of a number among all 64-bit floats: SQLite reads integers in JSON exactly, and floats only nearly."""
    bits: int = struct.unpack("<q", struct.pack("<d", number))[0]
    return bits if bits >= 0 else -(bits & _ALL_BUT_SIGN)


def _ordered(value: object) -> object:
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return ordinal(float(value))
        case Mapping():
            return {key: _ordered(inner) for key, inner in value.items()}
        case Sequence():
            return [_ordered(inner) for inner in value]
        case _:
            raise TypeError(f"{type(value)} is no JSON")


def _cases(tests: ElementTests, of_type: str, value: str) -> str:
    truths = tests.truth.format(f"({of_type} = 'true')")
    return (
        f"CASE {of_type} WHEN 'text' THEN {tests.text.format(value)} WHEN 'integer' THEN {tests.number.format(value)}"
        f" WHEN 'true' THEN {truths} WHEN 'false' THEN {truths} ELSE false END"
    )


def _full(of_type: str, value: str) -> str:
    return (
        f"CASE {of_type} WHEN 'null' THEN false WHEN 'object' THEN {value} <> '{{}}'"
        f" WHEN 'array' THEN {value} <> '[]' ELSE {of_type} IS NOT NULL END"
    )
