"""More load than a server can take, from the benchmarks' load generator, and what became of the server meanwhile.

Callers who are refused wait before they ask again, as RetryInfo asks them to; the others ask again at once.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from google.protobuf.message import Message

from benchmarks.generator import Generator, Load, Outcome, Timing
from benchmarks.machine import alone
from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.messages import create, feed, line, order
from tests.support.service import ALL, Service

WRITER = {"max_queue": 128, "max_wait_seconds": 0.5}
"""What a server allows its writer, so that this machine can bring it more than that."""

OVERLOADED = "8"
"""RESOURCE_EXHAUSTED, as it travels."""

DEADLINE_EXCEEDED = "4"

_ORDERS = 50
_UNITS = 1_000_000
_CALLERS = 1_200
_CONNECTIONS = 8
_READERS = 8
_PAUSE_SECONDS = 0.5
_SERVICE = "/commerce.returns.v1.ReturnsService"


@dataclass(frozen=True, slots=True)
class Watch:
    """One stretch of the siege: what came of each method, and what the server held of the machine right after."""

    outcomes: Mapping[str, Outcome]
    memory: int
    files: int
    threads: int

    @property
    def accepted(self) -> int:
        """How many returns were filed in all, also before and after the measured time."""
        return self.outcomes["CreateReturn"].statuses.get("0", 0)

    def __str__(self) -> str:
        """In a line, to watch a soak by."""
        parts = []
        for method, outcome in self.outcomes.items():
            statuses = " ".join(f"{status}:{count}" for status, count in sorted(outcome.statuses.items()))
            parts.append(f"{method} {outcome.rate:.0f}/s p99 {outcome.p99 / 1e3:.0f} ms ({statuses})")
        return f"{'; '.join(parts)}; {self.memory / 2**20:.0f} MiB, {self.files} files, {self.threads} threads"


class Siege:
    """Loads a server whose process id is given; `folder` is for what the generator needs."""

    def __init__(self, service: Service, pid: int, folder: Path, callers: int = _CALLERS) -> None:
        self._service = service
        self._callers = callers
        self._process = psutil.Process(pid)
        self._folder = folder
        self._loads: dict[str, tuple[Generator, Load]] = {}
        self.filed = 0

    async def prepare(self) -> None:
        """Feed the orders, file a first return and build the generator."""
        client = self._service.client(*ALL)
        lines = [line(name, _UNITS, _UNITS) for name in ("1", "2", "3")]
        await feed(client, *(order(f"o{i}", *lines) for i in range(_ORDERS)))
        first = await client.returns.CreateReturn(_creation(0))
        self.filed = 1
        generator = await asyncio.to_thread(Generator, self._folder, None)
        asked: dict[str, tuple[Sequence[Message], int, int]] = {
            "CreateReturn": ([_creation(i) for i in range(_ORDERS)], self._callers, _CONNECTIONS),
            "GetReturn": ([pb.GetReturnRequest(name=first.name)], _READERS, 1),
            "ListReturns": ([pb.ListReturnsRequest(parent="tenants/acme", page_size=50)], _READERS, 1),
        }
        token = self._service.token(*ALL, ttl_seconds=86_400)
        for method, (requests, callers, connections) in asked.items():
            folder = self._folder / method
            folder.mkdir()
            load = Load(
                self._service.address, f"{_SERVICE}/{method}", [one.SerializeToString() for one in requests], callers,
                connections, token, refusals=frozenset({OVERLOADED}), pause_seconds=_PAUSE_SECONDS,
            )  # fmt: skip
            self._loads[method] = (generator.working_in(folder), load)

    async def stretch(self, seconds: float) -> Watch:
        """Load the server for so long with all methods at once; raises GeneratorFailed on any other answer than OK
        and OVERLOADED, and on silence.
        """
        timing, parties = Timing(min(1.0, seconds / 4), seconds), {"server": alone(self._process.pid)}
        runs = [asyncio.to_thread(one.run, load, timing, parties) for one, load in self._loads.values()]
        watch = Watch(
            dict(zip(self._loads, await asyncio.gather(*runs), strict=True)),
            self._process.memory_info().rss,
            self._process.num_fds(),
            self._process.num_threads(),
        )
        self.filed += watch.accepted
        return watch

    async def reads(self, callers: int, seconds: float, deadline_seconds: int = 1) -> Outcome:
        """GetReturn alone, from so many callers who wait for so long at most, and then ask again."""
        generator, load = self._loads["GetReturn"]
        allowed = frozenset({OVERLOADED, DEADLINE_EXCEEDED})
        asked = replace(
            load, callers=callers, connections=min(callers, _CONNECTIONS), refusals=allowed, pause_seconds=0.2,
            timeout=f"{deadline_seconds}S",
        )  # fmt: skip
        parties = {"server": alone(self._process.pid)}
        return await asyncio.to_thread(generator.run, asked, Timing(1.0, seconds), parties)

    async def total(self) -> int:
        """How many returns there are."""
        request = pb.ListReturnsRequest(parent="tenants/acme", page_size=1, include_total_size=True)
        return (await self._service.client(*ALL).returns.ListReturns(request, timeout=60)).total_size

    async def file_alone(self, times: int) -> None:
        """File returns one after the other, as somebody does who knows nothing of a siege; each in time."""
        client = self._service.client(*ALL)
        for i in range(times):
            await client.returns.CreateReturn(_creation(i), timeout=5)
            self.filed += 1


def _creation(number: int) -> pb.CreateReturnRequest:
    return create(*((f"o{number % _ORDERS}", name, 1) for name in ("1", "2", "3")))


def growth(values: Sequence[float]) -> float:
    """How much values grew from first to last, by the straight line that fits them best."""
    slope = statistics.linear_regression(range(len(values)), values).slope
    return slope * (len(values) - 1)
