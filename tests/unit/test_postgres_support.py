"""The tests' own PostgreSQL: what other tests rely on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support.postgres import PostgresFailed, PostgresServer, StopMode

ROOT = Path(__file__).parents[2]


def value_of(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def test_every_test_gets_an_empty_database_of_its_own(postgres_url: str, postgres_shared_url: str) -> None:
    assert postgres_url != postgres_shared_url
    assert value_of(postgres_url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0


def test_commits_are_durable(postgres_url: str) -> None:
    assert [value_of(postgres_url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
        "on",
        "on",
        "on",
    ]


@pytest.mark.parametrize("mode", ["fast", "immediate", "crash"])
def test_what_was_committed_survives_every_way_to_stop(postgres_server: PostgresServer, mode: StopMode) -> None:
    url = postgres_server.new_database()
    pid = postgres_server.pid
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
        connection.commit()
        postgres_server.restart(mode)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert postgres_server.pid != pid
    assert value_of(url, "SELECT seven FROM kept") == 7


def test_a_stopped_server_refuses_connections_and_says_so(postgres_server: PostgresServer) -> None:
    postgres_server.stop()
    assert postgres_server.pid is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres_server.url())
    with pytest.raises(PostgresFailed, match="down already"):
        postgres_server.stop()


def test_a_database_can_be_copied_from_a_template(postgres_server: PostgresServer) -> None:
    original = postgres_server.new_database()
    with psycopg.connect(original) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    copy = postgres_server.new_database(template=original.rpartition("/")[2])
    assert value_of(copy, "SELECT seven FROM kept") == 7


def test_a_setting_that_the_server_refuses_is_reported_with_its_log(postgres_server: PostgresServer) -> None:
    postgres_server.stop()
    with pytest.raises(PostgresFailed, match="shared_buffers"):
        postgres_server.start(shared_buffers="lots")


# Starts a shared and a private server in a process of its own, tells their process ids, and waits to be ended.
OWNER = """
import signal, time, psycopg
from tests.support.postgres_run import PostgresRun
signal.signal(signal.SIGINT, signal.default_int_handler)  # in background jobs shells have it ignored
run = PostgresRun.begin()
with psycopg.connect(run.shared_url()) as connection, run.private_server() as private:
    data = connection.execute("SHOW data_directory").fetchone()[0]
    shared = int(open(data + "/postmaster.pid").readline())
    print(run.scratch, shared, private.pid, flush=True)
    time.sleep(100)
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.postgres
def test_no_server_outlives_its_owner(ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as owner:
        assert owner.stdout is not None
        scratch, *pids = owner.stdout.readline().split()
        assert all(psutil.pid_exists(int(pid)) for pid in pids)
        owner.send_signal(ending)
        owner.wait(30)
    deadline = time.monotonic() + 30
    while any(psutil.pid_exists(int(pid)) for pid in pids):
        assert time.monotonic() < deadline, "a server outlived its owner"
        time.sleep(0.05)
    while Path(scratch).exists():
        assert time.monotonic() < deadline, "its data outlived its owner"
        time.sleep(0.05)
