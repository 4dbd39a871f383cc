"""Reads beyond what can be answered soon are refused as overload, on both databases, and only while they are many."""

from __future__ import annotations

import asyncio

from returns_server.application.listing import Viewer
from returns_server.domain.errors import Overloaded
from returns_server.domain.ids import ReturnId, TenantId
from returns_server.storage.admission import Room
from returns_server.storage.database import Database
from returns_server.storage.reads import StoredReads

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
PLACES = 6


async def test_reads_beyond_the_room_are_refused_until_there_is_room_again(database: Database) -> None:
    """One tenant gets half of it, and another is answered meanwhile."""
    reads = StoredReads(database)
    reads._room = Room(PLACES)

    async def found(tenant: TenantId) -> object:
        return await reads.find_returns(tenant, [ReturnId("r1")], Viewer(everything=True))

    asked = [*[ACME] * 10, GLOBEX, GLOBEX]
    answers = await asyncio.gather(*(found(tenant) for tenant in asked), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Overloaded)]
    assert (len(refused), answers[:10].count({})) == (10 - PLACES // 2, PLACES // 2)
    assert answers[10:] == [{}, {}]
    assert "too many reads are waiting" in str(refused[0])
    assert refused[0].facts == {}, "trying again helps: RetryInfo, no field"
    assert await found(ACME) == {}
