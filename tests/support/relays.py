"""Relays within a test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from returns_server.relay_assembly import Relaying, relaying
from returns_server.relay_settings import Nats, Relay
from tests.support.nats import NatsServer
from tests.support.service import settings_for


@asynccontextmanager
async def relay(data_dir: Path, database_url: str | None, server: NatsServer, **of: Any) -> AsyncIterator[Relaying]:
    """A relay at work on this database, to this NATS; the rest are settings of its group."""
    settings = settings_for(data_dir, database_url, nats=Nats(url=(server.url,)), relay=Relay(**of))
    async with relaying(settings) as work:
        yield work


def metric(work: Relaying, name: str, **labels: str) -> float:
    """A sample of a relay's, whose name begins with `returns_relay_`."""
    value = work.registry.get_sample_value(f"returns_relay_{name}", labels)
    assert value is not None, name
    return value


async def until_metric(work: Relaying, name: str, least: float = 1, **labels: str) -> None:
    """Wait until a sample is as large."""
    async with asyncio.timeout(60):
        while metric(work, name, **labels) < least:
            await asyncio.sleep(0.01)
