"""How many rows there are, asked of the database itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psycopg

from returns_server.config import DATABASE_FILE

_COUNT = """
SELECT (SELECT count(*) FROM returns), (SELECT count(*) FROM return_items), (SELECT count(*) FROM events),
       (SELECT count(*) FROM idempotency_keys), (SELECT max(last_sequence) FROM event_heads)
"""


class Counts(NamedTuple):
    """Rows of the tables that a creation writes to, and the last number that the event log gave out."""

    returns: int
    items: int
    events: int
    answers: int
    last_sequence: int


def count(database: str | Path) -> Counts:
    """What is committed, in a PostgreSQL database or in the SQLite file of a data folder."""
    if isinstance(database, Path):
        with closing(sqlite3.connect(f"file:{database / DATABASE_FILE}?mode=ro", uri=True)) as connection:
            return Counts(*connection.execute(_COUNT).fetchone())
    with psycopg.connect(database) as postgres:
        row = postgres.execute(_COUNT).fetchone()
    assert row is not None
    return Counts(*row)


def grown(before: Counts, after: Counts, returns: int, items_each: int) -> bool:
    """Whether exactly so many returns were added, each with its items, its event and its remembered answer."""
    more = Counts(*(now - then for then, now in zip(before, after, strict=True)))
    return more == Counts(returns, returns * items_each, returns, returns, returns)
