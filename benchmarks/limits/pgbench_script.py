"""The transaction of one creation as a script for pgbench: five statements, with the product's own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from benchmarks.limits.creation import save_creation
from benchmarks.seed.rows import Insertions, Queue
from benchmarks.seed.shop import LINES, TENANT, order_count, order_id
from returns_server.storage.dialects import Keyed, Query

Expressions = Mapping[str, str]
"""A row as SQL: an expression for each column."""

# Each client counts its own transactions in `n`; together with its number that makes ids that only grow, as the
# product's do.
_UNIQUE = "(:n * 64 + :client_id)"
_HEAD = "UPDATE event_heads SET last_sequence = last_sequence + 1 WHERE tenant = '{tenant}' RETURNING last_sequence"
_FROM_NOWHERE = f"SELECT 1000000000 + {_UNIQUE} AS last_sequence"
_CLAIM = """
UPDATE order_lines SET claimed_units = claimed_units + 1, claimed_net = claimed_net + net / quantity,
  claimed_tax = claimed_tax + tax / quantity, claimed_gross = claimed_gross + gross / quantity
  WHERE tenant = '{tenant}' AND order_id = (:order)::text AND line_id IN ({lines})
"""


def script(returns: int, *, gapless: bool) -> str:
    """The script over a seed of so many returns; each transaction files over an order of its own choice.

    Without `gapless` the event takes a number from nowhere: what the database could do if no transaction had to wait
    for the one before it.
    """
    rows = _rows_of_a_creation(returns)
    return_id = rows["returns"][0]["return_id"].strip("'")[:24]
    mine = {
        "return_id": f"'{return_id}' || lpad(to_hex({_UNIQUE}), 12, '0')",
        "order_id": "(:order)::text",
        "number": f"'B-' || {_UNIQUE}",
        "request_id": f"'{return_id}' || lpad(to_hex({_UNIQUE}), 12, '0')",
        "event_id": f"decode(lpad(to_hex({_UNIQUE}), 32, '0'), 'hex')",
    }
    lines = [f"(:order)::text || '-{i + 1}'" for i in range(LINES)]
    items = [
        {**row, **_known(mine, row), "line_id": line} for row, line in zip(rows["return_items"], lines, strict=True)
    ]
    [answer], [ret], [event] = ([row | _known(mine, row) for row in rows[name]] for name in _SINGLE)
    head = _HEAD.format(tenant=TENANT) if gapless else _FROM_NOWHERE
    first, last = order_id(0), order_id(order_count(returns) - 1)
    statements = [
        "BEGIN",
        _CLAIM.format(tenant=TENANT, lines=", ".join(lines)).strip(),
        _insert("idempotency_keys", [answer]),
        _insert("returns", [ret]),
        _insert("return_items", items),
        _append(event, head),
        "COMMIT",
    ]
    return f"\\set n :n + 1\n\\set order random({first}, {last})\n" + "".join(f"{one};\n" for one in statements)


_SINGLE = ("idempotency_keys", "returns", "events")


class _Writes(Insertions):
    """Insertions, with updates let pass: the script says them itself."""

    def update(self, table: sa.Table, keys: Sequence[str], columns: Sequence[str]) -> Keyed:  # type: ignore[override]
        return lambda rows: Query("", rows, many=True)


def _rows_of_a_creation(returns: int) -> dict[str, list[dict[str, str]]]:
    dialect = _Writes(0)
    queue = Queue(dialect)
    save_creation(queue, returns, 0)
    return {
        query.statement: [
            dict(zip(dialect.columns[query.statement], map(_literal, row), strict=True)) for row in query.parameters
        ]
        for query in queue.queries
        if query.statement
    }


def _known(mine: Expressions, row: Expressions) -> dict[str, str]:
    return {name: expression for name, expression in mine.items() if name in row}


def _insert(table: str, rows: Sequence[Expressions]) -> str:
    values = ", ".join(f"({', '.join(row.values())})" for row in rows)
    return f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES {values}"


def _append(event: Expressions, head: str) -> str:
    rest = {name: expression for name, expression in event.items() if name != "sequence"}
    return (
        f"WITH head AS ({head}) INSERT INTO events (sequence, {', '.join(rest)})"
        f" SELECT last_sequence, {', '.join(rest.values())} FROM head"
    )


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int():
            return str(int(value))
        case bytes():
            return rf"'\x{value.hex()}'::bytea"
        case _:
            return "'" + str(value).replace("'", "''") + "'"
