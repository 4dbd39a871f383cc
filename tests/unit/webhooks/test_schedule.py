"""Every attempt falls within the jitter of the schedule, over all 75 hours; time is what the test says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from returns_server.application.webhooks.deliveries import Attempt, Delivery, DeliveryKey, Happening
from returns_server.application.webhooks.endpoints import EndpointId, EndpointState, Standing
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import SECOND, Micros, ReturnId, TenantId
from returns_server.webhooks.outcomes import Outcomes
from returns_server.webhooks.schedule import JITTER, STEPS, pause_after

HOUR = 3_600 * SECOND


def pending(now: int) -> Delivery:
    key = DeliveryKey(TenantId("acme"), EndpointId("e1"), 1)
    at = Micros(now)
    return Delivery(
        key, DeliveryState.PENDING, "id", "return.created", at, ReturnId("r1"), at, at, next_time=Micros(now)
    )


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    assert [step // SECOND for step in STEPS] == [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert 75 * HOUR < sum(STEPS) < 76 * HOUR


@given(chances=st.lists(st.floats(0, 1, exclude_max=True), min_size=20, max_size=20))
def test_each_attempt_comes_within_a_fifth_of_its_step(chances: list[float]) -> None:
    numbers = iter(chances)
    outcomes = Outcomes(lambda: next(numbers))
    now, delivery, standing = 0, pending(0), Standing()
    waited = []
    while delivery.next_time is not None and standing.state is EndpointState.ENABLED:
        # The breaker never keeps a delivery beyond its own time: nothing else is tried meanwhile.
        assert standing.pause_until <= delivery.next_time
        waited.append(delivery.next_time - now)
        now = delivery.next_time
        leased = delivery.after(Happening.CLAIMED, Micros(now), next_time=Micros(now))
        attempt = Attempt(Micros(now), Micros(0), status=500)
        delivery, standing = outcomes.judge(leased, standing, attempt, Micros(now))
    assert len(waited) == len(STEPS)
    for step, span in zip(STEPS, waited, strict=True):
        assert step * (1 - JITTER) - 1 <= span <= step * (1 + JITTER) + 1
    assert standing.state is EndpointState.DISABLED_BY_FAILURES
    assert delivery.state is DeliveryState.WAITING
    assert delivery.round_attempts == 0


@given(st.floats(0, 1, exclude_max=True))
def test_after_the_last_attempt_there_is_none(chance: float) -> None:
    assert pause_after(len(STEPS), lambda: chance) is None
    assert pause_after(len(STEPS) - 1, lambda: chance) is not None
