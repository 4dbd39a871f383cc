"""A populated database of the first release comes up with this one: all that it knew is there, and work goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command as alembic

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.config import DATABASE_FILE
from returns_server.storage import migrations
from tests.acceptance.test_commands import command
from tests.conformance.test_migrations import connected
from tests.support.messages import create, feed, line, new_request_id, order
from tests.support.people import balanced
from tests.support.postgres import drop_database, new_database
from tests.support.scenes import approve
from tests.support.service import ALL, serving
from tests.support.streams import streaming

Rows = Mapping[str, tuple[Sequence[str], Sequence[Sequence[Any]]]]


@pytest.fixture
def first_release(request: pytest.FixtureRequest, target: str | Path, tmp_path: Path) -> Iterator[str | Path]:
    """An empty database as the first migration left it."""
    other: str | Path = tmp_path / "first" / DATABASE_FILE
    shared = ""
    if not isinstance(target, Path):
        shared = request.getfixturevalue("postgres_shared_url")
        other = new_database(shared)
    with migrations._transaction(other) as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        alembic.upgrade(config, "0001")
    yield other
    if shared:
        drop_database(shared, str(other))


def rows_of(target: str | Path, like: str | Path) -> Rows:
    """The rows of the tables of one database, in the columns that another has too."""
    with connected(like) as connection:
        inspector = sa.inspect(connection)
        columns = {
            table: [column["name"] for column in inspector.get_columns(table)] for table in inspector.get_table_names()
        }
    columns.pop("alembic_version")
    found = {}
    with connected(target) as connection:
        for table, names in columns.items():
            listed = ", ".join(names)
            rows = connection.execute(sa.text(f"SELECT {listed} FROM {table} ORDER BY {listed}")).fetchall()
            found[table] = names, [tuple(row) for row in rows]
    return found


def put(target: str | Path, rows: Rows) -> None:
    if isinstance(target, Path):
        with closing(sqlite3.connect(target)) as connection:
            connection.execute("DELETE FROM instance")
            for table, (names, values) in rows.items():
                marks = ", ".join("?" * len(names))
                connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)
            connection.commit()
        return
    with psycopg.connect(target) as postgres:
        postgres.execute("DELETE FROM instance")
        for table, (names, values) in rows.items():
            marks = ", ".join(["%s"] * len(names))
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
            adapted = [
                [psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value for value in row]
                for row in values
            ]
            postgres.cursor().executemany(statement, adapted)


async def test_a_populated_database_of_the_first_release_is_brought_up(
    target: str | Path, first_release: str | Path, tmp_path: Path
) -> None:
    url = None if isinstance(target, Path) else target
    data = target.parent if isinstance(target, Path) else tmp_path / "data"
    request = create(("o1", "1", 2), request_id=new_request_id(), attributes={"shop": {"channel": "web"}})
    async with serving(data, url, webhooks={"bridge": False}) as service:
        client = service.client(*ALL)
        await feed(client, order("o1", line("1", 9, 900)), order("o2", line("1", 1)))
        filed = await client.returns.CreateReturn(request)
        approved = await approve(client, filed)
        gone = await client.returns.CreateReturn(create(("o2", "1", 1)))
        await client.returns.DeleteReturn(pb.DeleteReturnRequest(name=gone.name))
        async with streaming(client) as stream:
            await stream.until_caught_up()
            events = list(stream.events)

    put(first_release, rows_of(target, first_release))
    before = rows_of(first_release, first_release)
    assert len(before["events"][1]) == 4

    if not isinstance(first_release, Path):
        refused = command("serve", "--dev", "--listen", "127.0.0.1:0", RETURNS_DATABASE_URL=first_release)
        assert "has schema 0001" in refused.stderr
        assert command("migrate", RETURNS_DATABASE_URL=first_release).returncode == 0
    url = None if isinstance(first_release, Path) else first_release
    data = first_release.parent if isinstance(first_release, Path) else tmp_path / "second"
    async with serving(data, url, webhooks={"bridge": False}) as service:
        found = rows_of(first_release, first_release)
        for table, (names, rows) in before.items():
            kept = [tuple(row[found[table][0].index(name)] for name in names) for row in found[table][1]]
            if table != "leases":
                assert sorted(map(repr, kept)) == sorted(map(repr, rows)), table
        client = service.client(*ALL)
        assert await client.returns.GetReturn(pb.GetReturnRequest(name=filed.name)) == approved
        # A request of before is answered as then; a cursor of before goes on.
        assert await client.returns.CreateReturn(request) == filed
        async with streaming(client, after_cursor=events[0].cursor) as stream:
            await stream.until_caught_up()
            assert stream.events == events[1:]
        await client.returns.RecordReceipt(pb.RecordReceiptRequest(name=filed.name, receipt_id="p1"))
        again = await client.returns.CreateReturn(create(("o2", "1", 1)))
        assert again.number not in {filed.number, gone.number}
        await balanced(service)


def newer(target: str | Path) -> None:
    with connected(target) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))


def test_serve_refuses_a_newer_schema(target: str | Path, tmp_path: Path) -> None:
    migrations.upgrade(target)
    newer(target)
    environment = {"RETURNS_DATA_DIR": str(target.parent if isinstance(target, Path) else tmp_path)}
    if not isinstance(target, Path):
        environment["RETURNS_DATABASE_URL"] = target
    for verb in (("serve", "--dev", "--listen", "127.0.0.1:0"), ("verify-log",), ("migrate",)):
        done = command(*verb, **environment)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "9999, which this release does not know" in done.stderr
