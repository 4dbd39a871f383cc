"""Who follows a log gets what is behind a place, and learns what the log was at that moment; on both databases."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from returns_server.application.listing import Viewer
from returns_server.application.ports import LogPage, LogRun
from returns_server.domain.errors import CursorExpired
from returns_server.domain.ids import SECOND, Micros, TenantId
from returns_server.storage import tables
from returns_server.storage.database import Database
from returns_server.storage.reads import StoredReads
from tests.support.databases import put

ACME, OTHER, EMPTY = TenantId("acme"), TenantId("other"), TenantId("empty")
STAFF = Viewer(everything=True)
C1 = Viewer(everything=False, customer_id="c1")
EITHER = Viewer(everything=False, customer_id="c1", verified_email="g@example.com")
PLENTY = 2**21
MANY = 300


def id_of(tenant: str, sequence: int) -> bytes:
    return f"{tenant}{sequence:012}".encode()[-16:]


async def log(database: Database, count: int = 9, *, floor: int = 0, sizes: int = 10) -> StoredReads:
    """Events of two tenants: every third is customer c1's, every fifth a guest's; a second lies between two."""
    events = [
        {
            "tenant": tenant,
            "sequence": sequence,
            "event_id": id_of(tenant, sequence),
            "type": 1,
            "time": sequence * SECOND,
            "return_id": f"r{sequence}",
            "return_version": 1,
            "customer_id": "c1" if sequence % 3 == 0 else "",
            "guest_email": "g@example.com" if sequence % 5 == 0 else "",
            "document": bytes([sequence % 256]) * sizes,
        }
        for tenant in (ACME, OTHER)
        for sequence in range(1, count + 1)
        if not (tenant == ACME and 1 < sequence <= floor)
    ]
    heads = [
        {
            "tenant": tenant,
            "last_sequence": count,
            "next_number": 1,
            "floor_sequence": floor if tenant == ACME else 0,
            "floor_event_id": id_of(tenant, floor) if floor and tenant == ACME else None,
        }
        for tenant in (ACME, OTHER)
    ]
    await put(database, tables.events, events)
    await put(database, tables.event_heads, heads)
    return StoredReads(database)


def sequences(page: LogPage) -> list[int]:
    return [event.sequence for event in page.events]


@pytest.mark.parametrize("light", [False, True])
async def test_what_is_behind_a_place_comes_in_order_with_the_state_of_the_log(
    database: Database, *, light: bool
) -> None:
    reads = await log(database)
    page = await reads.read_log(ACME, STAFF, 4, 3, PLENTY, light=light)
    assert sequences(page) == [5, 6, 7]
    assert page.more
    assert page.after_id == id_of(ACME, 4)
    assert (page.head_sequence, page.head_event_id) == (9, id_of(ACME, 9))
    assert (page.floor_sequence, page.floor_event_id) == (0, b"")
    assert page.epoch == await reads.epoch()
    assert (page.events[1].customer_id, page.events[0].guest_email) == ("c1", "g@example.com")
    last = await reads.read_log(ACME, STAFF, 7, 10, PLENTY, light=light)
    assert (sequences(last), last.more) == ([8, 9], False)
    none = await reads.read_log(ACME, STAFF, 9, 10, PLENTY, light=light)
    assert (sequences(none), none.more, none.after_id) == ([], False, id_of(ACME, 9))
    beyond = await reads.read_log(ACME, STAFF, 12, 10, PLENTY, light=light)
    assert (sequences(beyond), beyond.after_id, beyond.head_sequence) == ([], b"", 9)


async def test_a_tenant_without_events_has_an_empty_log(database: Database) -> None:
    reads = await log(database)
    page = await reads.read_log(EMPTY, STAFF, 0, 10, PLENTY)
    assert (page.events, page.more, page.head_sequence, page.head_event_id) == ([], False, 0, b"")
    assert page.epoch == await reads.epoch()
    assert await reads.last_before(EMPTY, Micros(1)) == 0


async def test_owners_get_their_own_and_the_whole_head(database: Database) -> None:
    reads = await log(database)
    page = await reads.read_log(ACME, C1, 0, 2, PLENTY)
    assert (sequences(page), page.more, page.head_sequence) == ([3, 6], True, 9)
    assert sequences(await reads.read_log(ACME, EITHER, 0, 10, PLENTY)) == [3, 5, 6, 9]
    assert sequences(await reads.read_log(ACME, Viewer(everything=False), 0, 10, PLENTY)) == []


@pytest.mark.parametrize("sizes", [10, 1_000, 3_000])
async def test_pages_end_by_count_and_by_bytes_and_leave_nothing_out(database: Database, sizes: int) -> None:
    reads = await log(database, MANY, sizes=sizes)
    for limit, max_bytes in ((7, PLENTY), (64, PLENTY), (65, PLENTY), (1_000, 50_000), (1_000, 1)):
        found: list[int] = []
        more = True
        while more:
            page = await reads.read_log(ACME, STAFF, found[-1] if found else 0, limit, max_bytes)
            assert len(page.events) <= limit
            assert len(page.events) == 1 or sum(len(event.document) for event in page.events) <= max_bytes
            assert page.events or found
            found += sequences(page)
            more = page.more
        assert found == list(range(1, MANY + 1))


async def test_the_floor_is_told(database: Database) -> None:
    reads = await log(database, floor=5)
    page = await reads.read_log(ACME, STAFF, 5, 10, PLENTY)
    assert (page.floor_sequence, page.floor_event_id, page.after_id) == (5, id_of(ACME, 5), b"")
    assert sequences(page) == [6, 7, 8, 9]


async def test_a_time_is_found_to_the_event(database: Database) -> None:
    reads = await log(database, MANY)
    for sequence in (1, 2, 150, 299, 300):
        assert await reads.last_before(ACME, Micros(sequence * SECOND)) == sequence - 1
        assert await reads.last_before(ACME, Micros(sequence * SECOND - 1)) == sequence - 1
        assert await reads.last_before(ACME, Micros(sequence * SECOND + 1)) == sequence
    assert await reads.last_before(ACME, Micros(0)) == 0
    assert await reads.last_before(ACME, Micros(10**15)) == MANY


async def test_a_time_is_found_where_clocks_differ_and_retention_took_events(database: Database) -> None:
    """As a plain search through all events would find it: the smallest sequence whose time is not before."""
    chance = random.Random(4)
    times = {n: n * SECOND * 10 + chance.randint(-140, 140) * SECOND for n in range(1, 401) if n > 60 or n % 7 == 0}
    rows = [
        {
            "tenant": ACME,
            "sequence": sequence,
            "event_id": id_of(ACME, sequence),
            "type": 1,
            "time": time,
            "return_id": f"r{sequence}",
            "return_version": 1,
            "document": b"event",
        }
        for sequence, time in times.items()
    ]
    head = {"tenant": ACME, "last_sequence": 400, "next_number": 1, "floor_sequence": 60}
    await put(database, tables.events, rows)
    await put(database, tables.event_heads, [head])
    reads = StoredReads(database)
    for sought in [*times.values(), *(time + 1 for time in times.values())]:
        expected = next((n - 1 for n, time in sorted(times.items()) if n > 60 and time >= sought), 400)
        assert await reads.last_before(ACME, Micros(sought)) == expected


def kept(run: LogRun) -> LogRun:
    return run


async def test_a_run_is_the_documents_of_a_page_and_the_same_state(database: Database) -> None:
    reads = await log(database, MANY, sizes=3_000)
    for after, count in ((0, 1), (0, MANY), (7, 64), (250, 500), (MANY, 10), (MANY + 5, 10)):
        page = await reads.read_log(ACME, STAFF, after, count, 2**30)
        run = await reads.read_run(ACME, after, count, kept)
        assert list(run.documents or ()) == [event.document for event in page.events]
        assert run.documents is not None
        more = after + count < MANY
        assert run.state == replace(page, events=[], more=more)
    empty = await reads.read_run(EMPTY, 0, 10, kept)
    assert empty.documents is not None
    assert (len(empty.documents), empty.state.head_sequence, empty.state.more) == (0, 0, False)


@pytest.mark.parametrize("count", [3, 500])
async def test_a_run_with_a_hole_in_it_is_none(database: Database, count: int) -> None:
    reads = await log(database, floor=5)
    run = await reads.read_run(ACME, 1, count, kept)
    assert (run.documents, run.state.floor_sequence) == (None, 5)
    assert len((await reads.read_run(ACME, 5, count, kept)).documents or ()) == min(count, 4)


async def test_what_is_made_of_a_run_may_fail(database: Database) -> None:
    reads = await log(database)

    def refused(run: LogRun) -> None:
        raise CursorExpired("no", "floor")

    with pytest.raises(CursorExpired):
        await reads.read_run(ACME, 0, 3, refused)
    assert len((await reads.read_run(ACME, 0, 3, kept)).documents or ()) == 3
