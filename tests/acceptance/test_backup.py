"""A backup taken while a server works, put back: the books, the log, and cursors of what is no more."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.return_pb2 import Return
from returns_server.config import DATABASE_FILE
from tests.acceptance.test_commands import command
from tests.support.messages import create, feed, line, new_request_id, order
from tests.support.postgres import new_database
from tests.support.process import ServerProcess
from tests.support.service import ALL, Client, refused
from tests.support.streams import streaming

UNITS = 10_000
Restore = Callable[[], str | None]
"""Puts a backup in place; the URL of the restored PostgreSQL, None for SQLite."""


async def filed_until(client: Client, over: asyncio.Event, filed: list[Return]) -> None:
    while not over.is_set():
        filed.append(await client.returns.CreateReturn(create(("o1", "1", 1), request_id=new_request_id())))


async def reached(filed: list[Return], count: int) -> None:
    async with asyncio.timeout(60):
        while len(filed) < count:
            await asyncio.sleep(0.01)


async def lost_future(server: ServerProcess, back_up: Callable[[], object]) -> tuple[list[Return], str, str]:
    """Back up under load: what was filed before it began, a cursor from then, and one of what came afterwards."""
    service = server.service()
    client = service.client(*ALL)
    await feed(client, order("o1", line("1", UNITS, UNITS)))
    filed: list[Return] = []
    over = asyncio.Event()
    callers = [asyncio.create_task(filed_until(client, over, filed)) for _ in range(4)]
    await reached(filed, 20)
    before = list(filed)
    kept = (await client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1))).event_cursor
    await asyncio.to_thread(back_up)
    await reached(filed, len(filed) + 40)
    over.set()
    await asyncio.gather(*callers)
    lost = (await client.returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1))).event_cursor
    await service.close()
    return before, kept, lost


async def check_restored(server: ServerProcess, before: list[Return], kept: str, lost: str) -> None:
    service = server.service()
    client = service.client(*ALL)
    for ret in before:
        assert await client.returns.GetReturn(pb.GetReturnRequest(name=ret.name)) == ret
    request = pb.ListReturnsRequest(parent="tenants/acme", page_size=1, include_total_size=True)
    listed = await client.returns.ListReturns(request)
    # The ledger is that of the backup: all that is not claimed there can be claimed now, and no unit more.
    left = UNITS - listed.total_size
    with refused("QUANTITY_EXCEEDS_RETURNABLE"):
        await client.returns.CreateReturn(create(("o1", "1", left + 1)))
    await client.returns.CreateReturn(create(("o1", "1", left - 50)))
    with refused("CURSOR_EXPIRED") as caught:
        async with streaming(client, after_cursor=lost) as stream:
            await stream.read()
    # Also once the log has grown over the place that the cursor names: another event stands there.
    for _ in range(50):
        await client.returns.CreateReturn(create(("o1", "1", 1)))
    with refused("CURSOR_EXPIRED"):
        async with streaming(client, after_cursor=lost) as stream:
            await stream.read()
    async with streaming(client, after_cursor=caught[0].metadata["earliest_cursor"]) as stream:
        await stream.until_caught_up()
        assert stream.sequences == list(range(1, listed.total_size + 52))
    async with streaming(client, after_cursor=kept) as stream:
        await stream.read()
    await service.close()


@pytest.mark.slow
async def test_a_sqlite_backup_taken_while_serving_is_restored(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.db"

    def back_up() -> None:
        done = command("backup", str(file), RETURNS_DATA_DIR=str(data))
        assert (done.returncode, done.stderr) == (0, "")

    server = ServerProcess(data).start()
    before, kept, lost = await lost_future(server, back_up)
    assert file.stat().st_mode & 0o077 == 0, "others cannot read it"
    refused_ = command("restore", str(file), RETURNS_DATA_DIR=str(data))
    assert (refused_.returncode, "another process serves" in refused_.stderr) == (1, True)
    server.kill()
    done = command("restore", str(file), RETURNS_DATA_DIR=str(data))
    assert (done.returncode, done.stderr) == (0, "")
    assert "restored" in done.stdout
    assert command("verify-log", RETURNS_DATA_DIR=str(data)).stdout.startswith("the books balance")
    with ServerProcess(data) as restored:
        await check_restored(restored, before, kept, lost)
    assert command("verify-log", RETURNS_DATA_DIR=str(data)).stdout.startswith("the books balance")
    # What was there before is still there, whole.
    [replaced] = [path for path in data.glob("*.before-*") if not path.name.endswith(("-wal", "-shm"))]
    (tmp_path / "other").mkdir()
    for path in data.glob("*.before-*"):
        shutil.copy(path, tmp_path / "other" / path.name.replace(replaced.name, DATABASE_FILE))
    checked = command("verify-log", RETURNS_DATA_DIR=str(tmp_path / "other"))
    assert checked.stdout.startswith("the books balance")


@pytest.mark.slow
async def test_a_postgresql_dump_taken_while_serving_is_restored(tmp_path: Path, postgres_shared_url: str) -> None:
    from tests.support.postgres import find_installation

    programs = find_installation(tmp_path).bin
    url, dump = new_database(postgres_shared_url), tmp_path / "returns.dump"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run([programs / program, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    server = ServerProcess(tmp_path / "data", url).start()
    before, kept, lost = await lost_future(
        server, lambda: run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={url}")
    )
    server.kill()
    restored_url = new_database(postgres_shared_url)
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored_url}", str(dump))
    assert command("verify-log", RETURNS_DATABASE_URL=restored_url).stdout.startswith("the books balance")
    with ServerProcess(tmp_path / "data", restored_url) as restored:
        await check_restored(restored, before, kept, lost)
    assert command("verify-log", RETURNS_DATABASE_URL=restored_url).stdout.startswith("the books balance")


def served_once(data: Path) -> Path:
    """A database of the embedded kind."""
    from returns_server.storage import migrations

    migrations.upgrade(data / DATABASE_FILE)
    return data / DATABASE_FILE


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    served_once(tmp_path)
    (tmp_path / "precious").write_text("mine")
    done = command("backup", str(tmp_path / "precious"), RETURNS_DATA_DIR=str(tmp_path))
    assert (done.returncode, "never overwrites" in done.stderr) == (1, True)
    assert (tmp_path / "precious").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == ["precious", DATABASE_FILE]


@pytest.mark.parametrize("content", [b"", b"no database", b"damaged", b"another"], ids=repr)
def test_what_is_no_sound_backup_is_not_restored(tmp_path: Path, content: bytes) -> None:
    database, file = served_once(tmp_path / "data"), tmp_path / "backup.db"
    before = database.read_bytes()
    if content == b"damaged":
        assert command("backup", str(file), RETURNS_DATA_DIR=str(tmp_path / "data")).returncode == 0
        spoiled = bytearray(file.read_bytes())
        spoiled[4096 * 3 : 4096 * 5] = b"\xff" * 8192
        file.write_bytes(spoiled)
    elif content == b"another":
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE mine (a)")
    else:
        file.write_bytes(content)
    done = command("restore", str(file), RETURNS_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert database.read_bytes() == before
    assert not list((tmp_path / "data").glob("*.db.*")), "nothing is left behind"


def test_a_backup_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    database = served_once(tmp_path / "data")
    file = tmp_path / "backup.db"
    assert command("backup", str(file), RETURNS_DATA_DIR=str(database.parent)).returncode == 0
    with closing(sqlite3.connect(file)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    done = command("restore", str(file), RETURNS_DATA_DIR=str(database.parent))
    assert (done.returncode, "which this release does not know" in done.stderr) == (1, True)


def test_a_backup_of_postgresql_names_its_own_tools(tmp_path: Path, postgres_url: str) -> None:
    for verb in ("backup", "restore"):
        done = command(verb, str(tmp_path / "file"), RETURNS_DATABASE_URL=postgres_url)
        assert (done.returncode, "pg_dump" in done.stderr) == (1, True)
