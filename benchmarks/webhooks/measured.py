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
from benchmarks.machine import on_core
from benchmarks.seed.shop import TENANT
from benchmarks.servers import Server, ServerFailed, running
from benchmarks.stage import Stage, Stored
from commerce.returns.v1.webhook_pb2 import WebhookEndpoint
from commerce.returns.v1.webhooks_service_pb2 import (
    CreateWebhookEndpointRequest,
    DeleteWebhookEndpointRequest,
    EnableWebhookEndpointRequest,
    ListWebhookDeliveriesRequest,
)
from commerce.returns.v1.webhooks_service_pb2_grpc import WebhooksServiceStub

AT_ONCE = 128
_ENDPOINTS = 16
_BODY_BYTES = 2_048
_DRAIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Drain:
    """A backlog on its way: deliveries a second over it all, in its slowest and fastest tenth, and memory."""

    deliveries: int
    rate: float
    slowest: float
    fastest: float
    bare_rate: float
    grown_bytes: int

    @property
    def ratio(self) -> float:
        """Of what the same HTTP client does with nothing behind it."""
        return self.rate / self.bare_rate


@dataclass
class Hooks:
    """What was measured, a value a round, by kind of database."""

    drains: dict[str, list[Drain]] = field(default_factory=dict)
    first_attempts: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds from an event's time, before its commit, to the begin of its first attempt: medians."""


class HookStage:
    """Measures the bridges of the servers on a stage."""

    def __init__(self, stage: Stage, load_core: int | None, server_core: int | None, deliveries: int) -> None:
        self._stage = stage
        self._load_core = load_core
        self._server_core = server_core
        self._deliveries = deliveries
        self._chance = random.Random(20_261_127)

    def measure(self, kind: str, returns: int, changes: int, found: Hooks) -> None:
        """One round over one database."""
        stored = self._stage.products[kind, returns]
        with running(
            [sys.executable, "-m", "benchmarks.webhooks.receiver"], {}, "receiver ready: ", self._load_core
        ) as (at, _, _):
            found.first_attempts.setdefault(kind, []).append(self._soon(stored, at, returns, changes))
            found.drains.setdefault(kind, []).append(self._drain(stored, at))

    def _drain(self, stored: Stored, receiver: str) -> Drain:
        bare = self._bare(receiver)
        begin_count, wanted = _taken(receiver), self._deliveries
        with _hooked(stored.server, receiver, _ENDPOINTS) as (stub, endpoints):
            process = psutil.Process(stored.server.pid)
            before = process.memory_info().rss
            began = time.monotonic()
            for endpoint in endpoints:
                request = EnableWebhookEndpointRequest(name=endpoint.name)
                request.resume_from.FromSeconds(1)
                stub.EnableWebhookEndpoint(request)
            marks = [(began, 0)]
            while (count := _taken(receiver) - begin_count) < wanted and time.monotonic() < began + _DRAIN_SECONDS:
                marks.append((time.monotonic(), count))
                time.sleep(0.25)
            took = time.monotonic() - began
            grown = process.memory_info().rss - before
        slowest, fastest = _tenths(marks)
        return Drain(count, count / took, slowest, fastest, bare, grown)

    def _bare(self, receiver: str) -> float:
        seconds = str(self._stage.timing.measure_seconds)
        command = [sys.executable, "-m", "benchmarks.webhooks.bare_client"]
        with on_core(self._server_core):
            done = subprocess.run(
                [*command, f"http://{receiver}/", seconds, str(AT_ONCE), str(_BODY_BYTES)],
                capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
        if done.returncode != 0:
            raise ServerFailed(f"the bare client failed:\n{done.stderr[-4000:]}")
        return float(done.stdout)

    def _soon(self, stored: Stored, receiver: str, returns: int, changes: int) -> float:
        with _hooked(stored.server, receiver, 1) as (stub, [endpoint]), closing(calls.Client(stored.server)) as client:
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


def _tenths(marks: list[tuple[float, int]]) -> tuple[float, float]:
    """The rates of the slowest and the fastest tenth of the time, without the first."""
    step = max(1, len(marks) // 10)
    points = marks[step::step]
    rates = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    return (min(rates), max(rates)) if rates else (0.0, 0.0)
