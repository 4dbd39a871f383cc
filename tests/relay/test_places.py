"""Where the relay goes on: behind what the stream has, and nowhere else unless the operator says so."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog.testing

from returns_server.config import DATABASE_FILE
from returns_server.domain.ids import DAY, Micros, TenantId
from returns_server.storage.backup import back_up, prepare, put_back
from tests.support.hooks import everything, filed
from tests.support.messages import create
from tests.support.nats import STREAM, NatsServer, asked, client_of, each_once_in_order, held_by, stored, stored_until
from tests.support.relays import metric, relay, until_metric
from tests.support.service import Service, serving


async def _made(server: NatsServer, doing: str = "CREATE", **config: Any) -> None:
    """A stream that an operator made, or changed (UPDATE)."""
    given = {"name": STREAM, "subjects": ["returns.events.>"], "allow_atomic": True, **config}
    async with client_of(server) as client:
        assert "error" not in await asked(client, f"STREAM.{doing}.{STREAM}", given)


async def _caught_up(work: Any) -> None:
    """Wait until all that had happened by now is stored."""
    began = time.monotonic()
    async with asyncio.timeout(60):
        while not metric(work, "connected") or metric(work, "behind_seconds") > time.monotonic() - began:
            await asyncio.sleep(0.02)


@pytest.fixture
async def restored(tmp_path: Path, database_url: str | None, nats_server: NatsServer) -> int:
    """A stream with events of a log that is no more: it was on SQLite, and this test's database is another one."""
    async with serving(tmp_path / "before") as service, relay(tmp_path / "before", None, nats_server):
        await filed(everything(service), 7)
        await stored_until(nats_server, 7)
    return 7


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Service]:
    """A service on the embedded database, where the log is not what is tried."""
    async with serving(tmp_path / "data") as service:
        yield service


async def test_a_restored_log_is_refused_until_the_operator_says_how_to_go_on(
    tmp_path: Path, database_url: str | None, restored: int, service: Service, nats_server: NatsServer
) -> None:
    await filed(everything(service), 3)
    await filed(everything(service, "beta"), 2, tenant="beta")
    data = tmp_path / "data"
    with structlog.testing.capture_logs() as logs:
        async with relay(data, database_url, nats_server) as work:
            await until_metric(work, "stuck_tenants")
            # Others go on, and this one's trouble shows.
            await stored_until(nats_server, restored + 2)
            assert metric(work, "published_total") == 2
            assert metric(work, "behind_seconds") > 0
    [told] = [entry for entry in logs if entry["log_level"] == "error"]
    assert told["tenant"] == "acme"
    assert "restored" in told["cause"]
    assert "RETURNS_RELAY_LOST_PLACE" in told["cause"]
    assert len(await stored(nats_server)) == restored + 2
    async with relay(data, database_url, nats_server, lost_place="earliest") as work:
        found = await stored_until(nats_server, restored + 2 + 3)
        assert metric(work, "stuck_tenants") == 0
    assert [one.sequence for one in found if one.tenant == "acme"] == [1, 2, 3, 4, 5, 6, 7, 1, 2, 3]
    # Once it has gone on, nothing is lost any more.
    await filed(everything(service), 1)
    async with relay(data, database_url, nats_server):
        assert (await stored_until(nats_server, restored + 2 + 4))[-1].sequence == 4


async def test_by_time_goes_on_with_what_happened_since(
    tmp_path: Path, database_url: str | None, nats_server: NatsServer
) -> None:
    early, late = [Micros(time.time_ns() // 1000 - days * DAY) for days in (3, 1)]
    # Of the time between, the restored log has nothing: it was restored to a state of three days ago.
    before = serving(tmp_path / "before", clock=lambda: Micros(late - DAY))
    async with before as service, relay(tmp_path / "before", None, nats_server):
        await filed(everything(service), 2)
        await stored_until(nats_server, 2)
    async with serving(tmp_path / "data", database_url, clock=lambda: early) as service:
        await filed(everything(service), 3)
    async with serving(tmp_path / "data", database_url, clock=lambda: late) as service:
        await filed(everything(service), 4)
        async with relay(tmp_path / "data", database_url, nats_server, lost_place="by_time"):
            found = await stored_until(nats_server, 6)
    assert [one.sequence for one in found] == [1, 2, 4, 5, 6, 7]


async def test_a_log_that_retention_cut_behind_the_relays_back_is_refused(
    tmp_path: Path, database_url: str | None, service: Service, nats_server: NatsServer
) -> None:
    client, data = everything(service), tmp_path / "data"
    await filed(client, 3)
    async with relay(data, database_url, nats_server):
        await stored_until(nats_server, 3)
    await filed(client, 3)
    assert service.app is not None
    future = Micros(service.clock() + DAY)
    await service.app.reads.forget_events(TenantId("acme"), future, future)
    await filed(client, 1)
    with structlog.testing.capture_logs() as logs:
        async with relay(data, database_url, nats_server) as work:
            await until_metric(work, "stuck_tenants")
    assert ["no longer kept" in entry["cause"] for entry in logs if entry["log_level"] == "error"] == [True]
    async with relay(data, database_url, nats_server, lost_place="by_time"):
        found = await stored_until(nats_server, 4)
    assert [one.sequence for one in found] == [1, 2, 3, 7]


async def test_a_log_that_is_restored_under_a_relay_at_work_is_refused(
    tmp_path: Path, database_url: str | None, service: Service, nats_server: NatsServer
) -> None:
    client, data = everything(service), tmp_path / "data"
    await filed(client, 3)
    async with relay(data, database_url, nats_server) as work:
        await stored_until(nats_server, 3)
        await _caught_up(work)
        _give_epoch(data, database_url)
        await filed(client, 1)
        await until_metric(work, "stuck_tenants")
        assert len(await stored(nats_server)) == 3


async def test_a_copy_that_is_put_back_under_a_relay_is_noticed(tmp_path: Path, nats_server: NatsServer) -> None:
    file, copy = tmp_path / "data" / DATABASE_FILE, tmp_path / "copy.db"
    async with AsyncExitStack() as relays:
        logs = relays.enter_context(structlog.testing.capture_logs())
        async with serving(tmp_path / "data") as service:
            await filed(everything(service), 3)
            await asyncio.to_thread(back_up, file, copy)
            await filed(everything(service), 2)
            work = await relays.enter_async_context(relay(tmp_path / "data", None, nats_server))
            await stored_until(nats_server, 5)
        await asyncio.to_thread(lambda: put_back(prepare(copy, file), file))
        await until_metric(work, "stuck_tenants")
    assert "the log was restored" in next(one["cause"] for one in logs if one["log_level"] == "error")
    async with serving(tmp_path / "data") as service:
        await filed(everything(service), 4)
        with structlog.testing.capture_logs() as logs:
            async with relay(tmp_path / "data", None, nats_server) as work:
                await until_metric(work, "stuck_tenants")
        assert "another event stands there" in next(one["cause"] for one in logs if one["log_level"] == "error")
        async with relay(tmp_path / "data", None, nats_server, lost_place="earliest"):
            found = await stored_until(nats_server, 5 + 7)
    # What both have in common has its id: consumers know it.
    assert [one.sequence for one in found] == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7]
    assert [one.id for one in found[:3]] == [one.id for one in found[5:8]]
    assert {one.id for one in found[3:5]}.isdisjoint(one.id for one in found[5:])


def _give_epoch(data_dir: Path, database_url: str | None) -> None:
    """Make it another log."""
    if database_url is None:
        with closing(sqlite3.connect(data_dir / DATABASE_FILE)) as connection, connection:
            connection.execute("UPDATE instance SET log_epoch = ?", (b"else",))
        return
    with psycopg.connect(database_url) as postgres:
        postgres.execute("UPDATE instance SET log_epoch = %s", (b"else",))


async def test_latest_begins_with_the_making_of_the_stream_also_for_who_had_nothing(
    tmp_path: Path, database_url: str | None, service: Service, nats_server: NatsServer
) -> None:
    client, data = everything(service), tmp_path / "data"
    await filed(client, 3)
    async with relay(data, database_url, nats_server, start="latest") as work:
        await _caught_up(work)
    # What happens while it is off is not lost, although the stream has nothing yet.
    await filed(client, 2)
    await filed(everything(service, "beta"), 1, tenant="beta")
    async with relay(data, database_url, nats_server, start="latest"):
        found = await stored_until(nats_server, 3)
    assert sorted((one.tenant, one.sequence) for one in found) == [("acme", 4), ("acme", 5), ("beta", 1)]


async def test_what_the_stream_let_go_with_time_is_not_published_again(
    tmp_path: Path, database_url: str | None, nats_server: NatsServer
) -> None:
    await _made(nats_server, max_age=1_000_000_000, duplicate_window=100_000_000)
    # Old by the time that the stream looks at it; events of a minute ago would be published again.
    hour_ago = Micros(time.time_ns() // 1000 - 3_600_000_000)
    async with serving(tmp_path / "data", database_url, clock=lambda: hour_ago) as service:
        await filed(everything(service), 3)
        async with relay(tmp_path / "data", database_url, nats_server) as work:
            await until_metric(work, "published_total", 3)
    async with asyncio.timeout(60), client_of(nats_server) as nats:
        while await held_by(nats):
            await asyncio.sleep(0.1)
    async with serving(tmp_path / "data", database_url) as service:
        await filed(everything(service), 2)
        async with relay(tmp_path / "data", database_url, nats_server) as work:
            await until_metric(work, "published_total", 2)
            await _caught_up(work)
            assert metric(work, "published_total") == 2


async def test_a_stream_that_was_emptied_is_filled_again_by_the_next_relay(
    tmp_path: Path, embedded: Service, nats_server: NatsServer
) -> None:
    # As long as ids are remembered what was purged cannot be published again, and the relay tries on.
    await _made(nats_server, duplicate_window=60_000_000_000)
    client, data = everything(embedded), tmp_path / "data"
    await filed(client, 3)
    async with relay(data, None, nats_server):
        await stored_until(nats_server, 3)
    async with client_of(nats_server) as nats:
        await asked(nats, f"STREAM.PURGE.{STREAM}")
    await filed(client, 1)
    async with relay(data, None, nats_server) as work:
        await until_metric(work, "moved_total")
        await _made(nats_server, "UPDATE", duplicate_window=100_000_000)
        assert each_once_in_order(await stored_until(nats_server, 4)) == {"acme": 4}


async def test_a_message_of_somebody_elses_stops_its_tenant(
    tmp_path: Path, embedded: Service, nats_server: NatsServer
) -> None:
    await filed(everything(embedded), 1)
    data = tmp_path / "data"
    async with relay(data, None, nats_server):
        await stored_until(nats_server, 1)
    async with client_of(nats_server) as nats:
        headers = {"Returns-Cursor": "\u00b2", "Returns-Time-Micros": "9" * 40}
        await nats.jetstream().publish("returns.events.acme.hello", b"{}", headers=headers)
    await filed(everything(embedded), 1)
    await filed(everything(embedded, "beta"), 1, tenant="beta")
    for lost_place in ("refuse", "by_time"):
        async with relay(data, None, nats_server, lost_place=lost_place) as work:
            await until_metric(work, "stuck_tenants")
    assert [one.subject for one in await stored(nats_server)] == [
        "returns.events.acme.return.created",
        "returns.events.acme.hello",
        "returns.events.beta.return.created",
    ]


async def test_an_event_that_nats_finds_too_large_stops_its_tenant_and_says_what_to_do(
    tmp_path: Path, embedded: Service
) -> None:
    data = tmp_path / "data"
    client = everything(embedded)
    with NatsServer(tmp_path / "nats", "max_payload: 8192") as nats_server:
        await filed(client, 2)
        await filed(everything(embedded, "beta"), 1, tenant="beta")
        await client.returns.CreateReturn(create(("hooked", "1", 1), attributes={"text": "x" * 10_000}))
        with structlog.testing.capture_logs() as logs:
            async with relay(data, None, nats_server) as work:
                await until_metric(work, "stuck_tenants")
                found = await stored_until(nats_server, 3)
        assert each_once_in_order(found) == {"acme": 2, "beta": 1}
        [told] = [entry for entry in logs if entry["log_level"] == "error"]
        assert "event 3 takes" in told["cause"]
        assert "max_payload" in told["cause"]
        nats_server.stop()
        nats_server.lines = ("max_payload: 65536",)
        await asyncio.to_thread(nats_server.start)
        async with relay(data, None, nats_server):
            assert each_once_in_order(await stored_until(nats_server, 4)) == {"acme": 3, "beta": 1}
