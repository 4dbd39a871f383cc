"""How far the relay is behind: the time up to which all that had happened is stored."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from returns_server.domain.ids import Micros, TenantId
from returns_server.relay.messages import Message
from returns_server.relay.progress import Progress

ACME, BETA = TenantId("acme"), TenantId("beta")


class Watch:
    """A progress whose time a test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.registry = CollectorRegistry()
        self.progress = Progress(self.registry, lambda: Micros(0), lambda: self.now)
        self.progress.connected()

    @property
    def behind(self) -> float:
        value = self.registry.get_sample_value("returns_relay_behind_seconds")
        assert value is not None
        return value

    def look(self, now: float, **heads: int) -> None:
        self.now = now
        self.progress.looked(now, {TenantId(tenant): head for tenant, head in heads.items()})

    def store(self, now: float, tenant: TenantId, sequence: int) -> None:
        self.now = now
        self.progress.stored([Message(tenant, sequence, Micros(0), "", {}, b"")])


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_it_is_as_old_as_the_look_whose_ends_are_all_stored(watch: Watch) -> None:
    watch.look(10, acme=2, beta=1)
    assert watch.behind == 10
    watch.store(11, ACME, 2)
    assert watch.behind == 11
    watch.store(12, BETA, 1)
    assert watch.behind == 2
    watch.look(20, acme=2, beta=1)
    assert watch.behind == 0


def test_logs_that_grow_all_the_time_are_not_behind_for_ever(watch: Watch) -> None:
    for second in range(1, 100):
        watch.look(second, acme=10 * second)
        watch.store(second + 0.5, ACME, 10 * second)
        assert watch.behind == 0.5


def test_looks_meanwhile_do_not_put_off_the_mark(watch: Watch) -> None:
    watch.look(10, acme=100)
    watch.look(11, acme=200)
    watch.store(12, ACME, 100)
    assert watch.behind == 2
    watch.look(12, acme=200)
    assert watch.behind == 2


def test_ends_of_a_log_that_was_restored_are_not_waited_for(watch: Watch) -> None:
    watch.look(10, acme=100)
    watch.look(11, acme=5)
    watch.store(12, ACME, 5)
    assert watch.behind == 2


def test_with_a_new_connection_what_is_stored_is_learned_anew(watch: Watch) -> None:
    watch.look(10, acme=1)
    watch.store(10, ACME, 1)
    watch.progress.connected()
    watch.look(20, acme=1)
    assert watch.behind == 10
    watch.progress.reached(ACME, 1)
    assert watch.behind == 0
