"""The delivery loop: claims what is due, posts it, writes what came of it; HTTP is outside every transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from returns_server.application.webhooks.deliveries import Attempt, Delivery
from returns_server.application.webhooks.ports import BridgeStore, Claimed, Post, Result, Settled
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import SECOND, Micros
from returns_server.telemetry.spans import Traces
from returns_server.webhooks.messages import CannotBeOpened, Messages
from returns_server.webhooks.metrics import Metrics, outcome_of

_log = structlog.get_logger(__name__)

LEASE = Micros(30 * SECOND)
"""Twice the time that an attempt may take. Whoever dies leaves its deliveries to others for so long."""
_MUCH = 32
_GATHERING_RESULTS_SECONDS = 0.01
_GATHERING_ROOM_SECONDS = 0.03
"""A transaction costs as much as three posts: at full load one for every two or three would be most of the work."""
_TURNS_A_POST = 2
"""Of the event loop, between the begin of one post and of the next: those under way get on with theirs."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What delivering takes."""

    store: BridgeStore
    messages: Messages
    post: Post
    clock: Callable[[], Micros]
    metrics: Metrics
    traces: Traces | None = None


class Delivering:
    """Posts what is due, in two loops: one claims, the other writes results. Each has one transaction at a time.

    So the busier the bridge, the more each of them does. Results wait for nothing else that the bridge does: until they
    are committed, a kill makes what arrived come twice.
    """

    def __init__(self, tools: Tools, max_in_flight: int) -> None:
        """Takes the tools, and how many attempts may be under way at a time."""
        self._tools = tools
        self._max_in_flight = max_in_flight
        self._under_way: set[asyncio.Task[None]] = set()
        self._results: list[Result] = []
        self._due = asyncio.Event()
        self._came = asyncio.Event()

    def wake(self) -> None:
        """Something may be due."""
        self._due.set()

    async def claiming(self, poll_seconds: float) -> None:
        """Claim what is due; where nothing is, wait until something may be, at most so long."""
        await self._gathering(_GATHERING_ROOM_SECONDS)
        if await self.claim():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(poll_seconds):
                await self._due.wait()

    async def settling(self) -> None:
        """Wait for results, and write them."""
        await self._came.wait()
        await self._gathering(_GATHERING_RESULTS_SECONDS)
        await self.settle()
        self.wake()

    async def settle(self) -> bool:
        """Write the results there are; whether there were any."""
        results, self._results = self._results, []
        self._came.clear()
        if not results:
            return False
        now = self._tools.clock()
        try:
            settled = await self._tools.store.settle(results, now)
        except BaseException:
            # Their leases still hold: they are written with the next step.
            self._results = [*results, *self._results]
            self._came.set()
            raise
        self._tell(settled, now)
        return True

    async def claim(self) -> bool:
        """Claim what is due and there is room for, and begin to post it; whether there was anything."""
        self._due.clear()
        slots = max(self._max_in_flight - len(self._under_way), 0)
        now = self._tools.clock()
        if not slots:
            return False
        all_claimed = await self._tools.store.claim(now, Micros(now + LEASE), slots)
        for claimed in all_claimed:
            await self._turn_of_answers()
            task = asyncio.create_task(self._deliver(claimed), name="webhook")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return bool(all_claimed)

    async def _gathering(self, seconds: float) -> None:
        """While much is under way, let some more come in for the next transaction."""
        if len(self._under_way) >= _MUCH:
            await asyncio.sleep(seconds)

    async def _turn_of_answers(self) -> None:
        """Let answers that came be read before more is posted: all at once, each would wait for all the others."""
        for _ in range(_TURNS_A_POST):
            await asyncio.sleep(0)

    async def finish(self, timeout_seconds: float) -> None:
        """Wait for the attempts under way, at most so long, and write what came of them."""
        if self._under_way:
            _, late = await asyncio.wait(set(self._under_way), timeout=timeout_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.settle()

    async def _deliver(self, claimed: Claimed) -> None:
        tools, delivery = self._tools, claimed.delivery
        try:
            attempt = await self._posted(claimed)
        except CannotBeOpened:
            _log.error("a secret cannot be opened: is its key still in the settings?", **_named(delivery))
            attempt = Attempt(tools.clock(), Micros(0), error="secret cannot be opened")
        except Exception:  # noqa: BLE001  (a bug met by one delivery must not end the bridge: it fails and is tried again)
            _log.exception("an attempt broke", **_named(delivery))
            attempt = Attempt(tools.clock(), Micros(0), error="internal")
        self._results.append(Result(delivery, attempt))
        self._came.set()
        tools.metrics.attempted(attempt, len(self._under_way) - 1)
        _log.debug("attempt", outcome=outcome_of(attempt), status=attempt.status, **_named(delivery))

    async def _posted(self, claimed: Claimed) -> Attempt:
        """What came of posting a delivery; a span of the event's trace, where that is traced."""
        message, traces = self._tools.messages.of(claimed), self._tools.traces
        if traces is None or not message.trace_parent:
            return await self._tools.post.post(message)
        tenant, endpoint_id, sequence = claimed.delivery.key
        known: dict[str, str | int] = {
            "returns.tenant": tenant, "returns.webhook_endpoint": endpoint_id, "returns.sequence": sequence,
            "returns.event_id": claimed.delivery.event_id, "http.request.method": "POST",
        }  # fmt: skip
        span = traces.begin("webhook attempt", "client", message.trace_parent, known)
        outcome, status = "broken", 0
        try:
            attempt = await self._tools.post.post(replace(message, span=span.trace_parent))
            outcome, status = outcome_of(attempt), attempt.status or 0
            return attempt
        finally:
            answered = {"http.response.status_code": status} if status else {}
            span.end({"returns.outcome": outcome, **answered}, failed=outcome != "2xx")

    def _tell(self, settled: Settled, now: Micros) -> None:
        for delivery in settled.deliveries:
            self._tools.metrics.settled(delivery, now)
            if delivery.state is DeliveryState.EXHAUSTED:
                _log.error("a delivery was given up after its whole schedule", **_named(delivery))
        for tenant, endpoint_id, standing in settled.turned_off:
            self._tools.metrics.turned_off()
            _log.error(
                "an endpoint was turned off; its events wait", tenant=tenant, endpoint=endpoint_id,
                state=standing.state.name,
            )  # fmt: skip


def _named(delivery: Delivery) -> dict[str, object]:
    tenant, endpoint_id, sequence = delivery.key
    return {"tenant": tenant, "endpoint": endpoint_id, "sequence": sequence, "event_id": delivery.event_id}
