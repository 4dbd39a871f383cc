"""The migrations make the schema that the tables describe, once, on both databases."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from returns_server.storage import migrations
from returns_server.storage.failures import Unavailable, WrongSchema
from returns_server.storage.tables import metadata
from tests.support.postgres import drop_database, new_database

CATALOGUE = """
SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT attrelid::regclass::text || '.' || attname,
    format_type(atttypid, atttypmod) || attnotnull || attnum || coalesce(pg_get_expr(adbin, adrelid), '')
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
UNION ALL SELECT relname, array_to_string(reloptions, ' ') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


@contextmanager
def connected(target: str | Path) -> Iterator[sa.Connection]:
    if isinstance(target, Path):
        engine = sa.create_engine(f"sqlite:///{target}", poolclass=sa.NullPool)
    else:
        engine = sa.create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(target), poolclass=sa.NullPool
        )
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_migrated_schema_is_what_the_tables_describe(target: str | Path) -> None:
    migrations.upgrade(target)
    with connected(target) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def described_by_sqlite(connection: sa.Connection) -> dict[str, list[str]]:
    """Every table and index by name, as the parts of its definition without regard to order and spaces."""
    rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    # A column that a later migration added stands behind the last one, on its line.
    parts = re.compile(r"\n|, (?=\w+ (?:BIGINT|BLOB|BOOLEAN|INTEGER|SMALLINT|TEXT)\b)")
    return {row.name: sorted(" ".join(part.split()).rstrip(" ,)") for part in parts.split(row.sql)) for row in rows}


def test_sqlite_has_every_constraint_index_and_default(tmp_path: Path) -> None:
    migrations.upgrade(tmp_path / "migrated.db")
    with connected(tmp_path / "migrated.db") as migrated, connected(tmp_path / "described.db") as described:
        metadata.create_all(described)
        found = described_by_sqlite(migrated)
        found.pop("alembic_version")
        assert found == described_by_sqlite(described)
        assert any("line_units_within_bought" in part for part in found["order_lines"])


def test_postgresql_has_every_constraint_index_default_and_option(postgres_url: str, postgres_shared_url: str) -> None:
    migrations.upgrade(postgres_url)
    other = new_database(postgres_shared_url)
    with connected(postgres_url) as migrated, connected(other) as described:
        metadata.create_all(described)
        wanted = {name: text for name, text in described.execute(sa.text(CATALOGUE))}  # noqa: C416  (dict takes no Row)
        found = {name: text for name, text in migrated.execute(sa.text(CATALOGUE))}  # noqa: C416
        assert {name: text for name, text in found.items() if not name.startswith("alembic_version")} == wanted
        assert "order_lines.line_units_within_bought" in found
    drop_database(postgres_shared_url, other)


def test_postgresql_does_not_compress_documents(postgres_url: str) -> None:
    migrations.upgrade(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute(
            "SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'document' AND attstorage = 'e'"
        )
        assert {name for (name,) in rows} == {"returns", "events"}


def identity(target: str | Path) -> tuple[bytes, bytes]:
    with connected(target) as connection:
        epoch, key = connection.execute(sa.text("SELECT log_epoch, token_key FROM instance")).one()
        return bytes(epoch), bytes(key)


def test_a_database_gets_an_identity_of_its_own_and_keeps_it(target: str | Path, tmp_path: Path) -> None:
    migrations.upgrade(target)
    first = identity(target)
    assert (len(first[0]), len(first[1])) == (4, 32)
    assert migrations.upgrade(target) == migrations.head_revision()
    assert identity(target) == first
    migrations.upgrade(tmp_path / "other.db")
    assert identity(tmp_path / "other.db") != first


def test_check_says_whether_the_schema_fits(target: str | Path) -> None:
    with pytest.raises(WrongSchema, match="no schema yet"):
        migrations.check(target)
    assert migrations.current_revision(target) is None
    assert not isinstance(target, Path) or not target.exists(), "looking makes nothing"
    migrations.upgrade(target)
    assert migrations.current_revision(target) == migrations.head_revision()
    migrations.check(target)


def test_a_newer_schema_is_neither_served_nor_migrated(target: str | Path) -> None:
    migrations.upgrade(target)
    with connected(target) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WrongSchema, match="9999, which this release does not know"):
        migrations.check(target)
    with pytest.raises(WrongSchema, match="9999"):
        migrations.upgrade(target)


def test_an_older_schema_asks_for_the_migration(target: str | Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations.upgrade(target)
    head = migrations.head_revision()
    monkeypatch.setattr(migrations, "head_revision", lambda: "9999")
    with pytest.raises(WrongSchema, match=f"has schema {head}, this release needs 9999"):
        migrations.check(target)


def test_a_migration_that_fails_leaves_nothing(target: str | Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> bytes:
        raise OSError("no randomness")

    with monkeypatch.context() as patched:
        patched.setattr("secrets.token_bytes", broken)
        with pytest.raises(OSError, match="no randomness"):
            migrations.upgrade(target)
    with connected(target) as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_processes_that_migrate_at_once_make_one_schema(target: str | Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(3) as pool:
        assert pool.map(migrations.upgrade, [target] * 3, chunksize=1) == [migrations.head_revision()] * 3
    with connected(target) as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM instance")).scalar_one() == 1


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        migrations.current_revision("postgresql://postgres@127.0.0.1:1/none")


def test_the_embedded_database_is_an_ordinary_file(tmp_path: Path) -> None:
    migrations.upgrade(tmp_path / "returns.db")
    with closing(sqlite3.connect(tmp_path / "returns.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_texts_compare_by_code_point_whatever_the_locale_of_the_database(postgres_url: str) -> None:
    """SQLite does so anyway; a PostgreSQL with another locale would sort keys and answer filters differently."""
    migrations.upgrade(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        others = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name <> 'alembic_version' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        ).fetchall()
    assert others == []
