"""What an attempt makes of a delivery and of its endpoint: pure, and the only place that decides it."""

from __future__ import annotations

from dataclasses import replace

from returns_server.application.webhooks.deliveries import Attempt, Delivery, Happening
from returns_server.application.webhooks.endpoints import EndpointState, Standing
from returns_server.application.webhooks.ports import BREAKER_FAILURES
from returns_server.domain.ids import SECOND, Micros
from returns_server.webhooks.schedule import MAX_RETRY_AFTER, Chance, pause_after

GONE = 410
SLOW_DOWN = frozenset({429, 503})

_FIRST_BREAK = 1 * SECOND
_LONGEST_BREAK = 60 * SECOND


class Outcomes:
    """Decides what an attempt leads to; see the port `Judge`."""

    def __init__(self, chance: Chance) -> None:
        """Takes the source of jitter."""
        self._chance = chance

    def judge(self, delivery: Delivery, standing: Standing, attempt: Attempt, now: Micros) -> tuple[Delivery, Standing]:
        """The delivery and the endpoint's standing after an attempt whose result came in now."""
        tried = replace(
            delivery,
            attempts=delivery.attempts + 1,
            round_attempts=delivery.round_attempts + 1,
            first_attempt_time=attempt.time if delivery.first_attempt_time is None else delivery.first_attempt_time,
        )
        if attempt.arrived:
            return tried.after(Happening.ARRIVED, now), _after_success(standing, now)
        standing = self._after_failure(standing, attempt, now)
        if attempt.status == GONE:
            return _turned_off(tried, standing, EndpointState.DISABLED, now)
        pause = pause_after(tried.round_attempts, self._chance)
        if pause is None:
            return _at_the_end(tried, standing, now)
        if attempt.retry_after is not None and attempt.status in SLOW_DOWN:
            pause = max(pause, _asked_for(attempt.retry_after))
        happening = Happening.REFUSED if attempt.refused else Happening.FAILED
        return tried.after(happening, now, next_time=Micros(now + pause)), standing

    def _after_failure(self, standing: Standing, attempt: Attempt, now: Micros) -> Standing:
        failures = standing.failures + 1
        pause = 0
        if attempt.retry_after is not None and attempt.status in SLOW_DOWN:
            pause = _asked_for(attempt.retry_after)
        elif failures >= BREAKER_FAILURES:
            longest = min(_FIRST_BREAK << min(failures - BREAKER_FAILURES, 10), _LONGEST_BREAK)
            pause = round(longest * (0.5 + 0.5 * self._chance()))
        until = Micros(max(standing.pause_until, now + pause)) if pause else standing.pause_until
        return replace(standing, failures=failures, last_failure_time=now, pause_until=until)


def _asked_for(retry_after: Micros) -> Micros:
    return min(max(retry_after, Micros(0)), MAX_RETRY_AFTER)


def _after_success(standing: Standing, now: Micros) -> Standing:
    """A success closes the breaker, and ends a pause that the breaker made; one that the receiver asked for stays."""
    broken = standing.failures >= BREAKER_FAILURES
    short = standing.pause_until <= now + _LONGEST_BREAK
    return replace(
        standing,
        failures=0,
        last_success_time=now,
        pause_until=Micros(0) if broken and short else standing.pause_until,
        delivered_count=standing.delivered_count + 1,
    )


def _turned_off(tried: Delivery, standing: Standing, state: EndpointState, now: Micros) -> tuple[Delivery, Standing]:
    """The delivery waits, with the whole schedule before it, until the endpoint is turned on again."""
    if standing.state is EndpointState.ENABLED:
        standing = replace(standing, state=state)
    return tried.afresh(Happening.TURNED_OFF, now), standing


def _at_the_end(tried: Delivery, standing: Standing, now: Micros) -> tuple[Delivery, Standing]:
    """After the last attempt: given up where others arrived meanwhile; else the endpoint is the trouble."""
    since = tried.first_attempt_time
    alive = since is not None and standing.last_success_time is not None and standing.last_success_time >= since
    if not alive:
        return _turned_off(tried, standing, EndpointState.DISABLED_BY_FAILURES, now)
    exhausted = replace(standing, exhausted_count=standing.exhausted_count + 1)
    return tried.after(Happening.GIVEN_UP, now), exhausted
