"""The end of work that goes on beside other work until it is told to stop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has ended; raises what it raised instead."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
