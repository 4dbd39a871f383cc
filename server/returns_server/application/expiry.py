"""The timer: closes returns whose time is over, on whichever replica holds the lease."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from returns_server.application.commands.returns import ExpireReturn
from returns_server.application.ports import Leases, Reads, Upkeep, Writes
from returns_server.domain.errors import ReturnsError
from returns_server.domain.ids import SECOND, Micros
from returns_server.domain.record import record

_log = structlog.get_logger(__name__)

_PAGE = 200
_FORGET = 1_000
_LEASE = "expiry"


@record
class Stores:
    """What the timer works on."""

    reads: Reads
    writes: Writes
    leases: Leases
    upkeep: Upkeep


class Timer:
    """Runs once an interval; a replica that dies leaves the lease to another after two of them."""

    def __init__(self, stores: Stores, clock: Callable[[], Micros], holder: str, interval: Micros) -> None:
        """Takes the stores, the clock, a name for this replica and the interval."""
        self._stores = stores
        self._clock = clock
        self._holder = holder
        self._interval = interval

    async def run(self) -> None:
        """Tick for ever; a tick that fails is logged and the next one tries again."""
        try:
            while True:
                try:
                    await self.tick()
                except Exception:  # noqa: BLE001  (the next tick may succeed; one that raised must not be the last)
                    _log.exception("expiry failed")
                await asyncio.sleep(self._interval / SECOND)
        finally:
            with suppress(ReturnsError):
                await self._stores.leases.release(_LEASE, self._holder)

    async def tick(self) -> int:
        """Close all that is due now and forget answers that are too old; how many returns were closed."""
        now = self._clock()
        until = Micros(now + 2 * self._interval)
        if not await self._stores.leases.acquire(_LEASE, self._holder, now, until):
            return 0
        closed = 0
        while True:
            due = await self._stores.reads.due(now, _PAGE)
            results = await asyncio.gather(
                *(self._stores.writes.submit(ExpireReturn(tenant, return_id)) for tenant, return_id in due),
                return_exceptions=True,
            )
            failed = [result for result in results if isinstance(result, BaseException)]
            closed += len(due) - len(failed)
            for error in failed:
                reason = error.reason if isinstance(error, ReturnsError) else type(error).__name__
                _log.warning("a return could not be expired", reason=reason)
            if len(due) < _PAGE or failed:
                break
        while await self._stores.upkeep.forget_answers(now, _FORGET) == _FORGET:
            pass
        return closed
