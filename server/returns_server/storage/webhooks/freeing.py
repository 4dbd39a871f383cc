"""Lets the next event of a return go, once the one before has ended."""

from __future__ import annotations

from collections.abc import Mapping

from returns_server.application.webhooks.deliveries import Delivery, DeliveryKey, Happening
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import Micros
from returns_server.storage.session import Row, WriteSession
from returns_server.storage.webhooks.loading import open_of_returns
from returns_server.storage.webhooks.rows import DELIVERY_COLUMNS, DELIVERY_KEY, delivery_of
from returns_server.storage.webhooks.tables import webhook_deliveries


async def freed(session: WriteSession, settled: Mapping[DeliveryKey, Delivery], now: Micros) -> list[Delivery]:
    """The next event of each return whose delivery has ended, where it was held back for that."""
    ended = [delivery for delivery in settled.values() if not delivery.is_open]
    if not ended:
        return []
    keys = [(delivery.key.tenant, delivery.key.endpoint_id, delivery.return_id) for delivery in ended]
    [rows] = await session.run([open_of_returns(session, keys)])
    waiting: dict[Row, list[DeliveryKey]] = {}
    busy = set()
    for tenant, endpoint_id, return_id, sequence, state in rows:
        key = DeliveryKey(tenant, endpoint_id, sequence)
        if key in settled and not settled[key].is_open:
            continue
        if state == DeliveryState.HELD:
            waiting.setdefault((tenant, endpoint_id, return_id), []).append(key)
        else:
            busy.add((tenant, endpoint_id, return_id))
    first = sorted(min(held) for return_key, held in waiting.items() if return_key not in busy)
    if not first:
        return []
    select = session.dialect.select(webhook_deliveries, DELIVERY_KEY, DELIVERY_COLUMNS)
    [held_rows] = await session.run([select([tuple(key) for key in first])])
    return [delivery_of(row).after(Happening.FREED, now, next_time=now) for row in held_rows]
