"""How far the relay has come, and what those who run it see of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.relay.messages import Message

_LAGS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400)
CAUSES = ("away", "failed")


class Progress:
    """Counts what was stored, and knows since when everything that had happened is stored."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], Micros], now: Callable[[], float]) -> None:
        """Takes where metrics are collected, the time of day, and seconds that only rise."""
        self._clock = clock
        self._now = now
        self._complete = self._looked = now()
        self._missing: dict[TenantId, int] = {}
        self._stored: dict[TenantId, int] = {}
        self._published = Counter("returns_relay_published", "Events that NATS has stored.", registry=registry)
        self._lag = Histogram(
            "returns_relay_lag_seconds", "From the commit of an event to its being stored in NATS.", buckets=_LAGS,
            registry=registry,
        )  # fmt: skip
        self._reconnects = Counter(
            "returns_relay_reconnects", "Connections to NATS that ended or were not to be had, by cause.", ("cause",),
            registry=registry,
        )  # fmt: skip
        for cause in CAUSES:
            self._reconnects.labels(cause)  # there from the beginning, so that a first one is a rise
        self._moved = Counter(
            "returns_relay_moved", "Runs of events that came too late: another relay had published, or NATS went back.",
            registry=registry,
        )  # fmt: skip
        self._connected = Gauge("returns_relay_connected", "1 while the relay has its stream.", registry=registry)
        self._stuck = Gauge("returns_relay_stuck_tenants", "Tenants whose events cannot go on.", registry=registry)
        behind = Gauge(
            "returns_relay_behind_seconds", "How long ago all that had happened was stored in NATS.", registry=registry
        )
        behind.set_function(lambda: max(self._now() - self._complete, 0.0))

    def connected(self) -> None:
        """A connection begins: of each tenant it must be learned anew what is stored."""
        self._connected.set(1)
        self._stored.clear()

    def disconnected(self, cause: str) -> None:
        """It ended, or there was none."""
        self._connected.set(0)
        self._reconnects.labels(cause).inc()

    def moved(self) -> None:
        """A run was not stored, for the tenant's last message was another one."""
        self._moved.inc()

    def stuck(self, tenants: int) -> None:
        """So many tenants wait for the operator."""
        self._stuck.set(tenants)

    def stored(self, run: Sequence[Message]) -> None:
        """NATS has stored what follows in a tenant's log, at least one event."""
        self._published.inc(len(run))
        now = self._clock()
        for message in run:
            self._lag.observe(max(now - message.time, 0) / SECOND)
        self.reached(run[-1].tenant, run[-1].sequence)

    def reached(self, tenant: TenantId, sequence: int) -> None:
        """A tenant's log is stored up to here."""
        self._stored[tenant] = sequence
        if self._missing.get(tenant, sequence + 1) <= sequence:
            del self._missing[tenant]
            if not self._missing:
                self._complete = self._looked

    def looked(self, began: float, heads: Mapping[TenantId, int]) -> None:
        """The logs ended here when a look began; a look before it whose ends are not yet reached stays the mark."""
        if self._missing:
            # Those of a log that was restored meanwhile are never reached.
            ends = {tenant: min(end, heads.get(tenant, 0)) for tenant, end in self._missing.items()}
        else:
            self._looked, ends = began, dict(heads)
        self._missing = {tenant: end for tenant, end in ends.items() if self._stored.get(tenant, -1) < end}
        if not self._missing:
            self._complete = self._looked
