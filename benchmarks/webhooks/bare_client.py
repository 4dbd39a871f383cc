"""`python -m benchmarks.webhooks.bare_client URL SECONDS AT_ONCE BYTES`: the bridge's HTTP client with prebuilt posts.

The same library, the same guard in its connection layer, as many requests at a time; no log, no database, no signature.
Says how many a second were answered, and how much processor time each took, in microseconds.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import time

import uvloop

from returns_server.webhooks.egress.addresses import Reach
from returns_server.webhooks.egress.pools import Pools
from returns_server.webhooks.egress.targets import Guard


async def _post(url: str, seconds: float, at_once: int, size: int) -> tuple[float, float]:
    pools = Pools(Guard(Reach(loopback=True)), ssl.create_default_context())
    body = b"x" * size
    headers = [("content-type", "application/json"), ("content-length", str(size)), ("webhook-id", "prebuilt")]
    timeouts = {"connect": 5.0, "read": 15.0, "write": 15.0}
    answered, measuring = 0, False

    async def repeat(number: int, until: float) -> None:
        nonlocal answered
        own = f"{url}{number % 16}"
        while time.monotonic() < until:
            async with pools.posted(own, headers, body, timeouts) as response:
                async for _ in response.aiter_stream():
                    pass
            answered += measuring

    begin = time.monotonic()
    tasks = [asyncio.create_task(repeat(number, begin + 1.0 + seconds)) for number in range(at_once)]
    await asyncio.sleep(1.0)
    measuring, used = True, time.process_time()
    await asyncio.gather(*tasks)
    used = time.process_time() - used
    await pools.close()
    return answered / seconds, used / answered * 1e6


if __name__ == "__main__":
    print(*uvloop.run(_post(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
