"""The consumer of `docs/relay.md` does what the page says, as it stands there."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from tests.support.hooks import everything, filed
from tests.support.nats import STREAM, NatsServer, asked, client_of, stored_until
from tests.support.relays import relay
from tests.support.service import serving

PAGE = Path(__file__).parents[2] / "docs/relay.md"


async def _dealt_with(program: Path, server: NatsServer, last: int) -> list[int]:
    """The sequences that the program prints, up to this one; once all are acknowledged it is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, env={**os.environ, "NATS_URL": server.url}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    found: list[int] = []
    try:
        async with asyncio.timeout(60), client_of(server) as client:
            while not found or found[-1] < last:
                sequence, event_type, _ = (await process.stdout.readline()).decode().split()
                assert event_type == "return.created"
                found.append(int(sequence))
            while (await asked(client, f"CONSUMER.INFO.{STREAM}.warehouse"))["num_ack_pending"]:
                await asyncio.sleep(0.01)
    finally:
        process.kill()
        await process.communicate()
    return found


async def test_the_consumer_of_the_page_goes_on_where_it_was_killed(tmp_path: Path, nats_server: NatsServer) -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    program = tmp_path / "consumer.py"
    program.write_text(code)
    async with serving(tmp_path / "data") as service, relay(tmp_path / "data", None, nats_server):
        await filed(everything(service), 2)
        await stored_until(nats_server, 2)
        assert await _dealt_with(program, nats_server, 2) == [1, 2]
        await filed(everything(service), 2)
        assert await _dealt_with(program, nats_server, 4) == [3, 4]
