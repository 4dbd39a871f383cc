"""Fan-out: reads the log behind each endpoint's cursor and puts on their way what the endpoint wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from commerce.returns.v1.event_pb2 import ReturnEvent
from returns_server.application.webhooks.endpoints import Endpoint
from returns_server.application.webhooks.ports import Advance, BridgeStore, Candidate, Followers
from returns_server.domain.ids import Micros, TenantId
from returns_server.webhooks.matching import Unreadable, filter_of, needs_document, wants_type

_log = structlog.get_logger(__name__)

EVENTS_A_STEP = 100
"""Few enough that judging them by a filter holds up no call for long."""


class FanOut:
    """A reader of the log for all endpoints."""

    def __init__(self, store: BridgeStore, clock: Callable[[], Micros]) -> None:
        """Takes the store and the clock."""
        self._store = store
        self._clock = clock

    async def step(self, tenants: frozenset[TenantId] | None = None) -> tuple[bool, int]:
        """Whether any cursor could move, and how many deliveries are new. `tenants` are those whose logs grew."""
        moves: list[Advance] = []
        for followers in await self._store.followers(tenants, self._clock(), EVENTS_A_STEP, _needs_document):
            moves += self._moves(followers)
            await asyncio.sleep(0)  # calls get their turn between two places in the log
        if not moves:
            return False, 0
        return True, await self._store.advance(moves, self._clock())

    def _moves(self, followers: Followers) -> list[Advance]:
        tenant, events = followers.tenant, followers.events
        to, time = (events[-1].sequence, events[-1].time) if events else (followers.head, self._clock())
        parsed: dict[int, ReturnEvent] = {}
        moves = []
        for endpoint in followers.endpoints:
            if followers.lost and endpoint.lost_since is None:
                _log.error("an endpoint lost events", tenant=tenant, endpoint=endpoint.endpoint_id)
            try:
                wanted = [event for event in events if wants(tenant, endpoint, event, parsed)]
            except Unreadable:
                continue
            moves.append(Advance(tenant, endpoint, to, time, wanted, followers.lost))
        return moves


def wants(tenant: TenantId, endpoint: Endpoint, event: Candidate, parsed: dict[int, ReturnEvent]) -> bool:
    """Whether an endpoint gets an event; what was parsed is kept for the next endpoint. Raises Unreadable."""
    settings = endpoint.settings
    predicate = filter_of(tenant, settings.filter)
    if not wants_type(settings.event_types, event.event_type):
        return False
    if predicate is None:
        return True
    message = parsed.get(event.sequence)
    if message is None:
        message = parsed[event.sequence] = ReturnEvent.FromString(event.document)
        message.sequence = event.sequence
    return predicate(message)


def _needs_document(endpoint: Endpoint) -> bool:
    return needs_document(endpoint.settings)
