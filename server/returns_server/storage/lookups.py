"""Point reads that arrive together, answered by one query.

On PostgreSQL a query costs far more than a row. While one is on its way, those who ask queue up, and the next query
answers them all; nobody waits for a timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key")
Found = TypeVar("Found")

_MOST = 256


class Lookups(Generic[Key, Found]):
    """Finds things by key, as many at once as are asked for."""

    def __init__(self, find: Callable[[Sequence[Key]], Awaitable[dict[Key, Found]]]) -> None:
        """Takes what finds those of several keys that exist."""
        self._find = find
        self._waiting: dict[Key, list[asyncio.Future[Found | None]]] = {}
        self._running: asyncio.Task[None] | None = None

    async def find(self, key: Key) -> Found | None:
        """What stands under the key, or None; raises what the query raises."""
        answer: asyncio.Future[Found | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(answer)
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="lookups")
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            keys = list(islice(self._waiting, _MOST))
            # Who asks from here on is answered by the next query, so that nobody reads what was true before.
            asked = {key: self._waiting.pop(key) for key in keys}
            try:
                found = await self._find(keys)
            except Exception as error:  # noqa: BLE001  (all who asked are told)
                for answer in _left(asked.values()):
                    answer.set_exception(error)
            else:
                for key, answers in asked.items():
                    row = found.get(key)
                    for answer in _left((answers,)):
                        answer.set_result(row)
        self._running = None


def _left(
    asked: Iterable[list[asyncio.Future[Found | None]]],
) -> Iterator[asyncio.Future[Found | None]]:
    """Those who still wait: some may have gone away."""
    return (answer for answers in asked for answer in answers if not answer.done())
