"""Reads beyond what can be answered soon are refused as overload, on both databases, and only while they are many."""

from __future__ import annotations

import asyncio

from returns_server.application.listing import Viewer
from returns_server.domain.errors import Overloaded
from returns_server.domain.ids import ReturnId, TenantId
from returns_server.storage.admission import Room
from returns_server.storage.database import Database
from returns_server.storage.reads import StoredReads

ACME = TenantId("acme")
PLACES = 3


async def test_reads_beyond_the_room_are_refused_until_there_is_room_again(database: Database) -> None:
    reads = StoredReads(database)
    reads._room = Room(PLACES)

    async def found() -> object:
        return await reads.find_returns(ACME, [ReturnId("r1")], Viewer(everything=True))

    answers = await asyncio.gather(*(found() for _ in range(10)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Overloaded)]
    assert (len(refused), answers.count({})) == (10 - PLACES, PLACES)
    assert "too many reads are waiting" in str(refused[0])
    assert refused[0].facts == {}, "trying again helps: RetryInfo, no field"
    assert await found() == {}
