"""What is on its way to the stream: runs of events, each of which is stored as a whole, right behind what it follows.

A run is what follows in one tenant's log. Its first message says at which position the tenant's last message must stand
(`Nats-Expected-Last-Subject-Sequence`), and the rest comes with it or not at all (JetStream's atomic batches). So
whatever is lost on the way, comes late or comes from another relay, no event is stored but right behind the one before.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from nats.aio.msg import Msg

from returns_server.domain.ids import TenantId
from returns_server.relay.connection import ANSWER_SECONDS, Connection
from returns_server.relay.messages import Message, of_tenant
from returns_server.relay.stream import Stream
from returns_server.relay.troubles import BrokerAway, Moved

MAX_IN_FLIGHT = 8
"""Runs at a time, each of another tenant."""
_WRONG_LAST = 10071
_WRONG_LAST_CONSTANT = 10164
_DUPLICATE = 10201


class _Run(NamedTuple):
    tenant: TenantId
    messages: Sequence[Message]


class Window:
    """Publishes to one stream over one connection; `arrived` hears of what is stored."""

    def __init__(self, connection: Connection, stream: Stream, arrived: Callable[[Sequence[Message]], None]) -> None:
        """Takes an open connection and stream."""
        self._connection = connection
        self._stream = stream
        self._arrived = arrived
        self._waiting: dict[str, _Run] = {}
        self._positions: dict[TenantId, int] = {}
        self.moved: set[TenantId] = set()
        """Tenants of whom a run was not stored, for another message stood there: look at the stream again."""
        self._changed = asyncio.Event()
        self._failure: Exception | None = None
        self._inbox = ""

    async def open(self) -> None:
        """Begin to hear what becomes of runs."""
        self._inbox = await self._connection.listen(self._heard, self._changed.set)

    def check(self) -> None:
        """Raise what went wrong, if anything did: BrokerAway."""
        if self._failure is not None:
            raise self._failure
        if self._connection.broken:
            raise BrokerAway("the connection broke")

    async def put(self, tenant: TenantId, run: Sequence[Message], behind: int | None) -> None:
        """Send on its way what follows in a tenant's log, at least one event, once the run before it is stored.

        `behind` is the position of the tenant's last message (0: none) as the stream said; None: where that run ended.
        Raises Moved where that run was not stored, and what `check` raises.
        """
        await self._until(lambda: len(self._waiting) < MAX_IN_FLIGHT and not self._on_its_way(tenant))
        if tenant in self.moved:
            raise Moved
        position = self._positions[tenant] if behind is None else behind
        key = secrets.token_hex(8)
        self._waiting[key] = _Run(tenant, run)
        for number, message in enumerate(run, start=1):
            headers = message.headers | {"Nats-Expected-Stream": self._stream.name}
            if number == 1:
                headers["Nats-Expected-Last-Subject-Sequence"] = str(position)
                headers["Nats-Expected-Last-Subject-Sequence-Subject"] = of_tenant(self._stream.prefix, tenant)
            if len(run) > 1:
                headers |= {"Nats-Batch-Id": key, "Nats-Batch-Sequence": str(number)}
            reply = ""
            if number == len(run):
                reply = f"{self._inbox}.{key}"
                if len(run) > 1:
                    headers["Nats-Batch-Commit"] = "1"
            await self._connection.publish(message.subject, message.body, reply, headers)

    async def settled(self) -> None:
        """Return when it is known of all that was put whether it is stored; raises what `check` raises."""
        await self._until(lambda: not self._waiting)

    def _on_its_way(self, tenant: TenantId) -> bool:
        return any(run.tenant == tenant for run in self._waiting.values())

    async def _until(self, ready: Callable[[], bool]) -> None:
        self.check()
        while not ready():
            self._changed.clear()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                raise BrokerAway("it does not say what became of messages") from None
            self.check()

    async def _heard(self, answer: Msg) -> None:
        run = self._waiting.pop(answer.subject.rpartition(".")[2], None)
        if run is not None:
            position = _position(answer, len(run.messages))
            if isinstance(position, int):
                self._positions[run.tenant] = position
                self._arrived(run.messages)
            elif isinstance(position, Moved):
                self.moved.add(run.tenant)
            else:
                self._failure = position
        self._changed.set()


def _position(answer: Msg, count: int) -> int | Exception:
    """The position where a run of so many ends that is stored, or why it is not."""
    if not answer.data:
        # A status without a body: nobody has this stream just now.
        return BrokerAway("nobody takes messages for the stream")
    said: dict[str, Any] = json.loads(answer.data)
    error = said.get("error")
    if error is None:
        # A duplicate stands at another place.
        stored = said.get("count", 1) == count and not said.get("duplicate")
        return int(said["seq"]) if stored else Moved()
    if error.get("err_code") in {_WRONG_LAST, _WRONG_LAST_CONSTANT, _DUPLICATE}:
        return Moved()
    return BrokerAway(str(error.get("description", "")))
