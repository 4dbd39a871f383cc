"""The consumer of `docs/relay.md` does what the page says, as it stands there."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from tests.support.hooks import everything, filed
from tests.support.nats import NatsServer, stored_until
from tests.support.relays import relay
from tests.support.service import serving

PAGE = Path(__file__).parents[2] / "docs/relay.md"


async def _lines(program: Path, server: NatsServer, count: int) -> list[str]:
    """What the program prints first; then it is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, env={**os.environ, "NATS_URL": server.url}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            return [(await process.stdout.readline()).decode().rpartition(" ")[0] for _ in range(count)]
    finally:
        process.kill()
        await process.communicate()


async def test_the_consumer_of_the_page_goes_on_where_it_was_killed(tmp_path: Path, nats_server: NatsServer) -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    program = tmp_path / "consumer.py"
    program.write_text(code)
    async with serving(tmp_path / "data") as service, relay(tmp_path / "data", None, nats_server):
        await filed(everything(service), 3)
        await stored_until(nats_server, 3)
        assert await _lines(program, nats_server, 2) == ["1 return.created", "2 return.created"]
        await filed(everything(service), 2)
        # The second was printed, and perhaps acknowledged.
        *_, before, last = await _lines(program, nats_server, 3)
        assert int(before.split()[0]) + 1 == int(last.split()[0])
        assert int(last.split()[0]) in {4, 5}
