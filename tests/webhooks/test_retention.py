"""The log is kept for endpoints that are off, for so long; and one that lost something says since when."""

from __future__ import annotations

from commerce.returns.v1 import webhooks_service_pb2 as pb
from returns_server.domain.ids import Micros, TenantId
from returns_server.storage.retention import spared
from returns_server.storage.session import Session, WriteSession
from tests.support.hooks import caught_up, changed, deliveries, endpoint_now, everything, filed, made, states
from tests.support.receiver import Receiver, answer
from tests.support.service import MovableClock, Service

ACME = TenantId("acme")


async def _spared(service: Service, lag_before: int) -> int | None:
    async def query(session: Session) -> int | None:
        return await spared(session, ACME, Micros(lag_before))

    assert service.app is not None
    return await service.app.database.read(query, heavy=True)


async def _forget(service: Service, until: int) -> None:
    """What retention does, at its plainest."""

    async def forget(session: WriteSession) -> None:
        await session.execute(f"DELETE FROM events WHERE tenant = 'acme' AND sequence <= {until}")

    assert service.app is not None
    await service.app.database.write(forget)


async def test_the_log_is_kept_from_the_place_of_the_slowest_endpoint(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    assert await _spared(stepped, 0) is None
    await filed(client, 3)
    await made(client, receiver.url, state="STATE_DISABLED")
    await made(client, receiver.url)
    await filed(client, 2)
    assert await _spared(stepped, 0) == 3
    await caught_up(stepped)
    assert await _spared(stepped, 0) == 3
    # The one that is off holds the log back no longer than it may.
    assert await _spared(stepped, clock() + 10**9) == 5


async def test_the_log_is_kept_for_what_is_on_its_way(stepped: Service, receiver: Receiver) -> None:
    client = everything(stepped)
    await made(client, receiver.url)
    receiver.respond = lambda got: answer(500 if got.json["data"]["sequence"] == "2" else 200)
    await filed(client, 4)
    await caught_up(stepped)
    assert await _spared(stepped, 0) == 1


async def test_an_endpoint_that_lost_events_says_since_when_and_goes_on(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url, state="STATE_DISABLED")
    began = clock()
    await filed(client, 4)
    assert not (await endpoint_now(client, endpoint)).HasField("lost_since")
    await _forget(stepped, 2)
    lost = (await endpoint_now(client, endpoint)).lost_since.ToMicroseconds()
    assert lost <= began
    await client.webhooks.EnableWebhookEndpoint(pb.EnableWebhookEndpointRequest(name=endpoint.name))
    await caught_up(stepped)
    assert sorted(int(got.json["data"]["sequence"]) for got in receiver.accepted) == [3, 4]
    assert (await endpoint_now(client, endpoint)).lost_since.ToMicroseconds() == lost


async def test_an_event_that_is_gone_before_it_was_posted_ends_its_delivery_and_lets_the_next_go(
    stepped: Service, receiver: Receiver, clock: MovableClock
) -> None:
    client = everything(stepped)
    endpoint, _ = await made(client, receiver.url)
    receiver.respond = lambda _: answer(500)
    [ret] = await filed(client, 1)
    await changed(client, ret, 1)
    await caught_up(stepped)
    await _forget(stepped, 1)
    receiver.respond = lambda _: answer(200)
    clock.forward(10)
    await caught_up(stepped)
    await caught_up(stepped)
    assert states(await deliveries(client, endpoint)) == ["CANCELLED", "DELIVERED"]
    assert (await endpoint_now(client, endpoint)).HasField("lost_since")
