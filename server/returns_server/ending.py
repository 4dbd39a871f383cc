"""The end of work that goes on beside other work until it is told to stop."""

from __future__ import annotations

import asyncio
from typing import Any


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has ended; raises what it raised instead."""
    task.cancel()
    await asyncio.wait((task,))  # to await the task itself would take for its end that whoever waits is cancelled
    if not task.cancelled():
        task.result()
