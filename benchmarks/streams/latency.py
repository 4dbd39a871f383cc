"""How late an event is: from when the change was decided, and from when its caller was answered, to its arrival."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc.aio

from benchmarks.calls import creates
from benchmarks.servers import Server
from benchmarks.streams.prebuilt import latest
from commerce.returns.v1.returns_service_pb2 import CreateReturnRequest
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub

_CALLERS = 2
_PAUSE_SECONDS = 0.02
_PATIENCE_SECONDS = 30.0


@dataclass
class Lateness:
    """Seconds, one an event. `decided`: since the event's own time, so that it holds the commit too; `answered`: since
    the caller had the answer, which may come after the event does (then 0).
    """

    decided: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


def percentile(values: list[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[(len(ordered) * percent + 99) // 100 - 1]


def measure(writes: Server, streams: Server, returns: int, changes: int, chance: random.Random) -> Lateness:
    """File returns on one server, a few at a time with pauses, and follow them on the same or on another one."""
    return asyncio.run(_measure(writes, streams, returns, changes, chance))


async def _measure(writes: Server, streams: Server, returns: int, changes: int, chance: random.Random) -> Lateness:
    requests = [CreateReturnRequest.FromString(one) for one in creates(returns, changes, chance)]
    arrived: dict[str, tuple[float, float]] = {}
    async with grpc.aio.insecure_channel(writes.address) as to, grpc.aio.insecure_channel(streams.address) as of:
        call: Any = ReturnsServiceStub(of).StreamReturnEvents(latest(), metadata=_who(streams))
        await anext(aiter(call))
        following = asyncio.create_task(_follow(call, arrived))
        waiting = list(requests)
        answered: dict[str, float] = {}
        stub: Any = ReturnsServiceStub(to)

        async def caller() -> None:
            while waiting:
                request = waiting.pop()
                request.request_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
                filed = await stub.CreateReturn(request, metadata=_who(writes))
                answered[filed.name] = time.time()
                await asyncio.sleep(_PAUSE_SECONDS * chance.uniform(0.5, 1.5))

        await asyncio.gather(*(caller() for _ in range(_CALLERS)))
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(arrived) < changes:
                await asyncio.sleep(0.01)
        following.cancel()
        call.cancel()
        await asyncio.gather(following, return_exceptions=True)
    return _lateness(arrived, answered)


def _lateness(arrived: Mapping[str, tuple[float, float]], answered: Mapping[str, float]) -> Lateness:
    late = Lateness()
    for name, (at, decided) in arrived.items():
        late.decided.append(at - decided)
        late.answered.append(max(0.0, at - answered[name]))
    return late


async def _follow(call: Any, arrived: dict[str, tuple[float, float]]) -> None:
    async for message in call:
        now = time.time()
        for event in message.batch.events:
            arrived[event.return_name] = (now, event.time.ToMicroseconds() / 1e6)


def _who(server: Server) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {server.token}"),)
