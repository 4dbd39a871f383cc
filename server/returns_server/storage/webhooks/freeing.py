"""Lets the next event of a return go, once the one before has ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from returns_server.application.webhooks.deliveries import Delivery, DeliveryKey, Happening
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.storage.dialects import Query
from returns_server.storage.session import Row, WriteSession
from returns_server.storage.webhooks.rows import DELIVERY_COLUMNS, delivery_of
from returns_server.storage.webhooks.tables import OPEN_STATES, webhook_deliveries

ReturnKey = tuple[TenantId, str, ReturnId]
_KEY = ("tenant", "endpoint_id", "return_id")
_HELD = int(DeliveryState.HELD)
_DUE_OR_NEXT = (
    f"t.{OPEN_STATES} AND (t.state <> {_HELD} OR t.sequence = (SELECT min(h.sequence) FROM webhook_deliveries h"  # noqa: S608
    " WHERE h.tenant = t.tenant AND h.endpoint_id = t.endpoint_id AND h.return_id = t.return_id"
    f" AND h.{OPEN_STATES} AND h.state = {_HELD}))"
)


def return_of(delivery: Delivery) -> ReturnKey:
    """Which return of which endpoint a delivery is of."""
    return (delivery.key.tenant, delivery.key.endpoint_id, delivery.return_id)


def next_of_returns(session: WriteSession, returns: Iterable[ReturnKey]) -> Query:
    """The query for what `freed` looks at: of these returns all that is due, and the first that is held."""
    select = session.dialect.select(webhook_deliveries, _KEY, DELIVERY_COLUMNS, where=_DUE_OR_NEXT)
    return select(sorted(set(returns)))


def freed(settled: Mapping[DeliveryKey, Delivery], following: Iterable[Row], now: Micros) -> list[Delivery]:
    """The next delivery of each return whose delivery has ended, where it was held back for that alone.

    `following` is what `next_of_returns` found before anything was written, with the endpoints locked.
    """
    ended = {return_of(delivery) for delivery in settled.values() if not delivery.is_open}
    first: dict[ReturnKey, Delivery] = {}
    busy: set[ReturnKey] = set()
    for delivery in map(delivery_of, following):
        as_it_is = settled.get(delivery.key, delivery)
        if as_it_is.state is DeliveryState.HELD:
            first[return_of(delivery)] = delivery
        elif as_it_is.is_open:
            busy.add(return_of(delivery))
    free = [first[key] for key in sorted(ended & first.keys() - busy)]
    return [delivery.after(Happening.FREED, now, next_time=now) for delivery in free]
