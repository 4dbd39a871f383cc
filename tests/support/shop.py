"""A shop's own program: callers with the shipped client that file, change and read returns, and followers of events.

Every call is made once: what has to be repeated is the client's business. A call that fails is noted, and fails a test.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from commerce.returns.v1 import policy_pb2
from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest
from returns_client import AsyncReturnsClient
from returns_client.exceptions import ReturnNotFound, ReturnsError
from tests.support.histories import BY_POLICY
from tests.support.messages import draft, line, order, reason

EARLIEST = StreamReturnEventsRequest.START_EARLIEST
_ORDERS = 8
_PATIENCE_SECONDS = 60.0


@dataclass
class Shop:
    """What its callers were told: changes as (name, version), how many calls, and the calls that failed."""

    changes: list[tuple[str, int]] = field(default_factory=list)
    upserts: int = 0
    reads: int = 0
    failures: list[str] = field(default_factory=list)
    over: bool = False

    async def reach(self, more: int) -> None:
        """Wait until so many more changes were acknowledged; a failed call is enough to fail."""
        count = len(self.changes) + more
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(self.changes) < count and not self.failures:
                await asyncio.sleep(0.01)
        assert not self.failures, self.failures

    async def sell(self, client: AsyncReturnsClient) -> None:
        """Feed the orders, and approve what a reason code says."""
        for number in range(_ORDERS):
            await client.orders.upsert(order(f"o{number}", line("1", 10_000_000, 10_000_000)))
        await client.policy.update(policy_pb2.ReturnPolicy(auto_approve=f"reason.code={BY_POLICY}"))

    async def change(self, client: AsyncReturnsClient, chance: random.Random, pause: float = 0.0) -> None:
        """File returns and take each a part of the way, or all of it."""
        while not self.over:
            code = chance.choice(["DEFECT", "DEFECT", BY_POLICY])
            filed = await client.returns.create(draft((f"o{chance.randrange(_ORDERS)}", "1", 1), code=code))
            self.changes += [(filed.name, version) for version in range(1, filed.version + 1)]
            await self._further(client, filed, chance)
            await asyncio.sleep(pause)

    async def _further(self, client: AsyncReturnsClient, filed: Return, chance: random.Random) -> None:
        name, calls = filed.name, client.returns
        pending = filed.state == Return.STATE_PENDING
        match chance.randrange(5):
            case 0 if pending:
                self._changed(await calls.reject(name, reason(), etag=filed.etag))
                self._changed(await calls.reopen(name))
            case 1:
                approved = await calls.approve(name) if pending else filed
                if pending:
                    self._changed(approved)
                self._changed(await calls.record_receipt(name, "parcel", etag=approved.etag))
                self._changed(await calls.close(name))
            case 2 if pending:
                self._changed(await calls.update(name, draft(code="OTHER"), update_mask="reason", etag=filed.etag))
            case 3:
                await calls.delete(name, etag=filed.etag)
                self.changes.append((name, filed.version + 1))
            case _:
                self._changed(await calls.close(name, etag=filed.etag))

    def _changed(self, now: Return) -> None:
        self.changes.append((now.name, now.version))

    async def read(self, client: AsyncReturnsClient, pause: float = 0.0) -> None:
        """List, get what the list shows, and walk on a page; no replica answers from the past."""
        while not self.over:
            listed = client.returns.list(page_size=5)
            pages = 0
            async for page in listed.pages():
                for shown in page.returns[:1]:
                    with suppress(ReturnNotFound):  # deleted meanwhile
                        found = await client.returns.get(shown.name)
                        assert found.version >= shown.version, "a replica answered from the past"
                pages += 1
                self.reads += 2
                if pages == 2:
                    break
            await asyncio.sleep(pause)

    async def import_orders(self, client: AsyncReturnsClient, pause: float = 0.0) -> None:
        """Store orders and read them."""
        while not self.over:
            self.upserts += 1
            stored = await client.orders.upsert(order(f"more{self.upserts}", line("1", 3, 300)))
            assert (await client.orders.get(stored.name)).etag == stored.etag
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def at_work(self, *callers: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """All of these at once; in the end they finish what they began, and no call has failed."""
        tasks = [asyncio.create_task(self._noting(caller)) for caller in callers]
        try:
            yield
        finally:
            self.over = True
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await asyncio.gather(*tasks)
        assert not self.failures, self.failures

    async def _noting(self, caller: Coroutine[Any, Any, None]) -> None:
        try:
            await caller
        except ReturnsError as error:
            self.failures.append(f"{time.strftime('%X')} {caller.__name__}: {type(error).__name__}: {error}")


class Follower:
    """Follows with the client from the beginning on and keeps what it handled."""

    def __init__(self, client: AsyncReturnsClient) -> None:
        self.events: list[ReturnEvent] = []
        self.pauses: list[str] = []
        self._stream = client.events.follow(start=EARLIEST, heartbeat_seconds=1, on_pause=self.pauses.append)

    async def follow(self) -> None:
        """Until it is closed."""
        async for event in self._stream:
            self.events.append(event)

    async def close(self) -> None:
        """No more."""
        await self._stream.aclose()

    async def reached(self, sequence: int) -> None:
        """Wait until this event was handled."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not self.events or self.events[-1].sequence < sequence:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def followed(*followers: Follower) -> AsyncIterator[None]:
    """They follow meanwhile; one that fails fails the test."""
    tasks = [asyncio.create_task(follower.follow()) for follower in followers]
    try:
        yield
    finally:
        for follower in followers:
            await follower.close()
        await asyncio.gather(*tasks)


async def check_effects(shop: Shop, client: AsyncReturnsClient, followers: Sequence[Follower]) -> None:
    """Each change that was acknowledged has one event, nothing else has any, and followers had all of them in order."""
    log = [event async for event in client.events.list(page_size=1_000)]
    assert [event.sequence for event in log] == list(range(1, len(log) + 1))
    assert sorted((event.return_name, event.return_version) for event in log) == sorted(shop.changes)
    for follower in followers:
        await follower.reached(len(log))
        assert follower.events == log
