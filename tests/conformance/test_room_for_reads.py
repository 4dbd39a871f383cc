"""Reads beyond what can be answered soon are refused as overload, on both databases, and only while they are many."""

from __future__ import annotations

import asyncio

from returns_server.application.listing import Order, Viewer
from returns_server.application.ports import ReturnPage
from returns_server.domain.errors import Overloaded
from returns_server.domain.ids import TenantId
from returns_server.filtering.tree import EVERYTHING
from returns_server.storage.admission import Room
from returns_server.storage.database import Database
from returns_server.storage.reads import StoredReads

ACME = TenantId("acme")
PLACES = 3
LONG_PAGE = 1_000


async def test_lists_beyond_the_room_are_refused_until_there_is_room_again(database: Database) -> None:
    reads = StoredReads(database)
    reads._room = Room(PLACES)

    async def listed() -> ReturnPage:
        viewer = Viewer(everything=True)
        return await reads.list_returns(ACME, viewer, EVERYTHING, Order(), None, LONG_PAGE, count=False)

    answers = await asyncio.gather(*(listed() for _ in range(10)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Overloaded)]
    assert [len(refused), sum(isinstance(answer, ReturnPage) for answer in answers)] == [10 - PLACES, PLACES]
    assert "too many reads are waiting" in str(refused[0])
    assert refused[0].facts == {}, "trying again helps: RetryInfo, no field"
    assert isinstance(await listed(), ReturnPage)
