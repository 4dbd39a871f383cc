"""Point reads that arrive together, answered by one query.

On PostgreSQL a query costs far more than a row. While one is on its way, those who ask queue up, and the next query
answers them all; nobody waits for a timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key")
Found = TypeVar("Found")

_MOST = 256


class Lookups(Generic[Key, Found]):
    """Finds things by key, as many at once as are asked for."""

    def __init__(self, find: Callable[[Sequence[Key]], Awaitable[dict[Key, Found]]]) -> None:
        """Takes what finds those of several keys that exist."""
        self._find = find
        self._waiting: dict[Key, asyncio.Future[Found | None]] = {}
        self._running: asyncio.Task[None] | None = None

    async def find(self, key: Key) -> Found | None:
        """What stands under the key, or None; raises what the query raises."""
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="lookups")
        # Others may wait for the same answer: who goes away must not take it along.
        return await asyncio.shield(answer)

    async def _run(self) -> None:
        while self._waiting:
            keys = list(self._waiting)[:_MOST]
            # Who asks from here on is answered by the next query, so that nobody reads what was true before.
            answers = {key: self._waiting.pop(key) for key in keys}
            try:
                found = await self._find(keys)
            except Exception as error:  # noqa: BLE001  (all who asked are told)
                for answer in answers.values():
                    answer.set_exception(error)
                    answer.exception()  # whoever asked may be gone; then nobody is left to hear of it
            else:
                for key, answer in answers.items():
                    answer.set_result(found.get(key))
        self._running = None
