"""The one place that reads the time; everything else is given a clock."""

from __future__ import annotations

import time
from collections.abc import Callable

from returns_server.domain.ids import Micros

Clock = Callable[[], Micros]


def system_clock() -> Micros:
    """The time now."""
    return Micros(time.time_ns() // 1_000)
