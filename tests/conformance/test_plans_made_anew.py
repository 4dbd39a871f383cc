"""PostgreSQL keeps the plans of prepared statements: those of a table that was empty must not outlive its growth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from returns_server.storage import migrations, postgresql
from returns_server.storage.database import Database
from returns_server.storage.dialects import Query
from returns_server.storage.opening import open_database
from returns_server.storage.session import Row, Session, WriteSession
from returns_server.storage.webhooks import statements
from returns_server.storage.webhooks.rows import DELIVERY_COLUMNS, DELIVERY_KEY
from returns_server.storage.webhooks.tables import webhook_deliveries

_GROWN = """
INSERT INTO webhook_deliveries (tenant, endpoint_id, sequence, state, event_id, event_type, event_time, return_id,
  attempts, round_attempts, next_time, fence, create_time, update_time)
SELECT 'acme', 'e1', n, 1, 'id', 'return.created', n, 'r' || n, 0, 0, n, 0, 1, 1 FROM generate_series(1, 20000) n
"""

Direct = psycopg.AsyncConnection[tuple[Any, ...]]


@pytest.fixture
async def direct(postgres_url: str) -> AsyncIterator[Direct]:
    """A connection to a database whose table of deliveries was looked at when it was empty, and never will be again."""
    migrations.upgrade(postgres_url)
    async with await Direct.connect(postgres_url, autocommit=True) as connection:
        await connection.execute("ALTER TABLE webhook_deliveries SET (autovacuum_enabled = false)")
        await connection.execute("VACUUM ANALYZE webhook_deliveries")
        yield connection


@pytest.fixture
async def database(direct: Direct, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """The product's own connections to the same."""
    monkeypatch.setattr(postgresql, "_PLANS_HOLD_SECONDS", 0.2)
    database = await open_database(postgres_url)
    yield database
    await database.close()


async def test_plans_of_an_empty_table_are_made_anew_when_it_has_grown(database: Database, direct: Direct) -> None:
    select = database.dialect.select(webhook_deliveries, DELIVERY_KEY, DELIVERY_COLUMNS)([("acme", "e1", 7)])

    async def plan(session: WriteSession) -> str:
        """How the connection answers what it was asked before."""
        await session.run([select])
        [(name,)] = await session.fetch("SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT t.%%'")
        rows = await session.fetch(f"EXPLAIN EXECUTE {name} (ARRAY['acme'], ARRAY['e1'], ARRAY[7]::bigint[])")
        return "\n".join(str(row[0]) for row in rows)

    by_key = "Index Scan using webhook_deliveries_pkey"
    assert by_key not in await database.write(plan), "a good plan from the beginning shows nothing"
    await direct.execute(_GROWN)
    await asyncio.sleep(0.3)
    assert by_key in await database.write(plan)


async def test_of_a_backlog_only_the_events_of_what_is_claimed_are_looked_up(
    database: Database, direct: Direct
) -> None:
    await direct.execute(_GROWN)
    due_of = statements.due_of(database.dialect)
    values = {"tenant": "acme", "endpoint_id": "e1", "now": 20_000, "limit": 8}

    async def asked(session: WriteSession) -> list[Row]:
        [rows] = await session.run([Query(due_of, values)])
        return rows

    async def explained(session: Session) -> list[Row]:
        return await session.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {due_of}", values)

    assert [row[2] for row in await database.write(asked)] == list(range(1, 9))
    [([found],)] = await database.read(explained, heavy=True)
    [events] = [node for node in _nodes(found["Plan"]) if node.get("Relation Name") == "events"]
    assert events["Actual Loops"] <= 8


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for inner in plan.get("Plans", []) for node in _nodes(inner))]
