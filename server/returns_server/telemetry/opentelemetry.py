"""Spans for an OpenTelemetry collector, by OTLP over HTTP. Imported only where traces are collected: it is large.

Over HTTP, so that no second gRPC client shares a process with the server. A thread of the SDK's sends what has ended;
what it cannot get rid of is dropped, and nobody waits for it.
"""

from __future__ import annotations

import time
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan

from returns_server.telemetry.spans import Attributes, Kind

_KINDS = {
    "server": SpanKind.SERVER,
    "internal": SpanKind.INTERNAL,
    "producer": SpanKind.PRODUCER,
    "client": SpanKind.CLIENT,
}
_SEND_SECONDS = 5.0
_BETWEEN_MILLIS = 1_000
_FAILED = Status(StatusCode.ERROR)


class OpenTelemetry:
    """See the port `Traces`."""

    def __init__(self, endpoint: str, ratio: float) -> None:
        """Takes the URL that spans are posted to, and which part of the calls without a trace get one."""
        resource = Resource.create({"service.name": "returns-server", "service.version": version("returns-server")})
        self._provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(ratio),
            resource=resource,
            span_limits=SpanLimits(max_attribute_length=256),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=_SEND_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_BETWEEN_MILLIS))
        self._tracer = self._provider.get_tracer("returns_server")

    def begin(self, name: str, kind: Kind, trace_parent: str, attributes: Attributes) -> _Begun:
        """A span within that one; with none a trace of its own, if it is chosen."""
        context = set_span_in_context(NonRecordingSpan(_named(trace_parent))) if trace_parent else None
        # Without a parent there is none: nothing here ever makes a span the current one.
        return _Begun(self._tracer.start_span(name, context, _KINDS[kind], attributes))

    def record(
        self, name: str, kind: Kind, trace_parent: str, seconds_ago: tuple[float, float], attributes: Attributes
    ) -> None:
        """A span that began and ended so many seconds ago, within one that is traced; else nothing."""
        if not trace_parent:
            return
        parent = _named(trace_parent)
        if not parent.trace_flags.sampled:
            return
        now = time.time_ns()
        began, ended = (now - round(seconds * 1e9) for seconds in seconds_ago)
        context = set_span_in_context(NonRecordingSpan(parent))
        span = self._tracer.start_span(name, context, _KINDS[kind], attributes, start_time=began)
        span.end(ended)

    def close(self) -> None:
        """Send what is left, in bounded time."""
        self._provider.shutdown()


class _Begun:
    """See the port `Span`."""

    __slots__ = ("_span",)

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    @property
    def trace_parent(self) -> str:
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def end(self, attributes: Attributes, *, failed: bool = False) -> None:
        if self._span.is_recording():
            self._span.set_attributes(attributes)
            if failed:
                self._span.set_status(_FAILED)
        self._span.end()


def _named(trace_parent: str) -> SpanContext:
    """The span that a well-formed name names: only such ones are let in."""
    _, trace_id, span_id, flags = trace_parent.split("-", 3)
    sampled = TraceFlags(int(flags[:2], 16) & TraceFlags.SAMPLED)
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=sampled)
