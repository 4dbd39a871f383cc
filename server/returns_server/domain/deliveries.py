"""The states of an event on its way to a webhook endpoint."""

from __future__ import annotations

from enum import IntEnum


class DeliveryState(IntEnum):
    """Where a delivery stands; numbers are the contract's."""

    PENDING = 1
    HELD = 2
    LEASED = 3
    WAITING = 4
    DELIVERED = 5
    EXHAUSTED = 6
    BLOCKED = 7
    CANCELLED = 8
