"""What those who run the service see of webhooks."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from returns_server.application.webhooks.deliveries import Attempt, Delivery
from returns_server.application.webhooks.ports import Backlog
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import SECOND, Micros

_AGES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 18_000, 86_400, 300_000)
_LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)


class Metrics:
    """Counters of one bridge, and gauges of all that waits in the database."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Takes where they are collected."""
        self._attempts = Counter(
            "returns_webhook_attempts", "Attempts by what came of them.", ("outcome",), registry=registry
        )
        for outcome in ("2xx", "3xx", "4xx", "5xx", "blocked", "no_answer"):
            self._attempts.labels(outcome)  # there from the beginning, so that a first one is a rise
        self._seconds = Histogram(
            "returns_webhook_attempt_seconds", "Time of an attempt.", buckets=_LATENCIES, registry=registry
        )
        self._age = Histogram(
            "returns_webhook_age_seconds", "From the commit of an event to its arrival.", buckets=_AGES,
            registry=registry,
        )  # fmt: skip
        self._exhausted = Counter(
            "returns_webhook_exhausted", "Deliveries given up beside successes of others.", registry=registry
        )
        self._turned_off = Counter(
            "returns_webhook_endpoints_turned_off", "Endpoints turned off by the service.", registry=registry
        )
        self._pending = Gauge("returns_webhook_pending", "Deliveries on their way.", registry=registry)
        self._oldest = Gauge(
            "returns_webhook_oldest_pending_seconds", "Age of the oldest event on its way.", registry=registry
        )
        self._off = Gauge("returns_webhook_endpoints_off", "Endpoints that are off.", registry=registry)
        self._in_flight = Gauge("returns_webhook_in_flight", "Attempts under way in this process.", registry=registry)

    def attempted(self, attempt: Attempt, in_flight: int) -> None:
        """An attempt ended."""
        self._attempts.labels(outcome_of(attempt)).inc()
        self._seconds.observe(attempt.latency / SECOND)
        self._in_flight.set(in_flight)

    def settled(self, delivery: Delivery, now: Micros) -> None:
        """A result was written."""
        if delivery.state is DeliveryState.DELIVERED:
            self._age.observe(max(now - delivery.event_time, 0) / SECOND)
        elif delivery.state is DeliveryState.EXHAUSTED:
            self._exhausted.inc()

    def turned_off(self) -> None:
        """An endpoint was turned off."""
        self._turned_off.inc()

    def waiting(self, backlog: Backlog, now: Micros) -> None:
        """Somebody counted what waits."""
        self._pending.set(backlog.pending)
        self._oldest.set(0 if backlog.oldest is None else max(now - backlog.oldest, 0) / SECOND)
        self._off.set(backlog.endpoints_off)


def outcome_of(attempt: Attempt) -> str:
    """The class of an attempt: `2xx` to `5xx`, `blocked`, or `no_answer`."""
    if attempt.refused:
        return "blocked"
    return f"{attempt.status // 100}xx" if attempt.status else "no_answer"
