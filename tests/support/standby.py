"""A standby of a PostgreSQL server, by streaming replication, which can be promoted."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.support.postgres import PostgresServer


@contextmanager
def standby_of(primary: PostgresServer) -> Iterator[PostgresServer]:
    """A running standby; from now on the primary acknowledges a commit when the standby has it on its disk."""
    directory = primary.directory.with_name(f"{primary.directory.name}-standby")
    directory.mkdir()
    installation = primary._installation
    copying = [f"--pgdata={directory / 'data'}", f"--dbname={primary.url()}", "--write-recovery-conf"]
    done = subprocess.run(
        [installation.bin / "pg_basebackup", *copying, "--checkpoint=fast", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    installation.give(directory)
    lock = directory.with_suffix(".lock")
    with lock.open("wb") as owned:
        fcntl.flock(owned, fcntl.LOCK_EX)
        with PostgresServer(installation, directory, lock, remove=directory) as standby:
            with psycopg.connect(primary.url(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                connection.execute("SELECT pg_reload_conf()")
            yield standby
    lock.unlink()


def promote(standby: PostgresServer) -> None:
    """Have a standby become a primary, and wait until it is one."""
    with psycopg.connect(standby.url(), autocommit=True) as connection:
        assert connection.execute("SELECT pg_promote(true, 60)").fetchone() == (True,)
