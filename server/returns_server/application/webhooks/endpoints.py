"""An endpoint as its tenant sets it, and how it fares."""

from __future__ import annotations

from dataclasses import field, fields, replace
from enum import IntEnum
from typing import NewType

from returns_server.application.etags import digest
from returns_server.domain.ids import Micros
from returns_server.domain.record import record

EndpointId = NewType("EndpointId", str)


class EndpointState(IntEnum):
    """Whether an endpoint is served; numbers are the contract's."""

    ENABLED = 1
    DISABLED = 2
    DISABLED_BY_FAILURES = 3


class Ordering(IntEnum):
    """In which order events are posted."""

    PER_RETURN = 1
    NONE = 2


class PayloadFormat(IntEnum):
    """How the body is written."""

    STANDARD_WEBHOOKS = 1
    CLOUDEVENTS = 2


@record
class Header:
    """A header that is sent along; its value is the tenant's secret, sealed where it is stored.

    A value is sealed in another way each time: `mark` is the same for the same value, and tells nothing of it.
    """

    name: str
    sealed: bytes = field(repr=False, compare=False)
    mark: str


@record
class Settings:
    """What callers set, but for the state."""

    url: str
    display_name: str = ""
    event_types: tuple[str, ...] = ()
    filter: str = ""
    headers: tuple[Header, ...] = ()
    excluded_fields: tuple[str, ...] = ()
    payload_format: PayloadFormat = PayloadFormat.STANDARD_WEBHOOKS
    ordering: Ordering = Ordering.PER_RETURN


_NOW = Micros(0)


@record
class Standing:
    """How an endpoint fares, as far as the next attempt depends on it.

    `failures` counts those in a row since the last success; nothing is posted before `pause_until`.
    """

    state: EndpointState = EndpointState.ENABLED
    failures: int = 0
    pause_until: Micros = _NOW
    last_success_time: Micros | None = None
    last_failure_time: Micros | None = None
    delivered_count: int = 0
    exhausted_count: int = 0


@record
class Endpoint:
    """An endpoint: settings, standing, and its place in the tenant's log.

    `cursor` is the sequence of the last event that was looked at for it, `cursor_time` about when that happened.
    `revision` grows with each change of the settings or the state. `lost_since` is set once the log went on without it.
    """

    endpoint_id: EndpointId
    settings: Settings
    standing: Standing
    cursor: int
    cursor_time: Micros
    create_time: Micros
    update_time: Micros
    revision: int = 1
    lost_since: Micros | None = None

    @property
    def etag(self) -> str:
        """Over what callers set: being turned off by failures is none of their doing."""
        wanted = self.standing.state is not EndpointState.DISABLED
        return digest(([getattr(self.settings, one.name) for one in fields(self.settings)], wanted))

    def with_settings(self, settings: Settings, now: Micros) -> Endpoint:
        """The endpoint with other settings."""
        return replace(self, settings=settings, revision=self.revision + 1, update_time=now)

    def with_state(self, state: EndpointState, now: Micros) -> Endpoint:
        """The endpoint turned on or off."""
        standing = replace(self.standing, state=state)
        return replace(self, standing=standing, revision=self.revision + 1, update_time=now)


@record
class Secret:
    """A signing secret, sealed. `sign_until` is None for the one that signs until it is replaced."""

    secret_id: str
    sealed: bytes = field(repr=False)
    create_time: Micros
    sign_until: Micros | None = None

    def signs(self, now: Micros) -> bool:
        """Whether messages carry a signature by it."""
        return self.sign_until is None or now < self.sign_until


@record
class Statistics:
    """What is counted when somebody asks."""

    pending_count: int = 0
    oldest_pending_time: Micros | None = None
