"""Times and spans to microseconds; what is finer is cut off."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from returns_server.domain.ids import Micros
from returns_server.transport.decode.findings import Findings

_LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""
_NANOS = 1_000_000_000


def micros(time: Timestamp, field: str, findings: Findings) -> Micros:
    """A point in time, of the years 1970 to 9999."""
    seconds, nanos = time.seconds, time.nanos
    if not (0 <= seconds <= _LAST_SECOND and 0 <= nanos < _NANOS):
        findings.add(field, "must be a time of the years 1970 to 9999")
        return Micros(0)
    return Micros(seconds * 1_000_000 + nanos // 1_000)


def span(duration: Duration, field: str, findings: Findings) -> Micros:
    """A span that is not negative."""
    seconds, nanos = duration.seconds, duration.nanos
    if not (0 <= seconds <= _LAST_SECOND and 0 <= nanos < _NANOS):
        findings.add(field, "must be a span that is not negative")
        return Micros(0)
    return Micros(seconds * 1_000_000 + nanos // 1_000)
