"""Columns as binary arrays: PostgreSQL reads what was meant, of every kind and length, nulls too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from psycopg import pq

from returns_server.storage.arrays import KINDS, array

VALUES: dict[str, list[Any]] = {
    "TEXT": ["", "a", "ümlaut \U0001f600", "x" * 100_000, "NULL", '{"'],
    "BYTEA": [b"", b"\0\xff", b"x" * 100_000],
    "BIGINT": [0, 1, -1, 2**63 - 1, -(2**63)],
    "INTEGER": [0, 1, -1, 2**31 - 1, -(2**31)],
    "SMALLINT": [0, 1, -1, 2**15 - 1, -(2**15)],
    "BOOLEAN": [True, False],
}


def read_back(url: str, kind: str, values: Sequence[Any]) -> list[Any]:
    with psycopg.connect(url) as connection:
        encoded, types, formats = array(KINDS[kind], values), [KINDS[kind].array], [pq.Format.BINARY]
        result = connection.pgconn.exec_params(
            b"SELECT v FROM unnest($1) WITH ORDINALITY AS u(v, n) ORDER BY n", [encoded], types, formats
        )
        assert result.status == pq.ExecStatus.TUPLES_OK, result.error_message
        transformer = psycopg.adapt.Transformer(connection)
        transformer.set_pgresult(result)
        return [value for (value,) in transformer.load_rows(0, result.ntuples, tuple)]


def test_every_kind_has_values_here() -> None:
    assert set(VALUES) == set(KINDS)


@pytest.mark.parametrize("kind", VALUES)
def test_values_come_back_as_they_were(postgres_shared_url: str, kind: str) -> None:
    values = VALUES[kind]
    alike = [[None, None], values[-1:] * 3, [*values, *values[:1]]]
    for some in (values, values[:1], [], [None], [None, *values, None], *alike):
        assert read_back(postgres_shared_url, kind, tuple(some)) == some


@pytest.mark.parametrize(("kind", "value"), [("SMALLINT", 2**15), ("BIGINT", 2**63), ("INTEGER", "1")])
def test_what_does_not_fit_is_refused_here(kind: str, value: object) -> None:
    with pytest.raises(Exception, match=r"require|range|too large|argument"):
        array(KINDS[kind], (value,))
