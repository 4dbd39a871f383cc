"""Expiry runs by itself: what waits too long closes, on whichever replica holds the lease."""

from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.party_pb2 import Submitter
from commerce.returns.v1.return_pb2 import Return
from returns_server.application.expiry import Timer
from tests.support.messages import create
from tests.support.scenes import UNITS, approve, claimed, found, in_state, only_order, ordered, receive
from tests.support.service import MovableClock, Service

MONTH = 30 * 86_400


def _timer(service: Service) -> Timer:
    assert service.app is not None
    return service.app.timer


@pytest.mark.parametrize(
    ("state", "still_claimed"), [("pending", 0), ("approved", 0), ("approved, not expected", UNITS), ("reopened", 0)]
)
async def test_what_waits_too_long_closes_by_itself(
    service: Service, clock: MovableClock, state: str, still_claimed: int
) -> None:
    ret = await in_state(service, state)
    clock.forward(MONTH - 60)
    assert await _timer(service).tick() == 0
    assert (await found(service.client(), ret.name)).state == ret.state
    clock.forward(120)
    assert await _timer(service).tick() == 1
    after = await found(service.client(), ret.name)
    assert (after.state, after.close_reason) == (Return.STATE_CLOSED, Return.CLOSE_REASON_EXPIRED)
    assert after.close_time.seconds >= ret.expire_time.seconds
    assert await claimed(service, only_order(ret)) == still_claimed
    timeline = await service.client().returns.ListReturnEvents(pb.ListReturnEventsRequest(parent=ret.name))
    last = timeline.events[-1]
    assert (last.type, last.actor.user_type) == ("return.closed", Submitter.USER_TYPE_SERVICE)
    assert await _timer(service).tick() == 0


@pytest.mark.parametrize(
    "state", ["approved, part received", "approved, all received", "rejected", "cancelled", "completed"]
)
async def test_what_arrived_or_ended_does_not_expire(service: Service, clock: MovableClock, state: str) -> None:
    ret = await in_state(service, state)
    clock.forward(2 * MONTH)
    assert await _timer(service).tick() == 0
    assert (await found(service.client(), ret.name)).version == ret.version


async def test_until_the_timer_has_run_a_return_past_its_time_is_in_its_state(
    service: Service, clock: MovableClock
) -> None:
    ret = await in_state(service, "approved")
    clock.forward(MONTH + 60)
    staff = service.client()
    assert (await found(staff, ret.name)).state == Return.STATE_APPROVED
    assert (await receive(staff, ret, 1)).goods_state == Return.GOODS_STATE_PARTIALLY_RECEIVED
    assert await _timer(service).tick() == 0


async def test_an_expiry_that_somebody_gave_is_kept(service: Service, clock: MovableClock) -> None:
    order_id = await ordered(service)
    soon = Timestamp(seconds=clock() // 1_000_000 + 3600)
    ret = await service.client().returns.CreateReturn(create((order_id, "1", 1), expire_time=soon))
    ret = await approve(service.client(), ret)
    clock.forward(3601)
    assert await _timer(service).tick() == 1
    assert (await found(service.client(), ret.name)).close_reason == Return.CLOSE_REASON_EXPIRED


async def test_returns_of_all_tenants_expire_however_many(service: Service, clock: MovableClock) -> None:
    names = []
    for tenant in ("acme", "other"):
        for _ in range(3):
            order_id = await ordered(service, tenant=tenant)
            client = service.client(tenant=tenant)
            ret = await client.returns.CreateReturn(create((order_id, "1", 1), tenant=tenant))
            names.append((tenant, ret.name))
    clock.forward(MONTH + 1)
    assert await _timer(service).tick() == 6
    for tenant, name in names:
        assert (await found(service.client(tenant=tenant), name)).state == Return.STATE_CLOSED


async def test_the_lease_keeps_a_second_replica_out_until_it_runs_out(service: Service, clock: MovableClock) -> None:
    first = _timer(service)
    second = Timer(first._stores, clock, "another replica", first._interval)
    ret = await in_state(service, "pending")
    assert await first.tick() == 0
    clock.forward(MONTH + 60)
    # Renewed before the other one comes.
    assert await first._stores.leases.acquire("expiry", first._holder, clock(), clock() + 60_000_000)  # type: ignore[arg-type]
    assert await second.tick() == 0
    assert (await found(service.client(), ret.name)).state == Return.STATE_PENDING
    clock.forward(61)
    assert await second.tick() == 1
    assert (await found(service.client(), ret.name)).state == Return.STATE_CLOSED
