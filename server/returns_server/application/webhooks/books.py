"""What one command on an endpoint works on: what was loaded, and what the command changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from returns_server.application.request import Request
from returns_server.application.webhooks.deliveries import Attempt, Delivery, Job
from returns_server.application.webhooks.endpoints import Endpoint, EndpointId, Ordering, Secret, Statistics
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.record import record


class Counted(Enum):
    """What a tenant may have only so many of."""

    ENDPOINTS = "endpoints"
    JOBS = "jobs at work"


@record
class Needs:
    """What a command wants to find, by key; `since` asks where in the log that time begins.

    What is `counted` nobody else makes more of until the command is done.
    """

    endpoint_id: EndpointId | None = None
    sequence: int | None = None
    job_id: str | None = None
    since: Micros | None = None
    counted: Counted | None = None


@dataclass(slots=True)
class EndpointBook:
    """One endpoint with its secrets, and one of its deliveries or jobs where the command names it."""

    head: int = 0
    """The last sequence of the tenant's log; 0 before the first event."""
    begin: int = 0
    """The last sequence before the time that the command asked for."""
    count: int = 0
    """How many the tenant has of what the command asked to be counted."""
    endpoint: Endpoint | None = None
    secrets: tuple[Secret, ...] = ()
    statistics: Statistics = field(default_factory=Statistics)
    delivery: Delivery | None = None
    crowded: bool = False
    """Whether another delivery of the same return is due or being posted, where they go one after the other."""
    attempts: tuple[Attempt, ...] = ()
    job: Job | None = None

    put: Endpoint | None = None
    """The endpoint as it is from now on."""
    new_secret: Secret | None = None
    replaced: tuple[Secret, ...] = ()
    """Secrets that now have an end, or an earlier one."""
    deleted: bool = False
    resumed: bool = False
    """All that waits is due now, with the whole schedule before it."""
    dropped_before: Micros | None = None
    """Nobody wants events before this time any more."""
    reordered: Ordering | None = None
    put_delivery: Delivery | None = None
    put_job: Job | None = None


@record
class Shown:
    """An endpoint is answered."""

    endpoint: Endpoint
    statistics: Statistics


@record
class SecretShown:
    """An endpoint and its new secret are answered; without a secret only what would be."""

    endpoint: Endpoint
    statistics: Statistics
    secret: Secret | None
    rotated: bool
    previous_expire_time: Micros | None = None


@record
class DeliveryShown:
    """A delivery is answered."""

    delivery: Delivery
    attempts: tuple[Attempt, ...]


@record
class JobShown:
    """A redelivery job is answered."""

    job: Job


@record
class Tried:
    """What came of trying an endpoint; nothing where it was only checked whether it could be tried."""

    attempt: Attempt | None


Outcome = Shown | SecretShown | DeliveryShown | JobShown | Tried | None
"""What a command leaves to be answered; None after a deletion."""


class EndpointCommand(Protocol):
    """One mutation of one tenant's webhooks."""

    @property
    def tenant(self) -> TenantId:
        """Whose."""

    @property
    def request(self) -> Request:
        """The call behind it."""

    @property
    def needs(self) -> Needs:
        """What must be loaded and locked."""

    def decide(self, book: EndpointBook, now: Micros) -> Outcome:
        """Change the book, or raise a ReturnsError and leave it as it was."""
