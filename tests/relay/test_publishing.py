"""What the relay publishes: every event of every tenant, once, in order, and as the log has it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from commerce.returns.v1 import returns_service_pb2 as returns_pb
from commerce.returns.v1.event_pb2 import ReturnEvent
from returns_server.domain.events import EventType
from tests.support.consumers import whole_log
from tests.support.hooks import changed, everything, filed
from tests.support.nats import NatsServer, Stored, each_once_in_order, stored_until
from tests.support.relays import metric, relay, until_metric
from tests.support.service import Service, serving

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _told(message: Stored) -> tuple[str, str, str, str, str, str]:
    data = message.json["data"]
    return (
        message.subject,
        message.id,
        message.headers["Returns-Cursor"],
        data["id"],
        data["cursor"],
        data["returnName"],
    )


def _said(event: ReturnEvent, tenant: str) -> tuple[str, str, str, str, str, str]:
    subject = f"returns.events.{tenant}.{event.type}"
    return subject, event.id, event.cursor, event.id, event.cursor, event.return_name


async def test_every_event_is_there_once_in_order_and_as_the_log_has_it(
    tmp_path: Path, database_url: str | None, service: Service, nats_server: NatsServer
) -> None:
    acme, beta = everything(service), everything(service, "beta")
    [ret, *_] = await filed(acme, 300)
    await changed(acme, ret, 2)
    await acme.returns.ApproveReturn(returns_pb.ApproveReturnRequest(name=ret.name), metadata=(("traceparent", TRACE),))
    await filed(beta, 5, tenant="beta")
    async with relay(tmp_path / "data", database_url, nats_server) as work:
        await stored_until(nats_server, 308)
        # Live now: what happens is there a moment later, also of a tenant that had nothing.
        await changed(acme, ret, 1, begin=2)
        await filed(everything(service, "gamma"), 2, tenant="gamma")
        found = await stored_until(nats_server, 311)
        await until_metric(work, "published_total", 311)
        assert metric(work, "connected") == 1
        assert metric(work, "lag_seconds_count") == 311
    assert each_once_in_order(found) == {"acme": 304, "beta": 5, "gamma": 2}
    for tenant, client in (("acme", acme), ("beta", beta)):
        events = await whole_log(client, tenant)
        assert [_told(one) for one in found if one.tenant == tenant] == [_said(event, tenant) for event in events]
    [approved] = [one for one in found if one.json["type"] == "return.approved"]
    assert approved.headers["traceparent"].split("-")[1] == TRACE.split("-")[1]
    assert approved.headers["traceparent"] == approved.json["traceparent"]
    assert approved.headers["Content-Type"] == "application/cloudevents+json"
    assert approved.json["data"]["return"]["state"] == "STATE_APPROVED"
    assert approved.json["source"] == "/tenants/acme"


def test_types_hold_nothing_that_subjects_may_not() -> None:
    for event_type in EventType:
        assert all(token and token.replace("_", "").isalpha() for token in event_type.type_name.split("."))


async def test_a_relay_goes_on_where_the_one_before_it_ended(
    tmp_path: Path, database_url: str | None, service: Service, nats_server: NatsServer
) -> None:
    client = everything(service)
    for round_ in range(1, 4):
        await filed(client, 20)
        async with relay(tmp_path / "data", database_url, nats_server):
            found = await stored_until(nats_server, round_ * 20)
        assert each_once_in_order(found) == {"acme": round_ * 20}
    async with relay(tmp_path / "data", database_url, nats_server) as work:
        await until_metric(work, "connected")
        await changed(client, (await filed(client, 1))[0], 1)
        assert each_once_in_order(await stored_until(nats_server, 62)) == {"acme": 62}
        assert metric(work, "published_total") == 2


async def test_two_relays_at_once_double_nothing(
    tmp_path: Path, database_url: str | None, service: Service, nats_server: NatsServer
) -> None:
    acme, beta = everything(service), everything(service, "beta")
    data = tmp_path / "data"
    async with relay(data, database_url, nats_server) as one, relay(data, database_url, nats_server) as other:
        await until_metric(one, "connected")
        await until_metric(other, "connected")
        for round_ in range(4):
            await asyncio.gather(filed(acme, 20), filed(beta, 20, tenant="beta"))
            found = await stored_until(nats_server, 40 * (round_ + 1))
        assert each_once_in_order(found) == {"acme": 80, "beta": 80}
        # Each event was stored by one of them, and they were in each other's way.
        async with asyncio.timeout(60):
            while metric(one, "published_total") + metric(other, "published_total") < 160:
                await asyncio.sleep(0.01)
        assert metric(one, "moved_total") + metric(other, "moved_total") > 0
        assert metric(one, "reconnects_total", cause="away") == 0
    assert each_once_in_order(await stored_until(nats_server, 160)) == {"acme": 80, "beta": 80}


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_while_nats_is_away_the_relay_waits(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("returns_server.relay.connection.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("returns_server.relay.window.ANSWER_SECONDS", 0.5)
    with NatsServer(tmp_path / "nats") as nats_server:
        nats_server.kill()
        async with serving(tmp_path / "data") as service:
            client = everything(service)
            # It is not there yet when the relay starts.
            async with relay(tmp_path / "data", None, nats_server) as work:
                await filed(client, 5)
                await until_metric(work, "reconnects_total", 2, cause="away")
                assert metric(work, "connected") == 0
                assert metric(work, "behind_seconds") > 0
                await asyncio.to_thread(nats_server.start)
                await stored_until(nats_server, 5)
                before = metric(work, "reconnects_total", cause="away")
                if how == "killed":
                    nats_server.kill()
                    await filed(client, 5)
                    await until_metric(work, "reconnects_total", before + 1, cause="away")
                    await asyncio.to_thread(nats_server.start)
                else:
                    nats_server.freeze()
                    await filed(client, 5)
                    await until_metric(work, "reconnects_total", before + 1, cause="away")
                    nats_server.thaw()
                assert each_once_in_order(await stored_until(nats_server, 10)) == {"acme": 10}
                async with asyncio.timeout(60):
                    while metric(work, "behind_seconds") > 1:
                        await asyncio.sleep(0.05)
