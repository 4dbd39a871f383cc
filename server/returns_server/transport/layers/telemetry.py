"""Counts and times every call, by method and code."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from grpc import StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from returns_server.transport.call import Call
from returns_server.transport.contract import Method
from returns_server.transport.layers import Handler, Layer

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def count_streams(registry: CollectorRegistry, count: Callable[[], int]) -> None:
    """Keep `returns_streams`, the number of open streams of events, in this registry."""
    Gauge("returns_streams", "Streams of events that are open.", registry=registry).set_function(count)


def telemetry(registry: CollectorRegistry) -> Layer:
    """A layer that keeps `returns_grpc_calls_total` and `returns_grpc_call_seconds` in this registry."""
    calls = Counter("returns_grpc_calls", "Calls answered.", ("method", "code"), registry=registry)
    seconds = Histogram(
        "returns_grpc_call_seconds", "Time from a call to its answer.", ("method", "code"), buckets=_SECONDS,
        registry=registry,
    )  # fmt: skip

    def layer(method: Method, inner: Handler) -> Handler:
        # Finding a labelled child takes longer than counting: each is looked up once.
        known: dict[StatusCode, tuple[Counter, Histogram]] = {}

        async def measured(request: Any, call: Call) -> Any:
            start = time.perf_counter()
            try:
                return await inner(request, call)
            except asyncio.CancelledError:
                call.code = StatusCode.CANCELLED
                raise
            finally:
                if call.code not in known:
                    labels = (method.name, call.code.name)
                    known[call.code] = (calls.labels(*labels), seconds.labels(*labels))
                counter, histogram = known[call.code]
                counter.inc()
                histogram.observe(time.perf_counter() - start)

        return measured

    return layer
