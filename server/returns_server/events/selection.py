"""What one stream asks for, and what a step along the log brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from returns_server.application.listing import Viewer
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Cursor
from returns_server.events.entry import Batch

BATCH_BYTES = 256 * 1024
"""What a stream holds at most while its reader is slow, but for a single event that is larger."""
MAX_BATCH_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events of a log somebody gets: what the viewer sees, and of that what the filter matches (None: all).

    The filter is asked about events as the viewer sees them.
    """

    tenant: TenantId
    viewer: Viewer
    matches: Callable[[Any], bool] | None = None
    max_events: int = MAX_BATCH_EVENTS

    @property
    def whole(self) -> bool:
        """Whether every event belongs to it."""
        return self.viewer.everything and self.matches is None


@dataclass(frozen=True, slots=True)
class Step:
    """What was found behind a place, the place behind what was looked at, and whether that is all for now."""

    batch: Batch | None
    place: Cursor
    end: bool
