"""The schema's versions, and the way from any of them to the one that this release needs."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from returns_server.private_files import private_file
from returns_server.storage.failures import Unusable, WrongSchema, mapped

# Any number will do, as long as nothing else in the database locks the same one.
_ADVISORY_LOCK = 0x72657475726E73
_BUSY_TIMEOUT_SECONDS = 60.0

LOCK_TIMEOUT_MILLISECONDS = 400
"""How long a migration waits for a lock on PostgreSQL. Whoever asks for the same table after it waits behind it, so it
is well below what the servers' own statements wait (1 s): servers of the release before go on meanwhile.
"""
PATIENCE_SECONDS = 120.0
"""How long it is tried again where other transactions hold what a migration needs."""
_HELD_UP = (
    "the schema cannot be changed: other transactions held the locks that it takes for {:g} s. pg_stat_activity shows "
    "them; what is done so far holds, and `returns-server migrate` goes on from there"
)
_PAUSE_SECONDS = 1.0
_IN_THE_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


def upgrade(target: str | Path, *, patience_seconds: float = PATIENCE_SECONDS) -> str:
    """Bring a database to the head revision, and return it; one that is there already is left alone.

    `target` is the path of a SQLite file or a libpq URL of PostgreSQL. A second process that migrates at the same time
    waits for the first, then finds nothing to do. SQLite and an empty PostgreSQL come up in one transaction; another
    PostgreSQL, whose servers may work meanwhile, revision by revision: it never waits long for a lock, but lets go and
    tries again, for `patience_seconds`. Where that ends half-way, the same call goes on later.

    Raises WrongSchema where the database is newer than this release, Unavailable where it cannot be reached, Unusable
    where other transactions hold their locks for longer.
    """
    ends = time.monotonic() + patience_seconds
    with mapped():
        while True:
            try:
                if _stepped(target) == head_revision():
                    return head_revision()
                continue
            except _IN_THE_WAY as error:
                if time.monotonic() >= ends:
                    raise Unusable(_HELD_UP.format(patience_seconds)) from error
            time.sleep(_PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 — not to meet the same again


def _stepped(target: str | Path) -> str | None:
    """Take the next step, all in one transaction; the revision that the database has then."""
    with _transaction(target) as connection:
        current = _revision(connection)
        _check_known(current)
        beside_servers = connection.dialect.name == "postgresql" and current is not None
        if beside_servers:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MILLISECONDS}ms'"))
        if current != head_revision():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "+1" if beside_servers else "head")
        return _revision(connection)


def current_revision(target: str | Path) -> str | None:
    """The revision of a database; None before the first migration."""
    if isinstance(target, Path) and not target.exists():
        return None
    with mapped(), _transaction(target, reads_only=True) as connection:
        return _revision(connection)


def head_revision() -> str:
    """The revision that this release needs."""
    head = _scripts().get_current_head()
    if head is None:
        raise RuntimeError("this release was built without its migrations")
    return head


def check(target: str | Path) -> None:
    """Raise WrongSchema unless the database has the schema that this release needs."""
    current, head = current_revision(target), head_revision()
    _check_known(current)
    if current is None:
        raise WrongSchema("the database has no schema yet: run `returns-server migrate`")
    if current != head:
        raise WrongSchema(f"the database has schema {current}, this release needs {head}: run `returns-server migrate`")


def _check_known(revision: str | None) -> None:
    if revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise WrongSchema(
            f"the database has schema {revision}, which this release does not know: a newer release migrated it, "
            "and only that one or a later one can serve it"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "returns_server.storage:migrations")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _transaction(target: str | Path, *, reads_only: bool = False) -> Iterator[sa.Connection]:
    """A transaction that holds off every other migration of the same database, or one that only looks."""
    engine = _sqlite(target, reads_only=reads_only) if isinstance(target, Path) else _postgresql(target)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql" and not reads_only:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            yield connection
    except sa.exc.DBAPIError as error:
        if error.orig is None:
            raise
        raise error.orig from error
    finally:
        engine.dispose()


def _postgresql(url: str) -> sa.Engine:
    # Through libpq itself: it understands more URLs than SQLAlchemy does.
    return sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sa.NullPool)


def _sqlite(path: Path, *, reads_only: bool) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        private_file(path)
        # Without its own ideas of when a transaction begins; the listener says so.
        return sqlite3.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT_SECONDS)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    begin = "BEGIN" if reads_only else "BEGIN IMMEDIATE"
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine
