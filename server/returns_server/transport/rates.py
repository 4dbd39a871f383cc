"""How many calls a second a customer, another caller and a tenant may make: token buckets in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from returns_server.application.caller import Caller
from returns_server.domain.errors import Cause, Overloaded

MAX_BUCKETS = 50_000
"""Of each kind, that are not full: whoever is forgotten beyond them begins with a full one."""

_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a second, and so many at once by who made none of late."""

    per_second: float
    burst: int


class Buckets:
    """A bucket of tokens for each key, full when first heard of. Times are nanoseconds of a clock that never goes back.

    All that is kept of a bucket is when it will be full again (GCRA, ITU-T I.371): a token is there while that is less
    ahead than filling takes. One that is full is like one never heard of, and none is longer empty than filling takes:
    so each time filling takes, what was not touched since the last time is let go of.
    """

    def __init__(self, rate: Rate, most: int = MAX_BUCKETS) -> None:
        """Takes how fast they fill and how much they hold, and how many are kept apart."""
        self._token = max(1, round(_SECOND / rate.per_second))
        self._filling = self._token * rate.burst
        self._most_ahead = self._filling - self._token
        self._most = most // 2
        self._recent: dict[str, int] = {}
        self._older: dict[str, int] = {}
        self._let_go_at = 0

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._recent) + len(self._older)

    def take(self, key: str, now: int) -> int:
        """Take a token: 0, or where there is none how long until there is one."""
        full_at = self._recent.get(key) or self._older.get(key, 0)
        if full_at <= now:
            full_at = now
        elif full_at - now > self._most_ahead:
            return full_at - now - self._most_ahead
        if now >= self._let_go_at or len(self._recent) >= self._most:
            self._older, self._recent = self._recent, {}
            self._let_go_at = now + self._filling
        self._recent[key] = full_at + self._token
        return 0

    def give_back(self, key: str) -> None:
        """Put back the token that was just taken."""
        self._recent[key] -= self._token


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one process, None where there is none; `now` in nanoseconds, never going back."""

    customer: Rate | None
    caller: Rate | None
    tenant: Rate | None
    now: Callable[[], int]

    def limit(self) -> Callable[[Caller], None] | None:
        """What counts a call, and raises Overloaded where it is one too many; None where there are no rates.

        Who is refused for its tenant's sake has not used a token of its own.
        """
        if self.customer is None and self.caller is None and self.tenant is None:
            return None
        now, tenants = self.now, _Counted.of(self.tenant, "a tenant")
        customers, others = _Counted.of(self.customer, "a customer"), _Counted.of(self.caller, "a caller")

        def counted(caller: Caller) -> None:
            own = customers if caller.is_customer else others
            if own is None and tenants is None:
                return
            time = now()
            if own is not None:
                wait = own.buckets.take(caller.counted_as, time)
                if wait:
                    raise own.refusal(wait)
            if tenants is not None:
                wait = tenants.buckets.take(caller.tenant, time)
                if wait:
                    if own is not None:
                        own.buckets.give_back(caller.counted_as)
                    raise tenants.refusal(wait)

        return counted


@dataclass(frozen=True, slots=True)
class _Counted:
    """Buckets, and whose they are."""

    buckets: Buckets
    rate: Rate
    whose: str

    @classmethod
    def of(cls, rate: Rate | None, whose: str) -> _Counted | None:
        return None if rate is None else cls(Buckets(rate), rate, whose)

    def refusal(self, wait: int) -> Overloaded:
        seconds = wait / _SECOND
        message = f"{self.whose} may make {self.rate.per_second:g} calls a second here; the next in {seconds:.3g} s"
        return Overloaded(message, cause=Cause.RATE, retry_seconds=seconds)
