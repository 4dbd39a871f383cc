"""Which events an endpoint gets: by type and by filter."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import structlog

from commerce.returns.v1.event_pb2 import ReturnEvent
from returns_server.application.webhooks.endpoints import Settings
from returns_server.domain.errors import ReturnsError
from returns_server.domain.ids import TenantId
from returns_server.filtering.language import parse_events_filter
from returns_server.filtering.predicate import compiled

_log = structlog.get_logger(__name__)

Predicate = Callable[[ReturnEvent], bool]


class Unreadable(Exception):
    """This release cannot read an endpoint's filter: its events wait for one that can."""


def wants_type(event_types: tuple[str, ...], event_type: str) -> bool:
    """Whether an endpoint with these event types gets events of a type."""
    family = event_type.partition(".")[0] + ".*"
    return not event_types or event_type in event_types or family in event_types


@lru_cache(maxsize=1_024)
def filter_of(tenant: TenantId, text: str) -> Predicate | None:
    """The filter as a predicate, None where it holds of everything; raises Unreadable."""
    if not text.strip():
        return None
    try:
        return compiled(parse_events_filter(text, tenant, sees_all=True), ReturnEvent.DESCRIPTOR)
    except ReturnsError as error:
        _log.error("a stored filter cannot be read", tenant=tenant, column=error.facts.get("column", ""))
        raise Unreadable(str(error)) from error


def needs_document(settings: Settings) -> bool:
    """Whether an event must be read whole to know if the endpoint gets it."""
    return bool(settings.filter.strip())
