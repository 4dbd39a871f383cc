"""The measurements of streams: catching up, fanning out, and how late live events are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import calls
from benchmarks.databases import POSTGRESQL
from benchmarks.generator import Generator, Load, Streamed, Timing
from benchmarks.machine import alone
from benchmarks.servers import Server, product, stream_server
from benchmarks.stage import Stage, Stored
from benchmarks.stream_server import SERVICE as BARE
from benchmarks.streams import latency, prebuilt
from benchmarks.streams.latency import Lateness

_METHOD = f"{calls.SERVICE}/StreamReturnEvents"
_WRITERS = 8
_MOST_CREATES_A_SECOND = 4_000


@dataclass(frozen=True, slots=True)
class Catch:
    """Catching up from the beginning: the product, the bare server with the same events in as large messages."""

    product: Streamed
    bare: Streamed
    grown_bytes: int

    @property
    def ratio(self) -> float:
        """Of the bare server's events a second."""
        return self.product.event_rate / self.bare.event_rate


@dataclass(frozen=True, slots=True)
class Fan:
    """One writer's events to many live streams; the bare server sends messages of as many events without a pause."""

    product: Streamed
    bare: Streamed

    @property
    def ratio(self) -> float:
        """What the bare server spends on a message, of what the product spends: of its rate with a core to itself."""
        return self.bare.cpu_a_message / self.product.cpu_a_message


@dataclass
class Streams:
    """What was measured, a value a round; by kind of database, lateness also by whether two servers were involved."""

    catches: dict[str, list[Catch]] = field(default_factory=dict)
    fans: dict[str, list[Fan]] = field(default_factory=dict)
    lateness: dict[tuple[str, bool], list[Lateness]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    subscribers: int
    changes: int


class StreamStage:
    """Measures streams of the servers on a stage, and of a second server where the database can have two."""

    def __init__(self, stage: Stage, generator: Generator, scratch: Path, core: int | None, size: Size) -> None:
        self._stage = stage
        self._generator = generator
        self._file = scratch / "prebuilt"
        self._core = core
        self._size = size
        self._chance = random.Random(20_261_126)

    def measure(self, kind: str, returns: int, found: Streams) -> None:
        """One round over one database."""
        stored = self._stage.products[kind, returns]
        found.catches.setdefault(kind, []).append(self._catch(stored))
        found.lateness.setdefault((kind, False), []).append(self._late(stored.server, stored.server, returns))
        if kind == POSTGRESQL:
            with product(stored.database, self._core) as other:
                found.lateness.setdefault((kind, True), []).append(self._late(other, stored.server, returns))
                found.fans.setdefault(kind, []).append(self._fan(other, stored.server, returns))

    def _catch(self, stored: Stored) -> Catch:
        server = stored.server
        before = server.memory_bytes()
        own = self._streams(server.address, _METHOD, prebuilt.earliest().SerializeToString(), 1, server, caught=True)
        grown = server.memory_bytes() - before
        with self._bare(server, own) as bare:
            batches = round(own.messages)
            request = batches.to_bytes(8, "big")
            reference = self._streams(bare.address, f"/{BARE}/Send", request, 1, bare, caught=True)
        return Catch(own, reference, grown)

    def _fan(self, writes: Server, streams: Server, returns: int) -> Fan:
        timing = self._stage.timing
        most = round((timing.warm_seconds + timing.measure_seconds + 2) * _MOST_CREATES_A_SECOND)
        requests = calls.creates(returns, most, self._chance)
        writing = Load(writes.address, f"{calls.SERVICE}/CreateReturn", requests, _WRITERS, 1, writes.token, once=True)
        with self._generator.beside(writing, Timing(timing.warm_seconds, timing.measure_seconds + 1)):
            own = self._streams(
                streams.address, _METHOD, prebuilt.latest().SerializeToString(), self._size.subscribers, streams
            )
        with self._bare(streams, own) as bare:
            reference = self._streams(bare.address, f"/{BARE}/Send", bytes(8), self._size.subscribers, bare)
        return Fan(own, reference)

    def _late(self, writes: Server, streams: Server, returns: int) -> Lateness:
        return latency.measure(writes, streams, returns, self._size.changes, self._chance)

    @contextmanager
    def _bare(self, server: Server, like: Streamed) -> Iterator[Server]:
        """The bare server with messages of as many events as the product sent on average."""
        events = prebuilt.first_events(server)
        prebuilt.write(self._file, events, max(1, min(len(events), round(like.events / like.messages))))
        with ExitStack() as stack:
            yield stack.enter_context(stream_server(self._file, self._core))

    def _streams(
        self, address: str, method: str, request: bytes, streams: int, server: Server, *, caught: bool = False
    ) -> Streamed:
        load = Load(address, method, [request], streams, min(streams, 4), server.token)
        return self._generator.stream(load, self._stage.timing, {"server": alone(server.pid)}, until_caught_up=caught)
