"""A collector of traces: an HTTP server that takes what the service's exporter posts, and reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.receiver import Receiver, receiving


@dataclass(frozen=True)
class Span:
    """A span as it came in."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    seconds: float
    failed: bool
    attributes: dict[str, Any]


class Collector:
    """What came in so far."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.url = receiver.url

    @property
    def spans(self) -> list[Span]:
        return [span for one in list(self._receiver.received) for span in _spans(one.body)]

    @property
    def content(self) -> bytes:
        return b"".join(one.body for one in self._receiver.received)

    async def until(self, condition: Callable[[list[Span]], bool]) -> list[Span]:
        """All spans, as soon as a condition over them holds."""
        await self._receiver.until(lambda: condition(self.spans))
        return self.spans


def _spans(body: bytes) -> list[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        Span(
            span.name,
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
            span.status.code == 2,
            {one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in span.attributes},
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector on a free port of this machine."""
    async with receiving("/v1/traces") as receiver:
        yield Collector(receiver)
