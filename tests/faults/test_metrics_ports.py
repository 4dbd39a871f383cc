"""Every process has its metrics on a port of its own: workers side by side, and a bridge that runs alone."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.messages import create, feed, line, order
from tests.support.ports import lasting_port
from tests.support.process import BridgeProcess, ServerProcess
from tests.support.scraping import exchanged, ports_told, scraped, value
from tests.support.service import ALL

GET = b"GET /metrics HTTP/1.1\r\n\r\n"


async def _serves(address: str) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError):
                if (await exchanged(address, GET))[0].endswith("200 OK"):
                    return
            await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_each_worker_has_its_port_and_gets_it_back(tmp_path: Path, postgres_url: str) -> None:
    first = lasting_port(2)
    addresses = [f"127.0.0.1:{first}", f"127.0.0.1:{first + 1}"]
    server = ServerProcess(
        tmp_path / "data", postgres_url, RETURNS_WORKERS="2", RETURNS_METRICS_LISTEN=addresses[0]
    ).start()
    try:
        service = server.service()
        for client in service.connections(12, *ALL):
            await feed(client, order("1001", line("1", 5, 5_000)))
        await service.client(*ALL).returns.CreateReturn(create(("1001", "1", 1)))
        await service.close()
        workers = [await scraped(address) for address in addresses]
        assert sum(value(one, "returns_writer_batch_commands_sum") for one in workers) == 13
        started = {value(one, "process_start_time_seconds") for one in workers}
        of_processes = [psutil.Process(worker.pid).create_time() for worker in server.workers()]
        assert all(min(abs(one - other) for other in started) < 2 for one in of_processes)

        victim = server.workers()[0]
        victim.send_signal(signal.SIGKILL)
        victim.wait(10)
        for address in addresses:
            await _serves(address)
    finally:
        assert server.stop() == 0


@pytest.mark.timeout(120)
async def test_a_bridge_alone_has_its_metrics(tmp_path: Path, postgres_url: str) -> None:
    bridge = BridgeProcess(tmp_path / "data", postgres_url, RETURNS_METRICS_LISTEN="127.0.0.1:0").start()
    try:
        [address] = ports_told(bridge.log)
        samples = await scraped(address)
        assert value(samples, "returns_webhook_exhausted_total") == 0
        assert "returns_loop_lag_seconds_count" in {name for name, _ in samples}
    finally:
        assert bridge.stop() == 0
