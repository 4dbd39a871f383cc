"""Counts and times every call, by method and code."""

from __future__ import annotations

import asyncio
import logging
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any

import structlog
from grpc import StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from returns_server.events.streams import Streams
from returns_server.telemetry.spans import Attributes, Traces, trace_id_of
from returns_server.transport.call import Call
from returns_server.transport.contract import PACKAGE, Method
from returns_server.transport.layers import Handler, Layer

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_BOUNDS = (*(f"{bound:g}" if bound % 1 else f"{bound:.1f}" for bound in _SECONDS), "+Inf")
_LABELS = ("method", "code")
# What a server has to answer for (OpenTelemetry's conventions for gRPC); the other codes are the caller's.
_OURS = frozenset({
    StatusCode.UNKNOWN, StatusCode.DEADLINE_EXCEEDED, StatusCode.UNIMPLEMENTED, StatusCode.INTERNAL,
    StatusCode.UNAVAILABLE, StatusCode.DATA_LOSS,
})  # fmt: skip

_log = structlog.get_logger(__name__)


class _Calls:
    """The calls of one method that ended with one code: how many took how long, by the first bound they kept to."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * len(_BOUNDS)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(_SECONDS, seconds)] += 1
        self.seconds += seconds


class _Metrics(Collector):
    """`returns_grpc_calls_total` and `returns_grpc_call_seconds` of all methods.

    Kept as plain numbers by the one event loop that answers calls: the library's own counters take a lock for each
    number, which costs more than all the rest of a call's measuring.
    """

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str], _Calls] = {}

    def of(self, method: str, code: StatusCode) -> _Calls:
        return self._calls.setdefault((method, code.name), _Calls())

    def collect(self) -> Iterator[Metric]:
        counted = CounterMetricFamily("returns_grpc_calls", "Calls answered.", labels=_LABELS)
        timed = HistogramMetricFamily("returns_grpc_call_seconds", "Time from a call to its answer.", labels=_LABELS)
        for labels, calls in list(self._calls.items()):
            up_to = list(accumulate(calls.buckets))
            counted.add_metric(labels, up_to[-1])
            timed.add_metric(labels, list(zip(_BOUNDS, up_to, strict=True)), calls.seconds)
        yield from (counted, timed)


def count_calls(registry: CollectorRegistry, inside: Callable[[], int]) -> None:
    """Keep `returns_grpc_calls_in_progress` in this registry."""
    gauge = Gauge("returns_grpc_calls_in_progress", "Calls under way, streams among them.", registry=registry)
    gauge.set_function(inside)


def count_streams(registry: CollectorRegistry, streams: Callable[[], Streams]) -> Callable[[float], None]:
    """Keep `returns_streams`, `returns_stream_most_behind_events` and `returns_stream_lag_seconds` in this registry.

    Who calls the answer says how many seconds after their time events were at hand.
    """
    Gauge("returns_streams", "Streams of events that are open.", registry=registry).set_function(
        lambda: streams().count
    )
    Gauge(
        "returns_stream_most_behind_events", "Events that the stream furthest behind has before it.", registry=registry
    ).set_function(lambda: streams().most_behind)
    lag = Histogram(
        "returns_stream_lag_seconds", "From the time of an event to its being at hand for live streams.",
        buckets=_SECONDS, registry=registry,
    )  # fmt: skip
    return lag.observe


def count_refusals(registry: CollectorRegistry, reasons: Iterable[str]) -> Callable[[str, str], None]:
    """Keep `returns_refusals_total` in this registry, for these reasons from the beginning; count with the answer.

    The cause is told where the reason alone does not say whether it is the caller's own limit.
    """
    refusals = Counter(
        "returns_refusals", "Errors answered, by reason; bad orders of an import too.", ("reason", "cause"),
        registry=registry,
    )  # fmt: skip
    for reason in reasons:
        refusals.labels(reason, "")

    def refused(reason: str, cause: str) -> None:
        refusals.labels(reason, cause).inc()

    return refused


def telemetry(registry: CollectorRegistry, traces: Traces | None = None) -> Layer:
    """A layer that keeps `returns_grpc_calls_total` and `returns_grpc_call_seconds` in this registry.

    Where there are `traces` it gives each call a span, and at the log level debug a line in the log; else calls do not
    even pass a question whether they should.
    """
    metrics = _Metrics()
    registry.register(metrics)

    def layer(method: Method, inner: Handler) -> Handler:
        of_code: dict[StatusCode, _Calls] = {}
        answered = metrics.of(method.name, StatusCode.OK)

        def found(code: StatusCode) -> _Calls:
            if code is StatusCode.OK:
                return answered
            if code not in of_code:
                of_code[code] = metrics.of(method.name, code)
            return of_code[code]

        async def measured(request: Any, call: Call) -> Any:
            start = time.perf_counter()
            try:
                return await inner(request, call)
            except asyncio.CancelledError:
                call.code = StatusCode.CANCELLED
                raise
            finally:
                found(call.code).add(time.perf_counter() - start)

        told = _logged(method, measured) if _log.is_enabled_for(logging.DEBUG) else measured
        return told if traces is None else _traced(method, told, traces)

    return layer


def _logged(method: Method, inner: Handler) -> Handler:
    async def logged(request: Any, call: Call) -> Any:
        start = time.perf_counter()
        try:
            return await inner(request, call)
        finally:
            _log.debug(
                "call",
                method=method.name,
                code=call.code.name,
                seconds=round(time.perf_counter() - start, 6),
                call_id=call.id,
                tenant=call.tenant,
                trace_id=trace_id_of(call.trace_parent),
            )

    return logged


def _traced(method: Method, inner: Handler, traces: Traces) -> Handler:
    service, _, name = method.name.partition("/")
    known = {"rpc.system": "grpc", "rpc.service": f"{PACKAGE}.{service}", "rpc.method": name}
    title = f"{PACKAGE}.{method.name}"

    async def traced(request: Any, call: Call) -> Any:
        span = traces.begin(title, "server", call.trace_parent, known)
        call.traced_as(span.trace_parent)
        try:
            return await inner(request, call)
        finally:
            number: int = call.code.value[0]
            found: Attributes = {
                "rpc.grpc.status_code": number,
                "returns.call_id": call.id,
                "returns.tenant": call.tenant,
            }
            span.end(found, failed=call.code in _OURS)

    return traced
