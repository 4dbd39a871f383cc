"""Several workers on one port: they share the work, come back when they die, and end with their parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import grpc
import grpc.aio
import psutil
import pytest

from commerce.returns.v1 import return_pb2, returns_service_pb2
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from tests.support.messages import create, feed, line, new_request_id, order
from tests.support.postgres import PostgresServer
from tests.support.process import ServerProcess
from tests.support.service import ALL, Client
from tests.support.stopping import Callers

WORKERS = 2
CALLERS = 16
# With so many connections it is certain enough that the kernel gives some to each worker.
CONNECTIONS = 24


@pytest.fixture
def server(tmp_path: Path, postgres_url: str) -> ServerProcess:
    """With two workers, not started."""
    return ServerProcess(tmp_path / "data", postgres_url, RETURNS_WORKERS=str(WORKERS))


async def _until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def _connections_by_worker(server: ServerProcess) -> Counter[int]:
    port = int(server.address.rpartition(":")[2])
    return Counter(
        worker.pid
        for worker in server.workers()
        for one in worker.net_connections("tcp")
        if one.laddr.port == port and one.status == psutil.CONN_ESTABLISHED
    )


async def _stock(client: Client) -> None:
    await feed(client, order("o1", line("1", 1_000_000, 1_000_000)))


async def _total(client: Client) -> int:
    request = returns_service_pb2.ListReturnsRequest(parent="tenants/acme", page_size=1, include_total_size=True)
    return (await client.returns.ListReturns(request)).total_size


async def test_calls_land_on_every_worker_and_all_see_the_same(server: ServerProcess, postgres_url: str) -> None:
    with server:
        service = server.service()
        clients = service.connections(CONNECTIONS, *ALL)
        await _stock(clients[0])
        filed = await asyncio.gather(*(one.returns.CreateReturn(create(("o1", "1", 1))) for one in clients))
        shared = _connections_by_worker(server)
        assert (len(shared), shared.total()) == (WORKERS, CONNECTIONS)
        requests = [returns_service_pb2.GetReturnRequest(name=one.name) for one in reversed(filed)]
        found = await asyncio.gather(*(c.returns.GetReturn(r) for c, r in zip(clients, requests, strict=True)))
        assert found == filed[::-1]
        assert len({one.number for one in filed}) == CONNECTIONS
        await service.close()
    database = await open_for_reading(postgres_url)
    report = await database.read(audit, heavy=True)
    await database.close()
    assert (report.findings, report.events) == ((), CONNECTIONS)


@pytest.mark.slow
async def test_workers_killed_under_load_come_back_and_no_request_has_two_effects(server: ServerProcess) -> None:
    with server:
        service = server.service()
        clients = service.connections(CALLERS, *ALL)
        await _stock(clients[0])
        filed: list[return_pb2.Return] = []
        cut: list[grpc.aio.AioRpcError] = []
        over = asyncio.Event()
        callers = [asyncio.create_task(_file(client, filed, cut, over)) for client in clients]
        await _until(lambda: len(filed) >= 50)
        for victim in server.workers():
            # Some callers must be at this worker; those of a killed one are all at the other for a while.
            await _until(lambda victim=victim: _connections_by_worker(server)[victim.pid])  # type: ignore[misc]
            served = len(server.logged("worker serves"))
            victim.kill()
            before = len(filed)
            await _until(lambda before=before: len(filed) > before + 20)  # type: ignore[misc]
            await _until(lambda served=served: len(server.logged("worker serves")) > served)  # type: ignore[misc]
            # A new connection may land on either.
            for client in service.connections(CONNECTIONS, *ALL):
                await _total(client)
        over.set()
        await asyncio.gather(*callers)
        died = server.logged("worker died")
        assert [(one["how"], one["again_in_seconds"] <= 0.5) for one in died] == [("signal 9 (Killed)", True)] * WORKERS
        assert len(server.workers()) == WORKERS
        # How many are cut off is chance: gRPC itself repeats what a dying worker had not begun.
        assert {error.code() for error in cut} <= {grpc.StatusCode.UNAVAILABLE}
        assert len({one.name for one in filed}) == len(filed) == await _total(clients[0])
        await service.close()
        assert server.stop() == 0


async def _file(
    client: Client, filed: list[return_pb2.Return], cut: list[grpc.aio.AioRpcError], over: asyncio.Event
) -> None:
    """File returns one after the other; a call that is cut off is repeated as it was until it is answered."""
    while not over.is_set():
        request = create(("o1", "1", 1), request_id=new_request_id())
        while True:
            try:
                filed.append(await client.returns.CreateReturn(request, timeout=30, wait_for_ready=True))
                break
            except grpc.aio.AioRpcError as error:
                cut.append(error)


async def test_sigterm_under_load_ends_all_workers_and_every_call_is_answered(server: ServerProcess) -> None:
    server.start()
    service = server.service()
    clients = service.connections(CALLERS, *ALL)
    await _stock(clients[0])
    callers = Callers()
    calling = [asyncio.create_task(callers.file(client)) for client in clients]
    await callers.reach(100)
    workers = server.workers()
    async with callers.stopping():
        assert await asyncio.to_thread(server.stop) == 0
        await asyncio.gather(*calling)
    callers.check()
    assert not any(worker.is_running() for worker in workers)
    await service.close()
    with server:
        service = server.service()
        assert await _total(service.client(*ALL)) == callers.filed
        await service.close()


async def test_workers_end_by_themselves_when_their_parent_is_killed_and_the_port_is_free(
    server: ServerProcess,
) -> None:
    server.start()
    workers, address = server.workers(), server.address
    assert len(workers) == WORKERS
    server.kill()
    await _until(lambda: not any(_lives(worker) for worker in workers))
    server.start(address)
    assert server.address == address
    assert server.stop() == 0


def _lives(worker: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return worker.status() != psutil.STATUS_ZOMBIE
    return False


@pytest.mark.parametrize(("first", "second"), [("2", "2"), ("2", "1"), ("1", "2")])
def test_a_second_server_on_the_port_of_a_running_one_is_refused(
    tmp_path: Path, postgres_url: str, first: str, second: str
) -> None:
    with ServerProcess(tmp_path / "one", postgres_url, RETURNS_WORKERS=first) as server:
        again = ServerProcess(tmp_path / "two", postgres_url, RETURNS_WORKERS=second)
        with pytest.raises(AssertionError, match="cannot be served on: another program has that port") as refused:
            again.start(server.address)
        assert "Traceback" not in str(refused.value)
        assert len(server.workers()) == (WORKERS if first == "2" else 0)


async def test_a_worker_that_cannot_start_again_is_tried_until_it_can(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    url = postgres_server.new_database()
    with ServerProcess(tmp_path / "data", url, RETURNS_WORKERS=str(WORKERS)) as server:
        await asyncio.to_thread(postgres_server.stop, "fast")
        server.workers()[0].kill()
        await _until(lambda: server.logged("worker not started"))
        assert "the database cannot be used" in server.logged("worker not started")[0]["reason"]
        await asyncio.to_thread(postgres_server.start)
        await _until(lambda: len(server.logged("worker serves")) == WORKERS + 1)
        service = server.service()
        clients = service.connections(CONNECTIONS, *ALL)
        await asyncio.gather(*(_total(client) for client in clients))
        assert len(_connections_by_worker(server)) == WORKERS
        await service.close()
        pauses = [one["again_in_seconds"] for one in server.logged("worker died")]
        assert pauses == sorted(pauses)
        assert server.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_while_it_starts_it_leaves_nobody_behind(
    server: ServerProcess, postgres_url: str, number: signal.Signals
) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
    settings = {"RETURNS_DATABASE_URL": postgres_url, "RETURNS_DATA_DIR": str(server.data_dir)}
    command = [sys.executable, "-m", "returns_server", "serve", "--dev", "--workers", "2", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        command, env={**inherited, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as starting:
        parent = psutil.Process(starting.pid)
        while len(workers := parent.children()) < WORKERS:
            assert starting.poll() is None
            time.sleep(0.005)
        starting.send_signal(number)
        out, err = starting.communicate(timeout=60)
    assert (starting.returncode, out, err) == (0, "", "")
    assert not any(_lives(worker) for worker in workers)
