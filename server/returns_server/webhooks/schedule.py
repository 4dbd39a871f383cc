"""When a delivery is tried: the schedule that Standard Webhooks recommends, with jitter, ten attempts over 75 hours."""

from __future__ import annotations

from collections.abc import Callable

from returns_server.domain.ids import SECOND, Micros

_MINUTE = 60 * SECOND
_HOUR = 60 * _MINUTE

STEPS: tuple[Micros, ...] = tuple(
    Micros(step)
    for step in (
        0,
        5 * SECOND,
        5 * _MINUTE,
        30 * _MINUTE,
        2 * _HOUR,
        5 * _HOUR,
        10 * _HOUR,
        14 * _HOUR,
        20 * _HOUR,
        24 * _HOUR,
    )
)
"""From one attempt to the next; the first is at once."""
JITTER = 0.2
MAX_RETRY_AFTER = Micros(24 * _HOUR)
"""A receiver may ask for so long a pause, and no longer."""

Chance = Callable[[], float]
"""A number from 0 to below 1."""


def pause_after(attempts: int, chance: Chance) -> Micros | None:
    """How long to wait after so many failed attempts; None after the last one."""
    if attempts >= len(STEPS):
        return None
    return Micros(round(STEPS[attempts] * (1 - JITTER + 2 * JITTER * chance())))
