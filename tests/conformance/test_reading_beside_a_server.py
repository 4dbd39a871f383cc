"""A process that only reads, beside the one that writes: it sees each commit, and holds no old state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from returns_server.domain.ids import TenantId
from returns_server.storage import tables
from returns_server.storage.opening import open_for_reading
from returns_server.storage.reads import StoredReads
from returns_server.storage.reads.log import HEAD
from tests.support.databases import opened, put

Heads = dict[str, int]


async def _paged(reads: StoredReads) -> Heads:
    found: Heads = {}
    while page := await reads.log_heads(max(found, default=""), 2):
        found.update(page)
    return found


async def _light(reads: StoredReads) -> Heads:
    return {tenant: await reads.log_head(tenant) for tenant in await reads.logs("", 10)}


@pytest.mark.parametrize("heads", [_paged, _light])
async def test_every_commit_is_seen(
    tmp_path: Path, database_url: str | None, heads: Callable[[StoredReads], Awaitable[Heads]]
) -> None:
    target = database_url or tmp_path / "returns.db"
    async with opened(target) as writing:
        reading = await open_for_reading(target)
        try:
            expected: Heads = {}
            for number, tenant in enumerate(("beta", "acme", "gamma"), start=1):
                await put(writing, tables.event_heads, [{"tenant": tenant, "last_sequence": number, "next_number": 1}])
                expected[tenant] = number
                assert await heads(StoredReads(reading)) == dict(sorted(expected.items()))
            assert await reading.find(HEAD, (TenantId("gamma"),)) == (3,)
        finally:
            await reading.close()
