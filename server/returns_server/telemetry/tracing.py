"""Traces, where the settings say who collects them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from returns_server.telemetry.spans import Traces


@asynccontextmanager
async def traced(endpoint: str | None, ratio: float) -> AsyncIterator[Traces | None]:
    """Where spans go while this is entered; None without an endpoint. At the end what is left is sent."""
    if endpoint is None:
        yield None
        return
    from returns_server.telemetry.opentelemetry import OpenTelemetry

    traces = OpenTelemetry(endpoint, ratio)
    try:
        yield traces
    finally:
        await asyncio.to_thread(traces.close)
