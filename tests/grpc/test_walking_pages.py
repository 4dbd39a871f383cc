"""A walk through pages while others write: what exists all along is seen exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.messages import create, draft, feed, line, order
from tests.support.service import ALL, Client, serving

ALL_ALONG = 1_500
MEANWHILE = 10_000
WRITERS = 24


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_what_exists_all_along_is_seen_once_while_ten_thousand_changes_happen(
    tmp_path: Path, database_url: str | None
) -> None:
    """By create_time the key of a return never changes; by update_time others may move, but none that is left alone."""
    async with serving(tmp_path / "data", database_url) as service:
        client = service.client(*ALL)
        await feed(client, order("o1", line("1", 1_000_000, 1_000_000)))
        before = await _filed(client, ALL_ALONG)
        left = iter(range(MEANWHILE))
        writers = [asyncio.create_task(_write(client, left, before[: ALL_ALONG // 3])) for _ in range(WRITERS)]
        walks = 0
        while not all(writer.done() for writer in writers):
            for order_by, kept in (
                ("", before),
                ("create_time asc", before),
                ("update_time desc", before[ALL_ALONG // 3 :]),
                ("update_time asc", before[ALL_ALONG // 3 :]),
            ):
                seen = await _walk(client, order_by)
                times = {name: seen.count(name) for name in kept}
                assert set(times.values()) == {1}, order_by
            walks += 1
        await asyncio.gather(*writers)
        assert walks >= 2
        listed = await client.returns.ListReturns(
            pb.ListReturnsRequest(parent="tenants/acme", page_size=1, include_total_size=True)
        )
        assert listed.total_size == ALL_ALONG + MEANWHILE // 2


async def _filed(client: Client, count: int) -> list[str]:
    answers = await asyncio.gather(*(client.returns.CreateReturn(create(("o1", "1", 1))) for _ in range(count)))
    return [answer.name for answer in answers]


async def _write(client: Client, left: Iterator[int], changed: list[str]) -> None:
    """Every other change files a return, the others touch one of those that the walks by update_time leave out."""
    for number in left:
        if number % 2:
            await client.returns.CreateReturn(create(("o1", "1", 1)), timeout=60)
        else:
            touched = draft(code="", attributes={"touched": number})
            update = pb.UpdateReturnRequest(name=changed[number % len(changed)], draft=touched)
            await client.returns.UpdateReturn(update, timeout=60)


async def _walk(client: Client, order_by: str) -> list[str]:
    seen: list[str] = []
    token = ""
    while True:
        page = await client.returns.ListReturns(
            pb.ListReturnsRequest(parent="tenants/acme", page_size=400, page_token=token, order_by=order_by), timeout=60
        )
        seen += [found.name for found in page.returns]
        token = page.next_page_token
        if not token:
            return seen
