"""A slow and lossy network in front of a stage: connections are delayed, throttled, and cut again and again."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.proxy import Faults, proxied

_BETWEEN_CUTS_SECONDS = (0.05, 0.5)
_START_SECONDS = 30


@contextmanager
def rough(address: str, seed: int = 1) -> Iterator[str]:
    """The address of such a network that leads to a server; its connections all break within a second."""
    loop = asyncio.new_event_loop()
    # What a proxy that breaks its own connections has to say of them is no news.
    loop.set_exception_handler(lambda _loop, _context: None)
    closing = asyncio.Event()
    started = threading.Event()
    where: list[str] = []

    async def run() -> None:
        chance = random.Random(seed)  # noqa: S311 — the same cuts each time, as far as timing allows
        faults = Faults(delay_seconds=0.01, bytes_per_second=300_000)
        async with proxied(address, faults) as proxy:
            where.append(proxy.address)
            started.set()
            while not closing.is_set():
                try:
                    await asyncio.wait_for(closing.wait(), chance.uniform(*_BETWEEN_CUTS_SECONDS))
                except TimeoutError:
                    proxy.cut_all(chance)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        if not started.wait(_START_SECONDS):
            raise RuntimeError("the proxy did not start")
        yield where[0]
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join()
        loop.close()


def through(context: Path, address: str) -> Path:
    """Lead a runner to another address; answers its context file."""
    told = json.loads(context.read_text(encoding="utf-8"))
    context.write_text(json.dumps(told | {"address": address}, indent=2), encoding="utf-8")
    return context
