"""PostgreSQL in trouble: the right reason, recovery alone, nothing acknowledged lost, and the stream goes on."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import grpc.aio
import psycopg
import pytest
from psycopg import sql

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.storage.schema import metadata
from tests.support.consumers import QUICK, Changes, Consumer, change, following, stock, whole_log
from tests.support.histories import check_all
from tests.support.messages import create, new_request_id
from tests.support.people import balanced_at
from tests.support.postgres import PostgresServer
from tests.support.process import ServerProcess
from tests.support.service import ALL, Client, refusal_of
from tests.support.standby import promote, standby_of

CALLERS = 4
_PATIENCE_SECONDS = 120.0
_TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass
class Load:
    """Callers that change returns and repeat what fails, a follower, and a prober that notes how calls fail."""

    client: Client
    changes: Changes
    consumer: Consumer
    reasons: set[tuple[grpc.StatusCode, str]] = field(default_factory=set)

    async def probe(self) -> None:
        """Read and write until it is over, each by itself; note every reason."""
        returns = self.client.returns
        name = (await returns.CreateReturn(create(("o0", "1", 1)))).name
        await asyncio.gather(
            self._again(lambda: returns.GetReturn(pb.GetReturnRequest(name=name), timeout=90)),
            self._again(
                lambda: returns.ListReturns(pb.ListReturnsRequest(parent="tenants/acme", page_size=1), timeout=90)
            ),
            self._again(lambda: returns.CreateReturn(create(("o0", "1", 1), request_id=new_request_id()), timeout=90)),
        )

    async def _again(self, call: Callable[[], Awaitable[object]]) -> None:
        while not self.changes.over:
            try:
                await call()
            except grpc.aio.AioRpcError as error:
                refusal = refusal_of(error)
                self.reasons.add((refusal.code, refusal.reason))
            await asyncio.sleep(0.02)

    async def failing(self, reason: str) -> None:
        """Wait until calls fail for this reason."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while reason not in {told for _, told in self.reasons}:
                await asyncio.sleep(0.02)

    async def going_on(self, changes: int = 20) -> None:
        """Wait until so many more changes were acknowledged, and the follower has them."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            count = len(self.changes.acknowledged) + changes
            while len(self.changes.acknowledged) < count:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def loaded(tmp_path: Path, url: str) -> AsyncIterator[Load]:
    """A server under load; in the end everything acknowledged must be there once, in order, and the books balance."""
    with ServerProcess(tmp_path / "data", url) as server:
        service = server.service()
        service.options = QUICK
        client = service.client(*ALL, ttl_seconds=86_400)
        await stock(client)
        load = Load(client, Changes(), Consumer([client]))
        chance = random.Random(5)
        callers = [
            asyncio.create_task(change([client], load.changes, random.Random(chance.random()))) for _ in range(CALLERS)
        ]
        async with following(load.consumer):
            probing = asyncio.create_task(load.probe())
            await load.going_on()
            yield load
            await load.going_on()
            load.changes.over = True
            await asyncio.gather(*callers, probing)
            log = await whole_log(client)
            await load.consumer.reached(len(log))
        check_all([load.consumer.history], log, load.changes.acknowledged)
        await service.close()


UNAVAILABLE = (grpc.StatusCode.UNAVAILABLE, "STORAGE_UNAVAILABLE")
CONFLICT = (grpc.StatusCode.ABORTED, "CONFLICT")
OVERLOADED = (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")


async def test_connections_that_are_killed_again_and_again_are_renewed(tmp_path: Path, postgres_url: str) -> None:
    name = postgres_url.rpartition("/")[2]
    async with loaded(tmp_path, postgres_url) as load:
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            for _ in range(12):
                admin.execute(_TERMINATE, (name,))
                await load.going_on(5)
    assert load.reasons <= {UNAVAILABLE}
    await balanced_at(postgres_url)


async def test_a_failover_to_a_standby_loses_nothing_that_was_acknowledged(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """Two addresses in the URL, a standby that commits wait for; the primary dies without a word."""
    with standby_of(postgres_server) as standby:
        database = postgres_server.new_database().rpartition("/")[2]
        hosts = f"127.0.0.1:{postgres_server.port},127.0.0.1:{standby.port}"
        url = f"postgresql://postgres@{hosts}/{database}?target_session_attrs=read-write"
        async with loaded(tmp_path, url) as load:
            await asyncio.to_thread(postgres_server.stop, "crash")
            await load.failing("STORAGE_UNAVAILABLE")
            await asyncio.to_thread(promote, standby)
            await load.going_on(40)
        assert load.reasons <= {UNAVAILABLE}
        await balanced_at(standby.url(database))


async def test_a_table_that_somebody_locks_is_waited_for_and_told(tmp_path: Path, postgres_url: str) -> None:
    async with loaded(tmp_path, postgres_url) as load:
        with psycopg.connect(postgres_url) as admin:
            admin.execute("LOCK TABLE returns IN ACCESS EXCLUSIVE MODE")
            await load.failing("CONFLICT")
            admin.rollback()
        await load.going_on()
    assert load.reasons <= {UNAVAILABLE, CONFLICT, OVERLOADED}
    await balanced_at(postgres_url)


async def test_a_next_release_may_add_columns_under_servers_of_this_one(tmp_path: Path, postgres_url: str) -> None:
    """Expanding the schema, as the first half of a rolling upgrade does: no call fails for it."""
    async with loaded(tmp_path, postgres_url) as load:
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            for table in metadata.sorted_tables:
                adding = sql.SQL("ALTER TABLE {} ADD COLUMN added_later bigint NOT NULL DEFAULT 0")
                admin.execute(adding.format(sql.Identifier(table.name)))
                await load.going_on(2)
    assert load.reasons == set()
    await balanced_at(postgres_url)


async def test_a_row_that_somebody_locks_holds_up_nobody_else(tmp_path: Path, postgres_url: str) -> None:
    async with loaded(tmp_path, postgres_url) as load:
        held = (await load.client.returns.CreateReturn(create(("o1", "1", 1)))).name
        with psycopg.connect(postgres_url) as admin:
            admin.execute("SELECT 1 FROM returns WHERE return_id = %s FOR UPDATE", (held.rpartition("/")[2],))
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await load.client.returns.ApproveReturn(pb.ApproveReturnRequest(name=held), timeout=60)
            assert refusal_of(caught.value).reason == "CONFLICT"
            await load.going_on()
            admin.rollback()
        assert (await load.client.returns.ApproveReturn(pb.ApproveReturnRequest(name=held))).version == 2
    assert load.reasons == set()


async def test_a_database_that_takes_no_more_connections_is_waited_for(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    admin_url = postgres_server.new_database()
    name = admin_url.rpartition("/")[2]
    url = admin_url.replace("postgres@", "shop@")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE shop LOGIN CONNECTION LIMIT 60")
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO shop").format(sql.Identifier(name)))
        admin.execute("ALTER SCHEMA public OWNER TO shop")
        async with loaded(tmp_path, url) as load:
            admin.execute("ALTER ROLE shop CONNECTION LIMIT 0")
            admin.execute(_TERMINATE, (name,))
            await load.failing("STORAGE_UNAVAILABLE")
            admin.execute("ALTER ROLE shop CONNECTION LIMIT 60")
            await load.going_on()
    assert load.reasons <= {UNAVAILABLE}
    await balanced_at(url)


@contextmanager
def small_disk(directory: Path, megabytes: int) -> Iterator[Path]:
    """A file system of this size; the right to mount one is needed."""
    directory.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(directory)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no right to mount a file system that can be filled: {done.stderr.strip()}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


async def test_a_full_disk_is_told_and_work_goes_on_once_there_is_room(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    with small_disk(postgres_server.directory.with_name(f"{postgres_server.directory.name}-disk"), 40) as disk:
        (disk / "space").mkdir()
        postgres_server._installation.give(disk)
        with psycopg.connect(postgres_server.url(), autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(sql.Literal(str(disk / "space"))))
            admin.execute("CREATE DATABASE filled TEMPLATE template0 TABLESPACE small")
        url = postgres_server.url("filled")
        async with loaded(tmp_path, url) as load:
            ballast = disk / "ballast"
            with ballast.open("wb") as file:
                try:
                    while True:
                        file.write(bytes(1 << 16))
                        file.flush()
                except OSError:
                    pass
            await load.failing("STORAGE_UNAVAILABLE")
            ballast.unlink()
            await load.going_on()
        assert load.reasons <= {UNAVAILABLE}
        await balanced_at(url)
        with psycopg.connect(postgres_server.url(), autocommit=True) as admin:
            admin.execute("DROP DATABASE filled WITH (FORCE)")
            admin.execute("DROP TABLESPACE small")
