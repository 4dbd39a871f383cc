"""A PostgreSQL is brought back to a point in time, with the commands that docs/backup.md shows."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.return_pb2 import Return
from tests.acceptance.test_backup import UNITS, check_restored, filed_until, reached
from tests.support.messages import feed, line, order
from tests.support.people import balanced_at
from tests.support.postgres import PostgresServer
from tests.support.process import ServerProcess
from tests.support.service import ALL, Client
from tests.support.standby import started_on

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "backup.md").read_text()
[SETTINGS] = re.findall(r"^```ini\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TAKE, RESTORE, CHECK = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
"""What the page shows, in its order."""


def run(commands: str, server: PostgresServer, **environment: object) -> str:
    """Run commands of the page; what they print."""
    path = f"{server._installation.bin}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    given = {name: str(value) for name, value in environment.items()}
    done = subprocess.run(
        ["bash", "-euc", commands],
        env={**os.environ, "PATH": path, **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    return done.stdout


def archiving(server: PostgresServer, archive: Path) -> None:
    """Have a server archive as the page says; a segment goes when the test says so, not after a minute."""
    archive.mkdir()
    server._installation.give(archive)
    shown = dict(re.findall(r"^(\w+) = '?(.*?)'?$", SETTINGS, re.MULTILINE))
    assert shown.keys() == {"archive_mode", "archive_command", "archive_timeout"}
    shown["archive_command"] = shown["archive_command"].replace("/archive", str(archive))
    server.restart(**shown)


async def cursor_now(client: Client) -> str:
    answer = await client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1))
    return str(answer.event_cursor)


async def archived(url: str) -> None:
    """Wait until all that was written by now is in the archive."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SELECT pg_logical_emit_message(true, 'test', 'so that there is something to switch')")
        found = await connection.execute("SELECT pg_walfile_name(pg_switch_wal())")
        [segment] = await found.fetchone() or [""]
        async with asyncio.timeout(60):
            while True:
                found = await connection.execute("SELECT last_archived_wal FROM pg_stat_archiver")
                [last] = await found.fetchone() or [None]
                if last is not None and last >= segment:
                    return
                await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_postgresql_is_restored_to_a_point_in_time(tmp_path: Path, postgres_server: PostgresServer) -> None:
    """A base under load, changes, the target, more changes that are archived too, and the server is gone."""
    archive, base = postgres_server.directory / "archive", postgres_server.directory / "base"
    restored = postgres_server.directory.with_name(f"{postgres_server.directory.name}-restored")
    archiving(postgres_server, archive)
    url = postgres_server.new_database()
    server = ServerProcess(tmp_path / "data", url).start()
    service = server.service()
    client = service.client(*ALL)
    await feed(client, order("o1", line("1", UNITS, UNITS)))
    filed: list[Return] = []
    over = asyncio.Event()
    callers = [asyncio.create_task(filed_until(client, over, filed)) for _ in range(2)]
    await reached(filed, 20)
    await asyncio.to_thread(run, TAKE, postgres_server, RETURNS_DATABASE_URL=url, BASE=base)
    await reached(filed, len(filed) + 40)
    kept, before = await cursor_now(client), list(filed)
    with psycopg.connect(url, autocommit=True) as connection:
        [target] = connection.execute("SELECT clock_timestamp()::text").fetchone() or [""]
    await reached(filed, len(filed) + 40)
    over.set()
    await asyncio.gather(*callers)
    lost = await cursor_now(client)
    await archived(url)
    await service.close()
    server.kill()
    postgres_server.stop("crash")

    restored.mkdir()
    run(RESTORE, postgres_server, BASE=base, RESTORED=restored / "data", ARCHIVE=archive, TARGET=target)
    with started_on(restored, postgres_server) as again:
        there = again.url(url.rpartition("/")[2])
        assert run(CHECK, postgres_server, RESTORED_URL=there).startswith("the books balance")
        assert "recovery stopping before commit" in again.log(), "at the target, not where the archive ends"
        with ServerProcess(tmp_path / "data", there) as serving:
            await check_restored(serving, before, kept, lost)
        await balanced_at(there)
