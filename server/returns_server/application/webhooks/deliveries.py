"""One event on its way to one endpoint: the states it goes through, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, IntEnum
from typing import NamedTuple

from returns_server.application.webhooks.endpoints import EndpointId
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.domain.record import record


class Happening(Enum):
    """What can happen to a delivery."""

    CLAIMED = "a bridge takes it, to post it"
    ARRIVED = "the receiver answered 2xx"
    FAILED = "the attempt failed, and there will be another"
    REFUSED = "the service's own guard refused the address; there will be another attempt"
    GIVEN_UP = "the last attempt failed while others arrived"
    TURNED_OFF = "the attempt failed and turned the endpoint off"
    FREED = "no earlier event of the return is on its way any more"
    HELD_BACK = "an earlier event of the return is on its way"
    REPEATED = "somebody asked to post it once more"
    RESUMED = "the endpoint was turned on again"
    DROPPED = "nobody wants it any more: the endpoint goes on from a later time, or is deleted"


_PENDING, _HELD, _LEASED, _WAITING = (
    DeliveryState.PENDING,
    DeliveryState.HELD,
    DeliveryState.LEASED,
    DeliveryState.WAITING,
)
_BLOCKED = DeliveryState.BLOCKED

TABLE: Mapping[Happening, Mapping[DeliveryState, DeliveryState]] = {
    # One that is leased is claimed again once its lease ran out.
    Happening.CLAIMED: dict.fromkeys((_PENDING, _WAITING, _BLOCKED, _LEASED), _LEASED),
    Happening.ARRIVED: {_LEASED: DeliveryState.DELIVERED},
    Happening.FAILED: {_LEASED: _WAITING},
    Happening.REFUSED: {_LEASED: _BLOCKED},
    Happening.GIVEN_UP: {_LEASED: DeliveryState.EXHAUSTED},
    Happening.TURNED_OFF: {_LEASED: _WAITING},
    Happening.FREED: {_HELD: _PENDING},
    Happening.HELD_BACK: dict.fromkeys((_PENDING, _WAITING, _BLOCKED), _HELD),
    Happening.REPEATED: dict.fromkeys(
        (_PENDING, _WAITING, _BLOCKED, DeliveryState.DELIVERED, DeliveryState.EXHAUSTED, DeliveryState.CANCELLED),
        _PENDING,
    ),
    Happening.RESUMED: {_WAITING: _WAITING, _BLOCKED: _WAITING},
    Happening.DROPPED: dict.fromkeys((_PENDING, _HELD, _LEASED, _WAITING, _BLOCKED), DeliveryState.CANCELLED),
}
"""What leads where; what is not here cannot happen."""

OPEN = frozenset({_PENDING, _HELD, _LEASED, _WAITING, _BLOCKED})
"""On its way: it counts as pending, and in order it holds back the later events of its return."""
DUE = frozenset({_PENDING, _LEASED, _WAITING, _BLOCKED})
"""States with a time at which it will be claimed; of a leased one, when the lease runs out."""


def moved(state: DeliveryState, happening: Happening) -> DeliveryState:
    """The state after a happening; raises ValueError where that cannot happen."""
    after = TABLE[happening].get(state)
    if after is None:
        raise ValueError(f"{happening.name} cannot happen to a delivery that is {state.name}")
    return after


class DeliveryKey(NamedTuple):
    """Which endpoint, and the sequence of the event in its tenant's log."""

    tenant: TenantId
    endpoint_id: EndpointId
    sequence: int


@record
class Delivery:
    """One event on its way to one endpoint.

    `round_attempts` are those since it last entered the schedule, `attempts` all that ever were; `first_attempt_time`
    is the round's. `next_time` is there exactly in the states of DUE. `fence` grows with each claim: a result counts
    only under the fence that it was claimed with.
    """

    key: DeliveryKey
    state: DeliveryState
    event_id: str
    event_type: str
    event_time: Micros
    return_id: ReturnId
    create_time: Micros
    update_time: Micros
    attempts: int = 0
    round_attempts: int = 0
    first_attempt_time: Micros | None = None
    next_time: Micros | None = None
    fence: int = 0

    def after(self, happening: Happening, now: Micros, *, next_time: Micros | None = None) -> Delivery:
        """The delivery after a happening; raises ValueError where that cannot happen."""
        return replace(self, state=moved(self.state, happening), next_time=next_time, update_time=now)

    def afresh(self, happening: Happening, now: Micros) -> Delivery:
        """The delivery, due at once and at the begin of the schedule."""
        again = self.after(happening, now, next_time=now)
        return replace(again, round_attempts=0, first_attempt_time=None)

    @property
    def is_open(self) -> bool:
        """Whether it is on its way."""
        return self.state in OPEN


@record
class Attempt:
    """One post to a receiver and what came of it.

    `status` is 0 where there was no answer, and then `error` says why in a word. `retry_after` is how long the
    receiver asked to be left alone. `refused` means that the service's own guard did not let it through.
    """

    time: Micros
    latency: Micros
    status: int = 0
    answer: bytes = b""
    error: str = ""
    retry_after: Micros | None = None
    refused: bool = False

    @property
    def arrived(self) -> bool:
        """Whether the receiver has it."""
        return 200 <= self.status <= 299


class JobState(IntEnum):
    """Where a redelivery job stands; numbers are the contract's."""

    RUNNING = 1
    DONE = 2
    CANCELLED = 3


@record
class Job:
    """Posts the events of a time range once more; `position` is the last sequence that was looked at."""

    endpoint_id: EndpointId
    job_id: str
    start_time: Micros
    end_time: Micros
    only_failed: bool
    state: JobState
    position: int
    requeued_count: int
    create_time: Micros
    update_time: Micros
