"""Results of attempts: written only under the fence that the delivery was claimed with."""

from __future__ import annotations

from collections.abc import Sequence

from returns_server.application.webhooks.deliveries import Delivery, DeliveryKey
from returns_server.application.webhooks.endpoints import EndpointId, EndpointState, Standing
from returns_server.application.webhooks.ports import Judge, Result, Settled
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.storage.session import Row, WriteSession
from returns_server.storage.webhooks.freeing import freed, next_of_returns, return_of
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


async def settle(session: WriteSession, results: Sequence[Result], judge: Judge, now: Micros) -> Settled:
    """What the results led to; they are queued, and travel with the commit.

    A result that comes after its lease was taken over, or after its endpoint was deleted, changes nothing. All that is
    asked is asked at once: until the commit, a kill makes what arrived come twice.
    """
    claimed = [result.delivery for result in results]
    keys = sorted({(delivery.key.tenant, delivery.key.endpoint_id) for delivery in claimed})
    select = session.dialect.select(webhook_deliveries, DELIVERY_KEY, DELIVERY_COLUMNS)
    rows, found, following = await session.run([
        locked_endpoints(session, keys),
        select([tuple(delivery.key) for delivery in claimed]),
        next_of_returns(session, map(return_of, claimed)),
    ])  # fmt: skip
    before = {(row[0], row[1]): endpoint_of(row) for row in rows}
    standings = {key: endpoint.standing for key, endpoint in before.items()}
    deliveries = {delivery.key: delivery for delivery in map(delivery_of, found)}
    settled: dict[DeliveryKey, Delivery] = {}
    attempts: list[Row] = []
    for result in results:
        key = result.delivery.key
        delivery, endpoint_key = deliveries.get(key), key[:2]
        if delivery is None or endpoint_key not in standings:
            continue
        if delivery.state is not DeliveryState.LEASED or delivery.fence != result.delivery.fence:
            continue
        after, standings[endpoint_key] = judge.judge(delivery, standings[endpoint_key], result.attempt, now)
        deliveries[key] = settled[key] = after
        attempts.append(attempt_row(key, after.attempts, result.attempt))
    if not settled:
        return Settled()
    changed = [*settled.values(), *freed(settled, following, now)]
    dialect = session.dialect
    session.later(
        dialect.update(webhook_deliveries, DELIVERY_KEY, PROGRESS_COLUMNS)([progress_row(one) for one in changed])
    )
    session.later(dialect.insert(webhook_attempts, ATTEMPT_COLUMNS)(attempts))
    standing_rows: list[Row] = []
    turned_off: list[tuple[TenantId, EndpointId, Standing]] = []
    for (tenant, endpoint_id), standing in standings.items():
        endpoint = before[tenant, endpoint_id]
        if standing is endpoint.standing:
            continue
        off = standing.state is not endpoint.standing.state
        standing_rows.append(standing_row(tenant, endpoint_id, endpoint.revision + off, standing))
        if off and standing.state is not EndpointState.ENABLED:
            turned_off.append((tenant, endpoint_id, standing))
    session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, STANDING_COLUMNS)(standing_rows))
    return Settled(list(settled.values()), turned_off)


async def rehearse_settle(session: WriteSession) -> None:
    """Run the statements of `settle` for what exists nowhere."""
    tenant, endpoint_id = TenantId(""), EndpointId("")
    nobody, nothing = (tenant, endpoint_id), (tenant, endpoint_id, 0)
    dialect = session.dialect
    select = dialect.select(webhook_deliveries, DELIVERY_KEY, DELIVERY_COLUMNS)
    await session.run([
        locked_endpoints(session, [nobody]),
        select([nothing]),
        next_of_returns(session, [(*nobody, ReturnId(""))]),
        open_of_returns(session, [(*nobody, "")]),
    ])  # fmt: skip
    progress = dialect.update(webhook_deliveries, DELIVERY_KEY, PROGRESS_COLUMNS)
    standing = dialect.update(webhook_endpoints, ENDPOINT_KEY, STANDING_COLUMNS)
    session.later(progress([(*nothing, *(0 for _ in PROGRESS_COLUMNS))]))
    session.later(standing([standing_row(tenant, endpoint_id, 0, Standing())]))
    dialect.insert(webhook_attempts, ATTEMPT_COLUMNS)
