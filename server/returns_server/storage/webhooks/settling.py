"""Results of attempts: written only under the fence that the delivery was claimed with."""

from __future__ import annotations

from collections.abc import Sequence

from returns_server.application.webhooks.deliveries import Delivery, DeliveryKey
from returns_server.application.webhooks.endpoints import EndpointId, EndpointState, Standing
from returns_server.application.webhooks.ports import Judge, Result
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import Micros, TenantId
from returns_server.storage.session import Row, WriteSession
from returns_server.storage.webhooks.freeing import freed
from returns_server.storage.webhooks.loading import locked_endpoints, open_of_returns
from returns_server.storage.webhooks.rows import (
    ATTEMPT_COLUMNS,
    DELIVERY_COLUMNS,
    DELIVERY_KEY,
    ENDPOINT_KEY,
    PROGRESS_COLUMNS,
    STANDING_COLUMNS,
    attempt_row,
    delivery_of,
    endpoint_of,
    progress_row,
    standing_row,
)
from returns_server.storage.webhooks.tables import webhook_attempts, webhook_deliveries, webhook_endpoints

EndpointKey = tuple[TenantId, EndpointId]
TurnedOff = tuple[TenantId, EndpointId, Standing]


async def settle(
    session: WriteSession, results: Sequence[Result], judge: Judge, now: Micros
) -> tuple[list[Delivery], list[TurnedOff]]:
    """The deliveries whose results counted, as they are now, and the endpoints that were turned off by them.

    A result that comes after its lease was taken over, or after its endpoint was deleted, changes nothing.
    """
    keys = sorted({(result.key.tenant, result.key.endpoint_id) for result in results})
    select = session.dialect.select(webhook_deliveries, DELIVERY_KEY, DELIVERY_COLUMNS)
    rows, found = await session.run(
        [locked_endpoints(session, keys), select([tuple(result.key) for result in results])]
    )
    before = {(row[0], row[1]): endpoint_of(row) for row in rows}
    standings = {key: endpoint.standing for key, endpoint in before.items()}
    deliveries = {delivery.key: delivery for delivery in map(delivery_of, found)}
    settled: dict[DeliveryKey, Delivery] = {}
    attempts: list[Row] = []
    for result in results:
        delivery, endpoint_key = deliveries.get(result.key), result.key[:2]
        if delivery is None or endpoint_key not in standings:
            continue
        if delivery.state is not DeliveryState.LEASED or delivery.fence != result.fence:
            continue
        after, standings[endpoint_key] = judge.judge(delivery, standings[endpoint_key], result.attempt, now)
        deliveries[result.key] = settled[result.key] = after
        attempts.append(attempt_row(result.key, after.attempts, result.attempt))
    if not settled:
        return [], []
    changed = [*settled.values(), *await freed(session, settled, now)]
    dialect = session.dialect
    session.later(
        dialect.update(webhook_deliveries, DELIVERY_KEY, PROGRESS_COLUMNS)([progress_row(one) for one in changed])
    )
    session.later(dialect.insert(webhook_attempts, ATTEMPT_COLUMNS)(attempts))
    standing_rows, turned_off = [], []
    for (tenant, endpoint_id), standing in standings.items():
        endpoint = before[tenant, endpoint_id]
        if standing is endpoint.standing:
            continue
        off = standing.state is not endpoint.standing.state
        standing_rows.append(standing_row(tenant, endpoint_id, endpoint.revision + off, standing))
        if off and standing.state is not EndpointState.ENABLED:
            turned_off.append((tenant, endpoint_id, standing))
    session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, STANDING_COLUMNS)(standing_rows))
    return list(settled.values()), turned_off


async def rehearse_settle(session: WriteSession) -> None:
    """Run the statements of `settle` for what exists nowhere."""
    tenant, endpoint_id = TenantId(""), EndpointId("")
    nobody, nothing = (tenant, endpoint_id), (tenant, endpoint_id, 0)
    dialect = session.dialect
    select = dialect.select(webhook_deliveries, DELIVERY_KEY, DELIVERY_COLUMNS)
    await session.run(
        [locked_endpoints(session, [nobody]), select([nothing]), open_of_returns(session, [(tenant, endpoint_id, "")])]
    )
    progress = dialect.update(webhook_deliveries, DELIVERY_KEY, PROGRESS_COLUMNS)
    standing = dialect.update(webhook_endpoints, ENDPOINT_KEY, STANDING_COLUMNS)
    session.later(progress([(*nothing, *(0 for _ in PROGRESS_COLUMNS))]))
    session.later(standing([standing_row(tenant, endpoint_id, 0, Standing())]))
    dialect.insert(webhook_attempts, ATTEMPT_COLUMNS)
