"""The process itself: what it costs, which release it is, and how late its event loop comes to things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Never

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

from returns_server.ending import ended

_LOOK_SECONDS = 0.25
_LATENESS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


def about_the_process(registry: CollectorRegistry) -> None:
    """Keep `process_*` (Linux) and `returns_build_info` in this registry."""
    ProcessCollector(registry=registry)
    release = Gauge("returns_build_info", "The release that runs; always 1.", ("version",), registry=registry)
    release.labels(version("returns-server")).set(1)


@asynccontextmanager
async def lag_watched(registry: CollectorRegistry) -> AsyncIterator[None]:
    """Keep `returns_loop_lag_seconds` while this is entered: what every call waits on top of its own work."""
    lag = Histogram(
        "returns_loop_lag_seconds", "How late the event loop comes to what is due.", buckets=_LATENESS,
        registry=registry,
    )  # fmt: skip
    task = asyncio.create_task(_look(lag), name="loop-lag")
    try:
        yield
    finally:
        await ended(task)


async def _look(lag: Histogram) -> Never:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LOOK_SECONDS
        await asyncio.sleep(_LOOK_SECONDS)
        lag.observe(max(loop.time() - due, 0.0))
