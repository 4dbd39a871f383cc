"""The bridge: fan-out, delivery, redelivery jobs and tidying, side by side until it is stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import anyio.lowlevel
import structlog

from returns_server.application.webhooks.endpoints import Endpoint
from returns_server.application.webhooks.ports import Candidate
from returns_server.domain.errors import ReturnsError
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.events.wakeup import Bell, WakeUp
from returns_server.webhooks.delivering import Delivering, Tools
from returns_server.webhooks.fan_out import FanOut, wants
from returns_server.webhooks.matching import Unreadable

_log = structlog.get_logger(__name__)

_PAUSE_AFTER_TROUBLE_SECONDS = 1.0
_JOBS_AT_ONCE = 16
_EVENTS_A_JOB_STEP = 200
_TIDY_ROWS = 500
_TIDY_SECONDS = 60.0
_COUNT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the bridge looks by itself, and how much it keeps; a wake-up makes it look at once."""

    poll_seconds: float = 0.5
    max_in_flight: int = 128
    finish_seconds: float = 10.0
    history: Micros = Micros(30 * 86_400 * SECOND)  # noqa: RUF009  (a number)
    answers_kept: Micros = Micros(86_400 * SECOND)  # noqa: RUF009


class Bridge:
    """One bridge of a process; several may work on one PostgreSQL."""

    def __init__(self, tools: Tools, wake_up: WakeUp, pace: Pace, *, alone: bool) -> None:
        """Takes the tools, what rings when logs grow, and whether no other bridge can work on this database."""
        self._tools = tools
        self._wake_up = wake_up
        self.pace = pace
        self._alone = alone
        self.fan_out = FanOut(tools.store, tools.clock)
        self.delivering = Delivering(tools, pace.max_in_flight)
        self._told: set[Bell] = set()
        # As of the latest look at all logs. An endpoint that another process turned on waits for the next one.
        self._followed: frozenset[TenantId] = frozenset()
        self._jobs = asyncio.Event()

    def wake(self, tenant: TenantId) -> None:
        """A command changed something of a tenant's webhooks: look at once. A hint, as all wake-ups are."""
        self._followed |= {tenant}
        for bell in self._told:
            bell.ring((tenant,))
        self.delivering.wake()
        self._jobs.set()

    async def run(self) -> None:
        """Work until cancelled; then finish the attempts under way."""
        try:
            await self._begin()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follow(), name="webhooks-fan-out")
                tasks.create_task(self._for_ever(self._claim), name="webhooks-claims")
                tasks.create_task(self._for_ever(self.delivering.settling), name="webhooks-results")
                tasks.create_task(self._for_ever(self._work), name="webhooks-jobs")
                tasks.create_task(self._for_ever(self._tidy), name="webhooks-tidying")
                tasks.create_task(self._for_ever(self._count), name="webhooks-counting")
        finally:
            await self.delivering.finish(self.pace.finish_seconds)

    async def _begin(self) -> None:
        """Prepare, and take over at once what a bridge before this one left, where there can be no other."""
        ready = False
        while not ready:
            try:
                await anyio.lowlevel.checkpoint()  # imports what posting needs before anything waits for it
                await self._tools.store.warm(self._tools.clock())
                if self._alone:
                    await self._tools.store.reclaim(self._tools.clock())
                ready = True
            except ReturnsError:
                _log.warning("webhooks: the database is not there yet")
                await asyncio.sleep(_PAUSE_AFTER_TROUBLE_SECONDS)

    async def catch_up(self) -> None:
        """Do all that can be done at this time, and return when nothing is left: for a clock that stands still."""
        while True:
            moved, _ = await self.fan_out.step()
            worked = await self.work()
            claimed = await self.delivering.claim()
            await self.delivering.finish(self.pace.finish_seconds)
            if not (moved or worked or claimed):
                return

    async def work(self) -> bool:
        """One step of each redelivery job; whether there was any."""
        jobs = await self._tools.store.jobs(_JOBS_AT_ONCE)
        for job in jobs:
            await self._tools.store.work(job, self._tools.clock(), _EVENTS_A_JOB_STEP, _wanted)
        return bool(jobs)

    async def tidy(self) -> int:
        """Delete some of what nobody needs any more; how much."""
        now = self._tools.clock()
        before, answers_before = now - self.pace.history, now - self.pace.answers_kept
        return await self._tools.store.tidy(Micros(before), Micros(answers_before), _TIDY_ROWS)

    async def _follow(self) -> None:
        with self._wake_up.listening() as bell, self._heeding(bell):
            hint: frozenset[TenantId] = frozenset()
            looked = 0.0

            async def follow() -> None:
                nonlocal hint, looked
                # However busy some logs are, all are looked at now and then: an endpoint that was turned on rings none.
                everywhere = not hint or time.monotonic() >= looked + self.pace.poll_seconds
                if everywhere:
                    self._followed = await self._tools.store.followed()
                moved, new = await self.fan_out.step(None if everywhere else hint)
                if everywhere:
                    looked = time.monotonic()
                if new:
                    self.delivering.wake()
                if not moved:
                    hint = await self._grown(bell, looked + self.pace.poll_seconds)

            await self._for_ever(follow)

    async def _grown(self, bell: Bell, until: float) -> frozenset[TenantId]:
        """Wait until a log grew that somebody follows, and whose; none where it is time to look at all of them."""
        while (left := until - time.monotonic()) > 0:
            heard = await bell.heard(left)
            if not heard or heard & self._followed:
                return heard & self._followed
        return frozenset()

    @contextmanager
    def _heeding(self, bell: Bell) -> Iterator[None]:
        """Until its end, `wake` rings the bell."""
        self._told.add(bell)
        try:
            yield
        finally:
            self._told.discard(bell)

    async def _claim(self) -> None:
        await self.delivering.claiming(self.pace.poll_seconds)

    async def _work(self) -> None:
        self._jobs.clear()
        if await self.work():
            self.delivering.wake()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * self.pace.poll_seconds):
                await self._jobs.wait()

    async def _tidy(self) -> None:
        if not await self.tidy():
            await asyncio.sleep(_TIDY_SECONDS)

    async def count(self) -> None:
        """Count what waits, for the metrics."""
        self._tools.metrics.waiting(await self._tools.store.backlog(), self._tools.clock())

    async def _count(self) -> None:
        await self.count()
        await asyncio.sleep(_COUNT_SECONDS)

    async def _for_ever(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except ReturnsError as error:
                _log.warning("webhooks: a step has to wait", cause=type(error).__name__)
                await asyncio.sleep(_PAUSE_AFTER_TROUBLE_SECONDS)
            except Exception:  # noqa: BLE001  (a bug that one step met must not end the others)
                _log.exception("webhooks: a step failed and will be tried again")
                await asyncio.sleep(_PAUSE_AFTER_TROUBLE_SECONDS)


def _wanted(tenant: TenantId, endpoint: Endpoint, event: Candidate) -> bool:
    try:
        return wants(tenant, endpoint, event, {})
    except Unreadable:
        return False
