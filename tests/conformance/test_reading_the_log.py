"""The event log is read in order by those who may see it; policy, leases and answers are kept; on both databases."""

from __future__ import annotations

import asyncio

from commerce.returns.v1 import policy_pb2
from returns_server.application.listing import EventScope, Viewer
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.domain.policy import Policy
from returns_server.storage import tables
from returns_server.storage.database import Database
from returns_server.storage.documents.policy import encode_policy
from returns_server.storage.reads import StoredReads
from tests.conformance.test_reading_returns import Sample, store
from tests.support.databases import put

ACME, OTHER = TenantId("acme"), TenantId("other")
STAFF = Viewer(everything=True)
C1 = Viewer(everything=False, customer_id="c1")
OWNERS = {"r1": ("c1", ""), "r2": ("", "g@example.com"), "r3": ("c2", "")}


async def log(database: Database, document: bytes = b"event") -> StoredReads:
    """Nine events of three returns in turn for each of two tenants; r1 and r2 exist, r3 was deleted."""
    rows = [
        {
            "tenant": tenant,
            "sequence": sequence,
            "event_id": f"{tenant}{sequence:012}".encode()[-16:],
            "type": 1,
            "time": sequence,
            "return_id": f"r{1 + (sequence - 1) % 3}",
            "return_version": 1 + (sequence - 1) // 3,
            # Until its third event, r1 was c2's.
            "customer_id": "c2" if sequence in (1, 4) else OWNERS[f"r{1 + (sequence - 1) % 3}"][0],
            "guest_email": OWNERS[f"r{1 + (sequence - 1) % 3}"][1],
            "document": document + bytes([sequence]),
        }
        for tenant in (ACME, OTHER)
        for sequence in range(1, 10)
    ]
    await put(database, tables.events, rows)
    return await store(database, [Sample("r1", customer_id="c1"), Sample("r2", guest_email="g@example.com")])


async def sequences(reads: StoredReads, viewer: Viewer, return_id: str | None, limit: int, after: int = 0) -> list[int]:
    """The sequences of a whole scope, page by page."""
    scope, found = EventScope(ReturnId(return_id) if return_id else None), []
    while True:
        page = await reads.list_events(ACME, viewer, scope, after, limit)
        assert len(page.epoch) == 4
        assert len(page.events) == limit or not page.more
        found += [event.sequence for event in page.events]
        if not page.more:
            return found
        after = found[-1]


async def test_events_come_in_the_order_of_the_log(database: Database) -> None:
    reads = await log(database)
    for limit in (1, 2, 3, 9, 100):
        assert await sequences(reads, STAFF, None, limit) == list(range(1, 10))
        assert await sequences(reads, STAFF, "r2", limit) == [2, 5, 8]
        assert await sequences(reads, STAFF, "r3", limit) == [3, 6, 9], "of a deleted return too"
    assert await sequences(reads, STAFF, None, 100, after=7) == [8, 9]
    assert await sequences(reads, STAFF, "r2", 100, after=2) == [5, 8]
    assert await sequences(reads, STAFF, None, 100, after=9) == []
    assert await sequences(reads, STAFF, "absent", 100) == []


async def test_an_owner_sees_events_of_what_was_the_owners_when_they_happened(database: Database) -> None:
    reads = await log(database)
    both = Viewer(everything=False, customer_id="c2", verified_email="g@example.com")
    for limit in (1, 2, 100):
        assert await sequences(reads, C1, None, limit) == [7]
        assert await sequences(reads, both, None, limit) == [1, 2, 3, 4, 5, 6, 8, 9]
        assert await sequences(reads, Viewer(everything=False), None, limit) == []


async def test_of_a_return_an_owner_sees_nothing_from_before_it_was_the_owners(database: Database) -> None:
    reads = await log(database)
    assert await sequences(reads, C1, "r1", 2) == [7]
    for unseen in ("r2", "r3", "absent"):
        assert await sequences(reads, C1, unseen, 2) == []


async def test_an_event_is_answered_as_it_was_stored(database: Database) -> None:
    reads = await log(database)
    page = await reads.list_events(ACME, STAFF, EventScope(), 4, 1)
    [event] = page.events
    assert (event.sequence, event.event_id, event.document) == (5, b"acme000000000005", b"event\5")
    assert (page.more, page.epoch) == (True, await reads.epoch())


async def test_a_page_of_events_ends_early_at_two_mebibytes_but_not_empty(database: Database) -> None:
    reads = await log(database, bytes(900 << 10))
    page = await reads.list_events(ACME, STAFF, EventScope(), 0, 500)
    assert ([event.sequence for event in page.events], page.more) == ([1, 2], True)


async def test_the_policy_is_the_tenants_or_the_default(database: Database) -> None:
    reads = StoredReads(database)
    strict = Policy(return_window=Micros(5), require_etag=True)
    await put(database, tables.return_policies, [{"tenant": ACME, "document": encode_policy(ACME, strict)}])
    assert await reads.policy(ACME) == strict
    assert await reads.policy_document(ACME) == encode_policy(ACME, strict)
    assert await reads.policy(OTHER) == Policy()
    default = policy_pb2.ReturnPolicy.FromString(await reads.policy_document(OTHER))
    assert (default.name, default.expire_after.seconds) == ("tenants/other/returnPolicy", 30 * 86_400)


async def test_a_lease_has_one_holder_until_it_runs_out_or_is_given_back(database: Database) -> None:
    leases = StoredReads(database)
    assert await leases.acquire("expiry", "a", Micros(0), Micros(10))
    assert not await leases.acquire("expiry", "b", Micros(9), Micros(19))
    assert await leases.acquire("other job", "b", Micros(9), Micros(19))
    assert await leases.acquire("expiry", "a", Micros(9), Micros(20)), "its holder renews it"
    assert not await leases.acquire("expiry", "b", Micros(19), Micros(29))
    assert await leases.acquire("expiry", "b", Micros(20), Micros(30)), "it has run out"
    await leases.release("expiry", "a")
    assert not await leases.acquire("expiry", "a", Micros(21), Micros(31)), "nobody gives back another's"
    await leases.release("expiry", "b")
    assert await leases.acquire("expiry", "a", Micros(21), Micros(31))


async def test_of_many_who_want_a_lease_at_once_one_gets_it(database: Database) -> None:
    leases = StoredReads(database)
    asked = [leases.acquire("expiry", f"holder {n}", Micros(0), Micros(10)) for n in range(20)]
    assert sum(await asyncio.gather(*asked)) == 1


async def test_answers_are_forgotten_once_their_time_is_over(database: Database) -> None:
    upkeep = StoredReads(database)
    rows = [
        {
            "tenant": tenant,
            "issuer": "i",
            "subject": "s",
            "request_id": str(n),
            "request_hash": b"h",
            "expire_time": n,
        }
        for tenant in (ACME, OTHER)
        for n in range(10)
    ]
    await put(database, tables.idempotency_keys, rows)
    assert await upkeep.forget_answers(Micros(6), 5) == 5
    assert await upkeep.forget_answers(Micros(6), 100) == 9
    assert await upkeep.forget_answers(Micros(6), 100) == 0
    assert await upkeep.forget_answers(Micros(9), 100) == 6
