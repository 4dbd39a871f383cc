"""The measurements of webhooks: a backlog that drains, beside the bare client; how soon an event is posted."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import grpc
import psutil

from benchmarks import calls
from benchmarks.databases import POSTGRESQL, Databases
from benchmarks.machine import Meter, Pinning, Reading, Tree, alone, family, on_core
from benchmarks.seed.shop import TENANT
from benchmarks.servers import Server, ServerFailed, product, running
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from commerce.returns.v1.webhooks_service_pb2 import (
    CreateWebhookEndpointRequest,
    DeleteWebhookEndpointRequest,
    EnableWebhookEndpointRequest,
    ListWebhookDeliveriesRequest,
)
from commerce.returns.v1.webhooks_service_pb2_grpc import WebhooksServiceStub

AT_ONCE = 128
ENDPOINTS = 16
_BODY_BYTES = 2_048
_DRAIN_SECONDS = 1_200.0
_WARM = 0.1
"""Memory is compared from here on: what a process takes once is taken by then."""


@dataclass(frozen=True, slots=True)
class Drain:
    """A backlog on its way: deliveries a second over it all, in its slowest and fastest tenth of the time, and memory.

    Processor times are seconds for each delivery. `grown_bytes` is from a tenth of the backlog to its end.
    """

    deliveries: int
    rate: float
    slowest: float
    fastest: float
    bare_rate: float
    grown_bytes: int
    cpu: float
    bare_cpu: float
    postgresql_cpu: float

    @property
    def ratio(self) -> float:
        """Of what the same HTTP client does with nothing behind it."""
        return self.rate / self.bare_rate

    @property
    def cpu_ratio(self) -> float:
        """What a post takes with nothing behind it, of what a delivery takes of the bridge's process."""
        return self.bare_cpu / self.cpu


@dataclass
class Hooks:
    """What was measured, a value a round, by kind of database."""

    drains: dict[str, list[Drain]] = field(default_factory=dict)
    first_attempts: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds from an event's time, before its commit, to the begin of its first attempt: medians."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much is measured: deliveries that wait, of a seed of `returns`, and changes that are posted as they come."""

    deliveries: int
    changes: int

    @property
    def returns(self) -> int:
        """Each has one event, which goes to every endpoint."""
        return -(-self.deliveries // ENDPOINTS)


class HookStage:
    """Measures the bridge of a server of its own for each round, over a new copy of a seed."""

    def __init__(self, databases: Databases, pinning: Pinning, backlog: Backlog, bare_seconds: float) -> None:
        self._databases = databases
        self._pinning = pinning
        self._backlog = backlog
        self._bare_seconds = bare_seconds
        self._chance = random.Random(20_261_127)

    def measure(self, kind: str, found: Hooks) -> None:
        """One round over one kind of database."""
        database = self._databases.copy(kind, self._backlog.returns)
        receiver = [sys.executable, "-m", "benchmarks.webhooks.receiver"]
        with (
            running(receiver, {}, "receiver ready: ", self._pinning.load) as (at, _, _),
            product(database, self._pinning.server) as server,
        ):
            found.drains.setdefault(kind, []).append(self._drain(kind, server, at))
            found.first_attempts.setdefault(kind, []).append(self._soon(server, at))

    def _drain(self, kind: str, server: Server, receiver: str) -> Drain:
        bare_rate, bare_cpu = self._bare(receiver)
        begin_count, wanted = _taken(receiver), self._backlog.returns * ENDPOINTS
        process = psutil.Process(server.pid)
        meter = Meter(self._parties(kind, server))
        with _hooked(server, receiver, ENDPOINTS) as (stub, endpoints):
            for endpoint in endpoints:
                request = EnableWebhookEndpointRequest(name=endpoint.name)
                request.resume_from.FromSeconds(1)
                stub.EnableWebhookEndpoint(request)
            begin, warm = meter.read(), 0
            marks = [(begin.at, _taken(receiver) - begin_count)]
            while marks[-1][1] < wanted:
                if time.monotonic() > begin.at + _DRAIN_SECONDS:
                    raise ServerFailed(f"{marks[-1][1]} of {wanted} deliveries arrived within {_DRAIN_SECONDS:g} s")
                time.sleep(0.25)
                marks.append((time.monotonic(), _taken(receiver) - begin_count))
                if not warm and marks[-1][1] >= _WARM * wanted:
                    warm = process.memory_info().rss
            end, grown = meter.read(), process.memory_info().rss - warm
        count = marks[-1][1]
        slowest, fastest = _tenths(marks)
        used = {party: (end.parties[party] - begin.parties[party]) / count for party in end.parties}
        return Drain(
            deliveries=count,
            rate=count / _seconds(begin, end),
            slowest=slowest,
            fastest=fastest,
            bare_rate=bare_rate,
            grown_bytes=grown,
            cpu=used["server"],
            bare_cpu=bare_cpu,
            postgresql_cpu=used.get("postgresql", 0.0),
        )

    def _parties(self, kind: str, server: Server) -> dict[str, Tree]:
        parties: dict[str, Tree] = {"server": alone(server.pid)}
        if kind == POSTGRESQL and self._databases.server is not None and self._databases.server.pid is not None:
            parties["postgresql"] = family(self._databases.server.pid)
        return parties

    def _bare(self, receiver: str) -> tuple[float, float]:
        """Posts a second, and processor seconds a post."""
        command = [sys.executable, "-m", "benchmarks.webhooks.bare_client", f"http://{receiver}/"]
        with on_core(self._pinning.server):
            done = subprocess.run(
                [*command, str(self._bare_seconds), str(AT_ONCE), str(_BODY_BYTES)],
                capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
        if done.returncode != 0:
            raise ServerFailed(f"the bare client failed:\n{done.stderr[-4000:]}")
        rate, micros = done.stdout.split()
        return float(rate), float(micros) / 1e6

    def _soon(self, server: Server, receiver: str) -> float:
        returns, changes = self._backlog.returns, self._backlog.changes
        with _hooked(server, receiver, 1) as (stub, [endpoint]), closing(calls.Client(server)) as client:
            stub.EnableWebhookEndpoint(EnableWebhookEndpointRequest(name=endpoint.name))
            before = _taken(receiver)
            for request in calls.creates(returns, changes, self._chance):
                client.create(request)
                time.sleep(0.02)
            while _taken(receiver) < before + changes:
                time.sleep(0.05)
            listed = stub.ListWebhookDeliveries(ListWebhookDeliveriesRequest(parent=endpoint.name, page_size=1_000))
            waits = [
                (one.attempts[0].time.ToMicroseconds() - one.event_time.ToMicroseconds()) / 1_000
                for one in listed.deliveries
                if one.attempts
            ]
        return statistics.median(waits)


@contextmanager
def _hooked(server: Server, receiver: str, count: int) -> Iterator[tuple[WebhooksServiceStub, list[WebhookEndpoint]]]:
    """So many endpoints, off, and gone afterwards."""
    metadata = (("authorization", f"Bearer {server.token}"),)
    with grpc.insecure_channel(server.address) as plain:
        stub = WebhooksServiceStub(grpc.intercept_channel(plain, _WithMetadata(metadata)))
        endpoints = []
        for number in range(count):
            url = f"http://{receiver}/{number}"
            said = WebhookEndpoint(url=url, state=WebhookEndpoint.STATE_DISABLED)
            request = CreateWebhookEndpointRequest(parent=f"tenants/{TENANT}", webhook_endpoint=said)
            endpoints.append(stub.CreateWebhookEndpoint(request).webhook_endpoint)
        try:
            yield stub, endpoints
        finally:
            for endpoint in endpoints:
                stub.DeleteWebhookEndpoint(DeleteWebhookEndpointRequest(name=endpoint.name))


class _WithMetadata(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, metadata: tuple[tuple[str, str], ...]) -> None:
        self._metadata = metadata

    def intercept_unary_unary(self, continuation, details, request):  # type: ignore[no-untyped-def]
        return continuation(details._replace(metadata=self._metadata), request)


def _taken(receiver: str) -> int:
    with urllib.request.urlopen(f"http://{receiver}/", timeout=30) as answer:
        return int(answer.read())


def _seconds(begin: Reading, end: Reading) -> float:
    return end.at - begin.at


def _tenths(marks: list[tuple[float, int]]) -> tuple[float, float]:
    """The rates of the slowest and the fastest tenth of the time, without the first."""
    step = max(1, len(marks) // 10)
    points = marks[step::step]
    rates = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    return (min(rates), max(rates)) if rates else (0.0, 0.0)
