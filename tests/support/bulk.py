"""A tenant of realistic size, put into a database by its own bulk loading."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from returns_server.storage import migrations

RETURNS = 60_000
CUSTOMERS = 6_000
PRODUCTS = 3_000
ORDERS = 30_000
_SECOND = 1_000_000
_START = 1_700_000_000 * _SECOND

_RETURN = (
    "tenant", "return_id", "number", "version", "state", "goods_state", "close_reason", "customer_id", "guest_email",
    "reason_code", "currency", "total_mills", "create_time", "update_time", "expire_time", "expire_time_given",
    "attributes", "document",
)  # fmt: skip
_ITEM = (
    "tenant", "return_id", "order_id", "line_id", "product_id", "quantity", "claimed_units", "claimed_net",
    "claimed_tax", "claimed_gross",
)  # fmt: skip
_ORDER = ("tenant", "order_id", "customer_id", "currency", "place_time", "create_time", "update_time", "etag")
_LINE = ("tenant", "order_id", "line_id", "position", "product_id", "quantity", "gross", "final_sale")
Rows = Iterator[tuple[Any, ...]]


def _returns(chance: random.Random) -> Rows:
    for number in range(RETURNS):
        # Most are long over, few are pending.
        state = 1 if number % 50 == 0 else 4
        times = (_START + number * 60 * _SECOND, _START + chance.randrange(RETURNS) * 60 * _SECOND)
        customer = "" if number % 10 == 0 else f"c{chance.randrange(CUSTOMERS)}"
        address = f"g{chance.randrange(600)}@example.com" if not customer else ""
        yield (
            "acme", f"r{number:06}", f"R{number:06}", 1, state, 0, 0, customer, address, "BROKEN", "GBP",
            chance.randrange(10**6), *times, None if number % 3 else times[1], False, '{"a": 1}', b"x" * 300,
        )  # fmt: skip


def _items(chance: random.Random) -> Rows:
    for number in range(RETURNS):
        for line in range(1 + number % 2):
            product = f"p{chance.randrange(PRODUCTS)}"
            yield ("acme", f"r{number:06}", f"o{number % ORDERS}", f"{line}", product, 1, 1, 0, 0, 1)


def _orders(chance: random.Random) -> Rows:
    for number in range(ORDERS):
        placed = _START + number * 60 * _SECOND
        yield ("acme", f"o{number}", f"c{chance.randrange(CUSTOMERS)}", "GBP", placed, placed, placed, "e")


def _lines(chance: random.Random) -> Rows:
    for number in range(ORDERS):
        for line in range(3):
            yield ("acme", f"o{number}", f"{line}", line, f"p{chance.randrange(PRODUCTS)}", 1, 100, False)


def _tables() -> Iterator[tuple[str, Sequence[str], Rows]]:
    chance = random.Random(3)
    yield "returns", _RETURN, _returns(chance)
    yield "return_items", _ITEM, _items(chance)
    yield "orders", _ORDER, _orders(chance)
    yield "order_lines", _LINE, _lines(chance)


def fill(target: str | Path) -> None:
    """Migrate an empty database and fill it; PostgreSQL gets its statistics, SQLite keeps none."""
    migrations.upgrade(target)
    if isinstance(target, Path):
        connection = sqlite3.connect(target)
        for table, columns, rows in _tables():
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
        connection.commit()
        connection.close()
        return
    with psycopg.connect(target, autocommit=True) as postgres:
        for table, columns, rows in _tables():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            copying = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with postgres.cursor().copy(copying) as copy:
                for row in rows:
                    copy.write_row(row)
        postgres.execute("VACUUM ANALYZE")
