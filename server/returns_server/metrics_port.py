"""The port of the metrics, where the settings ask for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client import CollectorRegistry

from returns_server.addresses import Address, AddressTaken
from returns_server.telemetry.exposition import exposed


@asynccontextmanager
async def metrics_served(address: Address | None, registry: CollectorRegistry) -> AsyncIterator[str | None]:
    """GET /metrics at this address while this is entered; yields where it is. Raises AddressTaken."""
    if address is None:
        yield None
        return
    async with AsyncExitStack() as stack:
        try:
            where = await stack.enter_async_context(exposed(address.host, address.port, registry))
        except OSError as error:
            raise AddressTaken(address) from error
        yield where
