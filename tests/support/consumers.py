"""Consumers that follow through whatever happens and remember what they saw, and callers that change returns."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from google.protobuf.field_mask_pb2 import FieldMask

from commerce.returns.v1 import policy_pb2, policy_service_pb2
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.return_pb2 import Return
from tests.support.histories import BY_POLICY, History, Segment
from tests.support.messages import create, feed, line, new_request_id, order, reason
from tests.support.service import Client
from tests.support.streams import EARLIEST, request

QUICK = (
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 100),
    # Channels of one process would share their connections, and so their fate.
    ("grpc.use_local_subchannel_pool", 1),
)
"""Options of a channel that looks for its server again at once."""

GONE = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
    }
)
_ORDERS = 8
_PATIENCE_SECONDS = 60.0


class Consumer:
    """Follows one tenant's events, from one server to the next; what ends a stream is in `endings`."""

    def __init__(self, clients: Sequence[Client], history: History | None = None, **asked: Any) -> None:
        self.history = history or History()
        self.endings: list[str] = []
        self._clients = clients
        self._asked = asked

    async def follow(self) -> None:
        """Go on until cancelled."""
        turn = 0
        while True:
            client = self._clients[turn % len(self._clients)]
            turn += 1
            try:
                await self._stream(client)
            except grpc.aio.AioRpcError as error:
                if error.code() not in GONE:
                    raise
                self.endings.append(error.code().name)
            await asyncio.sleep(0.005)

    async def _stream(self, client: Client) -> None:
        cursor = self.history.cursor
        start: dict[str, Any] = {"after_cursor": cursor} if cursor else {"start": EARLIEST}
        segment = Segment(cursor)
        self.history.segments.append(segment)
        call: Any = client.returns.StreamReturnEvents(request(self.history.tenant, **start, **self._asked))
        try:
            async for message in call:
                segment.messages.append(message)
                if message.WhichOneof("content") == "goodbye":
                    self.endings.append("goodbye")
        finally:
            call.cancel()

    async def reached(self, sequence: int) -> None:
        """Wait until the consumer's place is behind this event."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while self.history.place(self.history.cursor) < sequence:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def following(*consumers: Consumer) -> AsyncIterator[None]:
    """The consumers follow meanwhile; one that fails fails the test."""
    tasks = [asyncio.create_task(consumer.follow()) for consumer in consumers]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Changes:
    """What was acknowledged: names of returns and the versions that they had then."""

    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    over: bool = False

    async def reach(self, count: int) -> None:
        """Wait until so many were acknowledged."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(self.acknowledged) < count:
                await asyncio.sleep(0.002)


async def stock(client: Client, tenant: str = "acme") -> None:
    """Orders with plenty of units, and a policy that approves what says so."""
    orders = [order(f"o{n}", line("1", 1_000_000, 1_000_000), tenant=tenant) for n in range(_ORDERS)]
    await feed(client, *orders, tenant=tenant)
    policy = policy_pb2.ReturnPolicy(name=f"tenants/{tenant}/returnPolicy", auto_approve=f"reason.code={BY_POLICY}")
    await client.policy.UpdateReturnPolicy(policy_service_pb2.UpdateReturnPolicyRequest(return_policy=policy))


async def change(
    clients: Sequence[Client], changes: Changes, chance: random.Random, tenant: str = "acme", pause: float = 0.0
) -> None:
    """File returns and change them, one call after the other, until it is over; what fails is repeated as it was."""
    turn = 0

    async def answered(call: Callable[[Client], Awaitable[Any]]) -> Any:
        nonlocal turn
        while not changes.over:
            turn += 1
            try:
                return await call(clients[turn % len(clients)])
            except grpc.aio.AioRpcError as error:
                if error.code() not in GONE:
                    raise
            await asyncio.sleep(0.01)
        raise _Over

    try:
        while True:
            await _story(answered, changes, chance, tenant)
            await asyncio.sleep(pause)
    except _Over:
        return


class _Over(Exception):
    """No more changes."""


async def _story(
    answered: Callable[[Callable[[Client], Awaitable[Any]]], Awaitable[Any]],
    changes: Changes,
    chance: random.Random,
    tenant: str,
) -> None:
    filing = create(
        (f"o{chance.randrange(_ORDERS)}", "1", chance.randint(1, 2)),
        tenant=tenant,
        code=chance.choice(["DEFECT", "DEFECT", BY_POLICY]),
        request_id=new_request_id(),
    )
    filed: Return = await answered(lambda client: client.returns.CreateReturn(filing, timeout=20))
    name, version = filed.name, filed.version
    changes.acknowledged += [(name, number) for number in range(1, version + 1)]
    verbs = chance.choice([["reject", "reopen"], ["receive", "close"], ["close"], ["update", "delete"], []])
    if filed.state == Return.STATE_PENDING and "receive" in verbs:
        verbs = ["approve", *verbs]
    if filed.state == Return.STATE_APPROVED and "reject" in verbs:
        verbs = ["close", "reopen"]
    for verb in verbs:
        ask = _request(verb, name)
        done = await answered(lambda client, verb=verb, ask=ask: _call(client, verb)(ask, timeout=20))  # type: ignore[misc]
        version = version + 1 if verb == "delete" else done.version
        changes.acknowledged.append((name, version))


def _call(client: Client, verb: str) -> Any:
    methods = {"receive": "RecordReceipt"}
    return getattr(client.returns, methods.get(verb, f"{verb.capitalize()}Return"))


def _request(verb: str, name: str) -> Any:
    given: dict[str, Any] = {"name": name, "request_id": new_request_id()}
    match verb:
        case "reject":
            return pb.RejectReturnRequest(reason=reason(), **given)
        case "receive":
            return pb.RecordReceiptRequest(receipt_id="parcel", **given)
        case "update":
            mask = FieldMask(paths=["reason"])
            return pb.UpdateReturnRequest(draft=create(("o0", "1", 1), code="OTHER").draft, update_mask=mask, **given)
        case _:
            return getattr(pb, f"{verb.capitalize()}ReturnRequest")(**given)


async def whole_log(client: Client, tenant: str = "acme") -> list[ReturnEvent]:
    """All events in the end, by the unary twin."""
    events: list[ReturnEvent] = []
    token = ""
    while True:
        asked = pb.ListReturnEventsRequest(parent=f"tenants/{tenant}", page_size=1_000, page_token=token)
        page = await client.returns.ListReturnEvents(asked)
        events += page.events
        token = page.next_page_token
        if not token:
            return events


def ended(event: ReturnEvent) -> bool:
    """What the filter ENDED selects."""
    return event.type in ("return.closed", "return.deleted") or event.snapshot.reason.code == BY_POLICY


ENDED = f"type=return.closed OR type=return.deleted OR snapshot.reason.code={BY_POLICY}"
EARLY = "return_version<3"


def early(event: ReturnEvent) -> bool:
    """What the filter EARLY selects."""
    return event.return_version < 3
