"""`returns-server` as an operator meets it: what it says, what it refuses, and how it ends."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commerce.returns.v1 import returns_service_pb2
from tests.support.messages import create, feed, order
from tests.support.postgres import PostgresServer
from tests.support.process import ServerProcess
from tests.support.service import ALL, FEED


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
    return subprocess.run(
        [sys.executable, "-m", "returns_server", *arguments],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_serve_refuses_to_start_without_issuers(tmp_path: Path) -> None:
    done = command("serve", RETURNS_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "RETURNS_AUTH_FILE" in done.stderr
    assert "Traceback" not in done.stderr


def test_several_workers_on_sqlite_are_refused(tmp_path: Path) -> None:
    done = command("serve", "--dev", "--workers", "2", RETURNS_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "RETURNS_WORKERS: one process alone may open a SQLite file" in done.stderr
    assert "Traceback" not in done.stderr


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    done = command(
        "serve",
        RETURNS_DATA_DIR=str(tmp_path),
        RETURNS_LISTEN="nowhere",
        RETURNS_WRITER_MAX_BATCH="0",
        RETURNS_DATABASE_URL="mysql://root:hunter2@db/returns",
    )
    assert done.returncode == 1
    for name in ("RETURNS_LISTEN", "RETURNS_WRITER_MAX_BATCH", "RETURNS_DATABASE_URL", "RETURNS_AUTH_FILE"):
        assert name in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_postgresql_must_be_migrated_first(postgres_url: str, tmp_path: Path, workers: str) -> None:
    environment = {"RETURNS_DATA_DIR": str(tmp_path), "RETURNS_DATABASE_URL": postgres_url}
    refused = command("serve", "--dev", "--listen", "127.0.0.1:0", "--workers", workers, **environment)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: the database has no schema yet: run `returns-server migrate`\n"
    assert command("migrate", **environment).returncode == 0
    assert command("verify-log", **environment).stdout.startswith("the books balance")


def test_a_database_that_is_down_is_told_in_a_sentence(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = postgres_server.new_database()
    postgres_server.stop("fast")
    for workers in ("1", "2"):
        serve = ("serve", "--dev", "--listen", "127.0.0.1:0", "--workers", workers)
        done = command(*serve, RETURNS_DATA_DIR=str(tmp_path), RETURNS_DATABASE_URL=url)
        assert done.returncode == 1
        assert done.stderr.count("the database cannot be used") == 1
        assert "Traceback" not in done.stderr


AUTH = """
[[issuers]]
issuer = "https://login.shop.example"
audiences = "returns"
algorithms = "ES256"
jwks_file = "missing.json"
"""


def test_keys_that_are_missing_are_told_in_a_sentence(tmp_path: Path) -> None:
    (auth_file := tmp_path / "auth.toml").write_text(AUTH)
    environment = {"RETURNS_DATA_DIR": str(tmp_path), "RETURNS_AUTH_FILE": str(auth_file)}
    done = command("serve", "--listen", "127.0.0.1:0", **environment)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "missing.json" in done.stderr


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        done = command("serve", "--dev", "--listen", server.address, RETURNS_DATA_DIR=str(tmp_path / "other"))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"Error: {server.address} cannot be served on: another program has that port" in done.stderr


def test_a_second_server_on_one_sqlite_file_is_refused(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data"):
        done = command("serve", "--dev", "--listen", "127.0.0.1:0", RETURNS_DATA_DIR=str(tmp_path / "data"))
    assert (done.returncode, "another process serves" in done.stderr) == (1, True)


async def test_sigterm_ends_it_cleanly_and_what_it_knew_is_there_again(
    tmp_path: Path, database_url: str | None
) -> None:
    server = ServerProcess(tmp_path / "data", database_url).start()
    service = server.service()
    client = service.client(*ALL)
    await feed(client, order("o1"))
    filed = await client.returns.CreateReturn(create(("o1", "1", 1)))
    await service.close()
    assert server.stop() == 0
    with server:
        service = server.service()
        found = await service.client(*ALL).returns.GetReturn(returns_service_pb2.GetReturnRequest(name=filed.name))
        await service.close()
    assert found == filed


def test_config_masks_secrets() -> None:
    done = command("config", RETURNS_DATABASE_URL="postgresql://me:hunter2@db/returns")
    assert done.returncode == 0
    assert "postgresql://me:***@db/returns" in done.stdout
    assert "hunter2" not in done.stdout


@pytest.mark.parametrize(("option", "value"), [("--tenant", "Not A Tenant"), ("--scope", "returns.everything")])
def test_token_refuses_what_no_server_would_accept(tmp_path: Path, option: str, value: str) -> None:
    given = {"--tenant": "acme", "--scope": "returns.returns_read", "--subject": "me", option: value}
    done = command("token", *(word for pair in given.items() for word in pair), RETURNS_DATA_DIR=str(tmp_path))
    assert (done.returncode, option in done.stderr) == (2, True)


ORDERS = """order_id,customer_id,ordered_at,line_id,product_id,quantity,unit_price
1,c1,2026-01-05T10:00:00,1-1,teapot,2,3.335
1,c1,2026-01-05T10:00:00,1-2,cup,6,1.10
2,,2026-01-06T11:00:00,2-1,plate,1,4.00
3,c2,not a time,3-1,plate,1,4.00
"""


def test_import_orders_tells_what_it_did_and_what_it_assumed(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv.gz"
    file.write_bytes(gzip.compress(ORDERS.encode()))
    with ServerProcess(tmp_path / "data") as server:
        token = server.service().token(*FEED)
        arguments = ("import-orders", str(file), "--tenant", "acme", "--address", server.address)
        first = command(*arguments, RETURNS_TOKEN=token)
        again = command(*arguments, RETURNS_TOKEN=token)
        nobody = command(*arguments, RETURNS_TOKEN="x.y.z")
    assert "2 orders sent: 2 new, 0 updated, 0 unchanged, 0 refused; 1 problems in the file" in first.stdout
    assert "line 5: order 3" in first.stderr
    assert "note: no column currency" in first.stdout
    assert first.returncode == 1, "a row was lost"
    assert "0 new, 0 updated, 2 unchanged" in again.stdout
    assert (nobody.returncode, "TOKEN_INVALID" in nobody.stderr) == (1, True)
