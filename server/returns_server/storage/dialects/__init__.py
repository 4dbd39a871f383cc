"""Where SQLite and PostgreSQL differ: one small module each behind one protocol."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa

from returns_server.domain.returns import Json


class Query(NamedTuple):
    """A statement with its parameters as the driver takes them; `many` runs it once for each."""

    statement: str
    parameters: Any = None
    many: bool = False


class Lock(Enum):
    """What happens to rows that a keyed selection finds."""

    NONE = ""
    WAIT = "FOR UPDATE"
    SKIP = "FOR UPDATE SKIP LOCKED"


class ElementTests(NamedTuple):
    """Conditions on a JSON value by its type, as SQL text with `{}` for the value; other types pass none."""

    text: str
    number: str
    truth: str


class Keyed(Protocol):
    """A statement that works on a set of rows, given as tuples."""

    def __call__(self, rows: Sequence[tuple[Any, ...]]) -> Query:
        """The query for these rows."""


class Dialect(Hashable, Protocol):
    """What the two databases say differently."""

    name: str
    dear_rows: bool
    """Whether a row costs more than what is in it, so that many are better answered as one."""

    def prepare(self, clause: sa.ClauseElement) -> str:
        """The clause as SQL text with named parameters, in the driver's style."""

    def any_of(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Whether the column is among the values of a list parameter (see `list_value`)."""

    def list_value(self, values: Sequence[Any]) -> Any:
        """A list as the driver takes it for `any_of`."""

    def select(
        self, table: sa.Table, keys: Sequence[str], columns: Sequence[str], lock: Lock = Lock.NONE, where: str = ""
    ) -> Keyed:
        """Rows by key, locked in key order where the database has row locks.

        `where` is a further condition in plain SQL on the columns of `t`, of which nothing comes from a caller.
        """

    def insert(self, table: sa.Table, columns: Sequence[str], *, skip_existing: bool = False) -> Keyed:
        """New rows; one that exists already breaks the transaction (Conflicting), or is left as it is."""

    def update(self, table: sa.Table, keys: Sequence[str], columns: Sequence[str]) -> Keyed:
        """Changed values of rows that exist; a tuple is the key, then the values."""

    def delete(self, table: sa.Table, keys: Sequence[str]) -> Keyed:
        """Rows by key, gone."""

    def append_events(self, rows: Sequence[tuple[Any, ...]]) -> list[Query]:
        """Events at the end of their tenants' logs, numbered on from each tenant's head, which is locked till commit.

        A tuple is the columns of `events` in their order without `sequence`; events of one tenant stand together,
        tenants sorted, in the order in which they happened.
        """

    def contains(self, text: str, parameter: str) -> str:
        """SQL text: whether a text holds the text of a parameter."""

    def contains_bytes(self, column: str, parameter: str) -> str:
        """SQL text: whether bytes hold the bytes of a parameter."""

    def ends_with(self, text: str, parameter: str) -> str:
        """SQL text: whether a text ends with the text of a parameter."""

    def json_value(self, value: Json | None) -> str | None:
        """A JSON object as it is stored to be filtered by; None where there is nothing in it."""

    def json_parameters(self, values: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        """Values as the driver takes them, with the parameters that `json_condition` and `json_present` name."""

    def json_number_parameter(self, parameter: str) -> str:
        """SQL text: a number parameter, comparable with numbers in JSON."""

    def json_condition(self, column: str, parameter: str, depth: int, tests: ElementTests) -> str:
        """SQL text: whether what so many keys lead to passes the tests; of a list, any element."""

    def json_present(self, column: str, parameter: str, depth: int) -> str:
        """SQL text: whether keys lead to more than null, an empty object or an empty list; of a list, any element."""


def prepared(clause: sa.ClauseElement, compiler: sa.Dialect) -> str:
    """The clause as text; raises ValueError for a value inside it, which the text alone would lose."""
    compiled = clause.compile(dialect=compiler)
    lost = [name for name, value in compiled.params.items() if value is not None]
    if lost:
        raise ValueError(f"values must be parameters with names; these are not: {', '.join(lost)}")
    return str(compiled)
