"""Runs a transaction until it is done, or it is clear that it cannot be: as the writer does for commands."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from returns_server.domain.errors import Conflict, StorageUnavailable
from returns_server.storage.database import Database
from returns_server.storage.failures import Conflicting, Unavailable
from returns_server.storage.session import WriteSession

T = TypeVar("T")

LANE = -1
"""The connection of PostgreSQL on which webhooks write, so that no return waits for them."""
_CONFLICT_ATTEMPTS = 6
_CONFLICT_PAUSE_SECONDS = 0.01
_UNAVAILABLE_ATTEMPTS = 3
_UNAVAILABLE_PAUSE_SECONDS = 0.2


async def committed(database: Database, job: Callable[[WriteSession], Awaitable[T]]) -> T:
    """What the job answers once it is durable. It may run several times, each time from the start.

    Raises Conflict, StorageUnavailable.
    """
    conflicts = outages = 0
    while True:
        try:
            return await database.write(job, lane=LANE)
        except Conflicting as error:
            conflicts += 1
            if conflicts >= _CONFLICT_ATTEMPTS:
                raise Conflict from error
            pause = _CONFLICT_PAUSE_SECONDS * conflicts
        except Unavailable as error:
            outages += 1
            if outages >= _UNAVAILABLE_ATTEMPTS:
                raise StorageUnavailable from error
            pause = _UNAVAILABLE_PAUSE_SECONDS * 2**outages
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  (jitter)
