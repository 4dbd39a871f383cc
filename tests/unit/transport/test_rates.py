"""Rates of calls: no more than is said, never less, and memory for as many callers as are told apart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_server.application.caller import Caller, Scope, granted
from returns_server.domain.errors import Overloaded
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.returns import UserType
from returns_server.transport.contract import SERVICES, methods_of
from returns_server.transport.layers.rates import rates
from returns_server.transport.rates import Buckets, Rate, Rates

SECOND = 1_000_000_000


class Model:
    """A bucket as it is usually told: tokens that come one by one, up to so many. In nanoseconds, each token's time."""

    def __init__(self, token: int, burst: int) -> None:
        self.token = token
        self.full = token * burst
        self.held = self.full
        self.at = 0

    def take(self, now: int) -> int:
        self.held = min(self.full, self.held + now - self.at)
        self.at = now
        if self.held < self.token:
            return self.token - self.held
        self.held -= self.token
        return 0


@given(
    st.sampled_from([0.1, 1, 3, 50, 999_999]),
    st.integers(1, 5),
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 0, 0, 0.1, 0.4, 1, 2.5])), max_size=200),
)
def test_as_many_calls_pass_as_there_are_tokens(per_second: float, burst: int, calls: list[tuple[str, float]]) -> None:
    """Whoever else calls, and whenever what is full is let go of; a pause is counted in times that a token takes."""
    buckets = Buckets(Rate(per_second, burst))
    token = round(SECOND / per_second)
    models = {key: Model(token, burst) for key in "abc"}
    now = 10 * SECOND
    for key, pause in calls:
        now += round(pause * token)
        assert buckets.take(key, now) == models[key].take(now)


@given(st.lists(st.integers(0, SECOND // 10), min_size=1, max_size=100))
def test_the_wait_that_is_told_is_exact(pauses: list[int]) -> None:
    buckets, now = Buckets(Rate(50, 3)), SECOND
    for pause in pauses:
        now += pause
        wait = buckets.take("a", now)
        if wait:
            assert buckets.take("a", now + wait - 1) == 1, "a moment too soon"
            now += wait
            assert buckets.take("a", now) == 0


def test_nobody_is_forgotten_before_its_bucket_is_full() -> None:
    buckets, now = Buckets(Rate(1, 8)), SECOND
    assert [buckets.take("a", now) for _ in range(8)] == [0] * 8
    for number in range(60):
        now += SECOND // 10
        buckets.take(f"other-{number}", now)
    assert [buckets.take("a", now) > 0 for _ in range(7)] == [False] * 6 + [True]


def test_memory_is_for_callers_of_late() -> None:
    buckets, now = Buckets(Rate(10, 10)), SECOND  # a bucket is full again after a second
    most = 0
    for number in range(10_000):
        now += SECOND // 100
        buckets.take(f"caller-{number}", now)
        most = max(most, len(buckets))
    assert 100 <= most <= 203, "a hundred callers a second, over two seconds"


def test_memory_is_bounded_and_beyond_it_callers_begin_anew() -> None:
    buckets = Buckets(Rate(0.001, 1), most=100)
    assert [buckets.take(f"caller-{number}", SECOND) for number in range(1_000)] == [0] * 1_000
    assert len(buckets) <= 100
    assert buckets.take("caller-999", SECOND) > 0
    assert buckets.take("caller-0", SECOND) == 0


def caller(*scopes: Scope, tenant: str = "acme", subject: str = "bob", customer_id: str = "c-1") -> Caller:
    return Caller(
        TenantId(tenant), "issuer", subject, granted(frozenset(scopes)), customer_id, "", "", "", "", UserType.EMPLOYEE,
        Micros(0),
    )  # fmt: skip


CUSTOMER, STAFF = caller(Scope.MANAGE_OWN), caller(Scope.MANAGE)
SLOW = Rate(1, 2)


class Time:
    def __init__(self) -> None:
        self.now = SECOND

    def __call__(self) -> int:
        return self.now


def taken(rates: Rates, *callers: Caller) -> list[bool]:
    limit = rates.limit()
    assert limit is not None
    return [_passes(limit, one) for one in callers]


def _passes(limit: Callable[[Caller], None], one: Caller) -> bool:
    with suppress(Overloaded):
        limit(one)
        return True
    return False


def test_a_customer_is_one_whatever_its_tokens() -> None:
    rates = Rates(SLOW, None, None, Time())
    other_token = replace(CUSTOMER, subject="another-session", issuer="another-issuer")
    elsewhere = replace(CUSTOMER, tenant=TenantId("globex"))
    neighbour = replace(CUSTOMER, customer_id="c-2")
    assert taken(rates, CUSTOMER, other_token, CUSTOMER, other_token, elsewhere, neighbour) == [
        True, True, False, False, True, True,
    ]  # fmt: skip


def test_staff_is_not_counted_as_the_customer_that_its_token_names() -> None:
    assert taken(Rates(SLOW, None, None, Time()), *[STAFF] * 5) == [True] * 5
    rates = Rates(SLOW, SLOW, None, Time())
    assert taken(rates, STAFF, STAFF, STAFF, CUSTOMER, CUSTOMER, CUSTOMER) == [True, True, False] * 2
    assert taken(rates, replace(STAFF, issuer="another"), replace(STAFF, subject="ann"), STAFF) == [True, True, True]


def test_a_tenants_callers_share_its_rate() -> None:
    time = Time()
    limit = Rates(None, None, SLOW, time).limit()
    assert limit is not None
    limit(STAFF)
    limit(CUSTOMER)
    with pytest.raises(Overloaded, match="a tenant may make 1 calls a second here; the next in 1 s") as raised:
        limit(replace(CUSTOMER, customer_id="c-2"))
    assert raised.value.facts == {"cause": "RATE"}
    limit(replace(STAFF, tenant=TenantId("globex")))
    time.now += SECOND
    limit(STAFF)


def test_who_is_refused_for_the_tenants_sake_keeps_its_own_tokens() -> None:
    time = Time()
    limit = Rates(Rate(0.001, 2), None, Rate(1, 1), time).limit()
    assert limit is not None
    limit(CUSTOMER)
    for _ in range(5):
        with pytest.raises(Overloaded, match="a tenant"):
            limit(CUSTOMER)
    time.now += SECOND
    limit(CUSTOMER)
    time.now += SECOND
    with pytest.raises(Overloaded, match="a customer"):
        limit(CUSTOMER)
    limit(STAFF)  # who was refused for its own sake took nothing of the tenant's


def test_without_rates_there_is_no_layer() -> None:
    method = next(methods_of(SERVICES["PolicyService"]))

    async def handler(request: object, call: object) -> None: ...

    assert rates(Rates(None, None, None, Time()))(method, handler) is handler
    assert rates(Rates(SLOW, None, None, Time()))(method, handler) is not handler
