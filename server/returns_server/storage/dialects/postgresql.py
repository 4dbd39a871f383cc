"""PostgreSQL: row locks in key order; sets of rows as arrays, so that each statement has one text and one plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from returns_server.domain.returns import Json
from returns_server.storage import tables
from returns_server.storage.arrays import Transposed
from returns_server.storage.arrays import columns as columns_of
from returns_server.storage.dialects import ElementTests, Keyed, Lock, Query, prepared

_COMPILER = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]

# Heads are locked in tenant order by the materialised query: an UPDATE that joins an array locks in any order and
# deadlocks. The UPDATE then reads each head as its lock holder left it.
_APPEND = """
WITH incoming AS (
    SELECT * FROM unnest({arrays}) WITH ORDINALITY AS i({columns}, ordinal)
), counted AS (
    SELECT tenant, count(*) AS events, min(ordinal) AS first FROM incoming GROUP BY tenant
), locked AS MATERIALIZED (
    SELECT tenant FROM event_heads WHERE tenant = ANY(%(p0)b::text[]) ORDER BY tenant FOR NO KEY UPDATE
), moved AS (
    UPDATE event_heads h SET last_sequence = h.last_sequence + c.events
    FROM locked l JOIN counted c ON c.tenant = l.tenant
    WHERE h.tenant = l.tenant
    RETURNING h.tenant, h.last_sequence - c.events - c.first + 1 AS before
)
INSERT INTO events (sequence, {columns})
SELECT m.before + i.ordinal, {selected} FROM incoming i JOIN moved m ON m.tenant = i.tenant
"""


def _type(column: sa.Column[Any]) -> str:
    """The type of a column as a cast says it, which names no collation."""
    return str(column.type.compile(dialect=_COMPILER)).partition(" COLLATE")[0]


class _Arrays(NamedTuple):
    """`unnest` arguments for some columns, the same columns of `v` in their own types, and rows as such arguments."""

    arguments: str
    selected: str
    transposed: Transposed


def _arrays(table: sa.Table, names: Sequence[str]) -> _Arrays:
    types = [_type(table.columns[name]) for name in names]
    sent = ["TEXT" if kind == "JSONB" else kind for kind in types]
    arguments = ", ".join(f"%(p{i})b::{kind}[]" for i, kind in enumerate(sent))
    selected = ", ".join(
        f"v.{name}::jsonb" if kind == "JSONB" else f"v.{name}" for name, kind in zip(names, types, strict=True)
    )
    return _Arrays(arguments, selected, columns_of(sent))


class PostgresDialect:
    """PostgreSQL's ways."""

    name = "postgresql"
    dear_rows = True

    def prepare(self, clause: sa.ClauseElement) -> str:
        """The clause as SQL text with `%(named)s` parameters."""
        return prepared(clause, _COMPILER)

    def any_of(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Whether the column is among the values of an array parameter."""
        array = sa.bindparam(parameter, type_=postgresql.ARRAY(column.type))
        return column == sa.any_(array)

    def list_value(self, values: Sequence[Any]) -> list[Any]:
        """A list, which the driver sends as an array."""
        return list(values)

    @cache  # noqa: B019  (a dialect lives as long as the process)
    def select(
        self, table: sa.Table, keys: Sequence[str], columns: Sequence[str], lock: Lock = Lock.NONE, where: str = ""
    ) -> Keyed:
        """Rows by key, locked in key order."""
        arrays, _, transposed = _arrays(table, keys)
        match = " AND ".join(f"t.{key} = v.{key}" for key in keys)
        wanted = ", ".join(f"t.{column}" for column in columns)
        sql = f"SELECT {wanted} FROM unnest({arrays}) AS v({', '.join(keys)}) JOIN {table.name} t ON {match}"  # noqa: S608
        if where:
            sql += f" WHERE {where}"
        if lock is not Lock.NONE:
            order = ", ".join(f"t.{column.name}" for column in table.primary_key.columns)
            sql += f" ORDER BY {order} {lock.value.replace('UPDATE', 'UPDATE OF t')}"
        return lambda rows: Query(sql, transposed(rows))

    @cache  # noqa: B019
    def insert(self, table: sa.Table, columns: Sequence[str], *, skip_existing: bool = False) -> Keyed:
        """New rows from one array a column."""
        arrays, selected, transposed = _arrays(table, columns)
        names = ", ".join(columns)
        sql = f"INSERT INTO {table.name} ({names}) SELECT {selected} FROM unnest({arrays}) AS v({names})"  # noqa: S608
        if skip_existing:
            sql += " ON CONFLICT DO NOTHING"
        return lambda rows: Query(sql, transposed(rows))

    @cache  # noqa: B019
    def update(self, table: sa.Table, keys: Sequence[str], columns: Sequence[str]) -> Keyed:
        """Changed values from one array a column."""
        arrays, selected, transposed = _arrays(table, [*keys, *columns])
        values = dict(zip([*keys, *columns], selected.split(", "), strict=True))
        changes = ", ".join(f"{column} = {values[column]}" for column in columns)
        match = " AND ".join(f"t.{key} = v.{key}" for key in keys)
        names = ", ".join([*keys, *columns])
        sql = f"UPDATE {table.name} t SET {changes} FROM unnest({arrays}) AS v({names}) WHERE {match}"  # noqa: S608
        return lambda rows: Query(sql, transposed(rows))

    @cache  # noqa: B019
    def delete(self, table: sa.Table, keys: Sequence[str]) -> Keyed:
        """Rows by key, gone."""
        arrays, _, transposed = _arrays(table, keys)
        match = " AND ".join(f"t.{key} = v.{key}" for key in keys)
        sql = f"DELETE FROM {table.name} t USING unnest({arrays}) AS v({', '.join(keys)}) WHERE {match}"  # noqa: S608
        return lambda rows: Query(sql, transposed(rows))

    def append_events(self, rows: Sequence[tuple[Any, ...]]) -> list[Query]:
        """Lock the heads, number on, insert: one statement."""
        sql, transposed = _append()
        return [Query(sql, transposed(rows))]

    def contains(self, text: str, parameter: str) -> str:
        """Whether a text holds another, by code points."""
        return f"strpos({text}, CAST(:{parameter} AS text)) > 0"

    def contains_bytes(self, column: str, parameter: str) -> str:
        """Whether bytes hold others."""
        return f"position(CAST(:{parameter} AS bytea) IN {column}) > 0"

    def ends_with(self, text: str, parameter: str) -> str:
        """Whether a text ends with another, by code points."""
        return f"right({text}, length(CAST(:{parameter} AS text))) = :{parameter}"

    def json_value(self, value: Json | None) -> str | None:
        """JSON, which becomes jsonb."""
        return json.dumps(value) if value else None

    def json_parameters(self, values: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        """Numbers as the decimals that JSON has for them, and keys one by one."""
        decimals = {name: Decimal(repr(value)) if isinstance(value, float) else value for name, value in values.items()}
        return decimals | {f"{name}k{i}": key for name, path in keys.items() for i, key in enumerate(path)}

    def json_number_parameter(self, parameter: str) -> str:
        """A decimal."""
        return f"CAST(:{parameter} AS numeric)"

    def json_condition(self, column: str, parameter: str, depth: int, tests: ElementTests) -> str:
        """The value's own type chooses the test, and a list asks its elements."""
        found = _at(column, parameter, depth)
        any_element = f"EXISTS (SELECT 1 FROM jsonb_array_elements({found}) AS e(v) WHERE {_cases(tests, 'e.v')})"  # noqa: S608
        return f"CASE jsonb_typeof({found}) WHEN 'array' THEN {any_element} ELSE {_cases(tests, found)} END"

    def json_present(self, column: str, parameter: str, depth: int) -> str:
        """Null and what is empty is told by comparing it with those."""
        found = _at(column, parameter, depth)
        any_element = f"EXISTS (SELECT 1 FROM jsonb_array_elements({found}) AS e(v) WHERE e.v NOT IN ({_NOTHING}))"  # noqa: S608
        itself = f"{found} IS NOT NULL AND {found} NOT IN ({_NOTHING})"
        return f"CASE jsonb_typeof({found}) WHEN 'array' THEN {any_element} ELSE {itself} END"


_NOTHING = "CAST('null' AS jsonb), CAST('{}' AS jsonb), CAST('[]' AS jsonb)"


def _at(column: str, parameter: str, depth: int) -> str:
    """What the keys lead to, through objects only."""
    return "(" + column + "".join(f" -> CAST(:{parameter}k{i} AS text)" for i in range(depth)) + ")"


def _cases(tests: ElementTests, value: str) -> str:
    text = f"({value} #>> CAST('{{}}' AS text[])) COLLATE \"C\""
    return (
        f"CASE jsonb_typeof({value}) WHEN 'string' THEN {tests.text.format(text)}"
        f" WHEN 'number' THEN {tests.number.format(f'CAST({value} AS numeric)')}"
        f" WHEN 'boolean' THEN {tests.truth.format(f'CAST({value} AS boolean)')} ELSE false END"
    )


@cache
def _append() -> tuple[str, Transposed]:
    columns = [column.name for column in tables.events.columns if column.name != "sequence"]
    arrays, _, transposed = _arrays(tables.events, columns)
    selected = ", ".join(f"i.{column}" for column in columns)
    return _APPEND.format(arrays=arrays, columns=", ".join(columns), selected=selected), transposed
