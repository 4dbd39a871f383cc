"""Retention: now and then, on whichever replica holds the lease, logs are made to begin later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from returns_server.application.ports import Leases, Upkeep
from returns_server.domain.errors import ReturnsError
from returns_server.domain.ids import SECOND, Micros, TenantId

_log = structlog.get_logger(__name__)

INTERVAL = Micros(600 * SECOND)
_LEASE = "retention"
_TENANTS_AT_ONCE = 500
_ANSWERS_AT_ONCE = 1_000


class KeptLogs(Protocol):
    """The logs of all tenants, for retention only."""

    async def logs(self, after: str, limit: int) -> Sequence[TenantId]:
        """Tenants that have a log, in order, behind the given one."""

    async def forget_events(self, tenant: TenantId, before: Micros) -> bool:
        """Have a log begin later, at most at the first event of this time; whether there is more to do.

        No event of this time or later is lost, and none of a return that still exists.
        """


class Retention:
    """Keeps events of every tenant for so long; a replica that dies leaves the lease to another."""

    def __init__(
        self, logs: KeptLogs, leases: Leases, upkeep: Upkeep, clock: Callable[[], Micros], holder: str, kept: Micros
    ) -> None:
        """Takes the logs, leases, what forgets answers, the clock, this replica's name, and how long events stay."""
        self._logs = logs
        self._leases = leases
        self._upkeep = upkeep
        self._clock = clock
        self._holder = holder
        self._kept = kept

    async def run(self) -> None:
        """Tick for ever; a tick that fails is logged and the next one tries again."""
        try:
            while True:
                try:
                    await self.tick()
                except Exception:  # noqa: BLE001  (the next tick may succeed; one that raised must not be the last)
                    _log.exception("retention failed")
                await asyncio.sleep(INTERVAL / SECOND)
        finally:
            with suppress(ReturnsError):
                await self._leases.release(_LEASE, self._holder)

    async def tick(self) -> None:
        """Have every log begin where it should by now."""
        now = self._clock()
        if not await self._leases.acquire(_LEASE, self._holder, now, Micros(now + 2 * INTERVAL)):
            return
        # An answer is kept as an event: those that are no longer promised go first.
        while await self._upkeep.forget_answers(now, _ANSWERS_AT_ONCE) == _ANSWERS_AT_ONCE:
            pass
        before = Micros(now - self._kept)
        tenant = ""
        while tenants := await self._logs.logs(tenant, _TENANTS_AT_ONCE):
            for tenant in tenants:
                while await self._logs.forget_events(tenant, before):
                    pass
