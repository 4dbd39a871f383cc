"""Traces as the rest of the program sees them: spans that begin and end, within the trace that a caller began.

A `trace_parent` names a span (W3C Trace Context): it came with a call, travels with its event, and goes out with every
message about it. `opentelemetry.py` has the only real one; where nobody collects traces there is none at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

Kind = Literal["server", "internal", "producer", "client"]
Attributes = Mapping[str, str | int | float]
"""Identifiers and numbers only: never a name, an address, a token or what somebody wrote."""


class Span(Protocol):
    """Work under way."""

    @property
    def trace_parent(self) -> str:
        """The span's own name, for what is done within it, here or elsewhere."""

    def end(self, attributes: Attributes, *, failed: bool = False) -> None:
        """The work ended, and what is known of it now."""


class Traces(Protocol):
    """Where spans go."""

    def begin(self, name: str, kind: Kind, trace_parent: str, attributes: Attributes) -> Span:
        """A span within that one; with none a trace of its own, if it is chosen."""

    def record(
        self, name: str, kind: Kind, trace_parent: str, seconds_ago: tuple[float, float], attributes: Attributes
    ) -> None:
        """A span that began and ended so many seconds ago, within one that is traced; else nothing."""


def trace_id_of(trace_parent: str) -> str:
    """The trace that a span is part of; empty for none."""
    return trace_parent[3:35]
