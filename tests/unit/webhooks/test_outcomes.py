"""What an attempt makes of its delivery and its endpoint, case by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from commerce.returns.v1.webhook_pb2 import WebhookDelivery, WebhookEndpoint, WebhookRedelivery
from returns_server.application.webhooks.deliveries import (
    DUE,
    OPEN,
    TABLE,
    Attempt,
    Delivery,
    Happening,
    JobState,
    moved,
)
from returns_server.application.webhooks.endpoints import EndpointState, Ordering, PayloadFormat, Standing
from returns_server.application.webhooks.ports import BREAKER_FAILURES
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import SECOND, Micros
from returns_server.storage.webhooks.tables import OPEN_STATES
from returns_server.webhooks.outcomes import Outcomes
from returns_server.webhooks.schedule import MAX_RETRY_AFTER, STEPS
from tests.unit.webhooks.test_schedule import HOUR, pending

NOW = Micros(1_000 * HOUR)


def middle() -> float:
    return 0.5


def leased(round_attempts: int = 0, first: int | None = None) -> Delivery:
    delivery = pending(NOW).after(Happening.CLAIMED, NOW, next_time=NOW)
    return replace(delivery, round_attempts=round_attempts, first_attempt_time=None if first is None else Micros(first))


def judged(
    attempt: Attempt, delivery: Delivery | None = None, standing: Standing | None = None
) -> tuple[Delivery, Standing]:
    return Outcomes(middle).judge(delivery or leased(), standing or Standing(), attempt, NOW)


def answered(status: int, **more: Any) -> Attempt:
    return Attempt(NOW, Micros(0), status=status, **more)


@pytest.mark.parametrize("happening", Happening)
@pytest.mark.parametrize("state", DeliveryState)
def test_what_is_not_in_the_table_cannot_happen(state: DeliveryState, happening: Happening) -> None:
    if state in TABLE[happening]:
        assert moved(state, happening) is TABLE[happening][state]
    else:
        with pytest.raises(ValueError, match=state.name):
            moved(state, happening)


def test_every_state_can_be_reached_and_every_open_one_left() -> None:
    reached = {after for changes in TABLE.values() for after in changes.values()}
    assert reached == set(DeliveryState)
    left = {before for changes in TABLE.values() for before in changes}
    assert left >= OPEN > DUE


def test_the_states_are_those_of_the_contract_and_of_the_index() -> None:
    for ours, theirs, prefix in (
        (DeliveryState, WebhookDelivery.State, "STATE_"),
        (EndpointState, WebhookEndpoint.State, "STATE_"),
        (Ordering, WebhookEndpoint.Ordering, "ORDERING_"),
        (PayloadFormat, WebhookEndpoint.PayloadFormat, "PAYLOAD_FORMAT_"),
        (JobState, WebhookRedelivery.State, "STATE_"),
    ):
        named = {f"{prefix}{one.name}": one.value for one in ours}
        assert named | {f"{prefix}UNSPECIFIED": 0} == dict(theirs.items())
    assert f"state IN ({', '.join(str(int(state)) for state in sorted(OPEN))})" == OPEN_STATES


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_a_success(status: int) -> None:
    delivery, standing = judged(answered(status), standing=Standing(failures=3))
    assert (delivery.state, delivery.next_time) == (DeliveryState.DELIVERED, None)
    assert (standing.failures, standing.delivered_count, standing.last_success_time) == (0, 1, NOW)


@pytest.mark.parametrize("status", [0, 100, 199, 300, 301, 302, 307, 308, 400, 404, 429, 500, 503, 599])
def test_all_else_is_a_failure(status: int) -> None:
    delivery, standing = judged(answered(status))
    assert (delivery.state, delivery.next_time) == (DeliveryState.WAITING, NOW + STEPS[1])
    assert (standing.failures, standing.last_failure_time, standing.delivered_count) == (1, NOW, 0)


def test_410_turns_the_endpoint_off_and_keeps_the_event() -> None:
    delivery, standing = judged(answered(410), leased(4))
    assert standing.state is EndpointState.DISABLED
    assert (delivery.state, delivery.next_time, delivery.round_attempts) == (DeliveryState.WAITING, NOW, 0)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "kept"), [(60 * SECOND, 60 * SECOND), (48 * HOUR, 24 * HOUR), (1 * SECOND, 1 * SECOND)]
)
def test_retry_after_slows_the_whole_endpoint(status: int, asked: int, kept: int) -> None:
    delivery, standing = judged(answered(status, retry_after=Micros(asked)))
    assert standing.pause_until == NOW + kept <= NOW + MAX_RETRY_AFTER
    assert delivery.next_time == NOW + max(kept, STEPS[1])


def test_retry_after_of_another_status_means_nothing() -> None:
    _, standing = judged(answered(500, retry_after=Micros(60 * SECOND)))
    assert standing.pause_until == 0


def test_what_the_guard_refuses_is_looked_at_again() -> None:
    delivery, _ = judged(Attempt(NOW, Micros(0), error="refused", refused=True))
    assert (delivery.state, delivery.next_time) == (DeliveryState.BLOCKED, NOW + STEPS[1])


LAST = len(STEPS) - 1
BEGAN = NOW - 75 * HOUR


def test_the_end_of_the_schedule_beside_successes_gives_the_delivery_up() -> None:
    delivery, standing = judged(
        answered(500), leased(LAST, BEGAN), Standing(last_success_time=Micros(BEGAN), failures=1)
    )
    assert (delivery.state, delivery.next_time) == (DeliveryState.EXHAUSTED, None)
    assert (standing.state, standing.exhausted_count) == (EndpointState.ENABLED, 1)


@pytest.mark.parametrize("last_success", [None, BEGAN - 1])
def test_the_end_of_the_schedule_without_a_success_turns_the_endpoint_off(last_success: int | None) -> None:
    known = None if last_success is None else Micros(last_success)
    delivery, standing = judged(answered(500), leased(LAST, BEGAN), Standing(last_success_time=known))
    assert standing.state is EndpointState.DISABLED_BY_FAILURES
    assert (delivery.state, delivery.next_time, delivery.round_attempts) == (DeliveryState.WAITING, NOW, 0)
    assert standing.exhausted_count == 0


def test_an_endpoint_that_its_owner_turned_off_meanwhile_stays_so() -> None:
    _, standing = judged(answered(500), leased(LAST, BEGAN), Standing(state=EndpointState.DISABLED))
    assert standing.state is EndpointState.DISABLED


def test_failures_in_a_row_open_the_breaker_for_longer_and_longer_and_a_success_closes_it() -> None:
    standing, pauses = Standing(), []
    for _ in range(BREAKER_FAILURES + 10):
        _, standing = judged(answered(500), standing=standing)
        pauses.append(max(standing.pause_until - NOW, 0))
    assert pauses[: BREAKER_FAILURES - 1] == [0] * (BREAKER_FAILURES - 1)
    assert pauses == sorted(pauses)
    assert 0 < pauses[BREAKER_FAILURES - 1] < pauses[-1] <= 60 * SECOND
    _, standing = judged(answered(200), standing=standing)
    assert (standing.failures, standing.pause_until) == (0, 0)


def test_a_success_does_not_end_a_pause_that_the_receiver_asked_for() -> None:
    _, standing = judged(answered(200), standing=Standing(failures=1, pause_until=Micros(NOW + 3 * HOUR)))
    assert standing.pause_until == NOW + 3 * HOUR
