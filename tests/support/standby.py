"""Servers beside a PostgreSQL server: a standby of it, by streaming replication, and what was restored from it."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.postgres import PostgresServer


@contextmanager
def standby_of(primary: PostgresServer, through: str = "") -> Iterator[PostgresServer]:
    """A running standby; from now on the primary acknowledges a commit when the standby has it on its disk.

    It reaches the primary `through` another address, where one is given.
    """
    directory = primary.directory.with_name(f"{primary.directory.name}-standby")
    directory.mkdir()
    copying = [f"--pgdata={directory / 'data'}", f"--dbname={primary.url()}", "--write-recovery-conf"]
    done = subprocess.run(
        [primary._installation.bin / "pg_basebackup", *copying, "--checkpoint=fast", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if through:
        host, _, port = through.rpartition(":")
        with (directory / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"primary_conninfo = 'host={host} port={port} user=postgres'\n")
    with started_on(directory, primary) as standby:
        with psycopg.connect(primary.url(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
        yield standby


@contextmanager
def started_on(directory: Path, like: PostgresServer) -> Iterator[PostgresServer]:
    """A server of the same installation on `directory`/data, a copy of another's; both are gone afterwards."""
    like._installation.give(directory)
    lock = directory.with_suffix(".lock")
    with lock.open("wb") as owned:
        fcntl.flock(owned, fcntl.LOCK_EX)
        with PostgresServer(like._installation, directory, lock, remove=directory) as server:
            yield server
    lock.unlink()


def promote(standby: PostgresServer) -> None:
    """Have a standby become a primary, and wait until it is one."""
    with psycopg.connect(standby.url(), autocommit=True) as connection:
        assert connection.execute("SELECT pg_promote(true, 60)").fetchone() == (True,)
