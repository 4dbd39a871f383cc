"""More calls at once than a server can take: each is answered or refused with a reason, and then all is as before."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from commerce.returns.v1 import return_pb2
from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.databases import frozen
from tests.support.messages import create, feed, line, order
from tests.support.service import ALL, Refusal, outcome, serving

CALLS = 3_000


@pytest.mark.slow
@pytest.mark.parametrize("max_queue", [100, 8_192])
async def test_a_flood_is_answered_or_refused_with_a_reason(
    tmp_path: Path, database_url: str | None, max_queue: int
) -> None:
    async with serving(tmp_path / "data", database_url, writer={"max_queue": max_queue}) as service:
        client, other = service.client(*ALL), service.client(*ALL, tenant="globex")
        await feed(client, order("o1", line("1", 1_000_000, 1_000_000)))
        await feed(other, order("o1", line("1", 1_000_000, 1_000_000), tenant="globex"), tenant="globex")
        full = asyncio.Event()

        async def file() -> return_pb2.Return | Refusal:
            answer = await outcome(client.returns.CreateReturn(create(("o1", "1", 1))))
            if isinstance(answer, Refusal):
                full.set()
            return answer

        async with frozen(tmp_path / "data", database_url):
            calls = [asyncio.create_task(file()) for _ in range(CALLS)]
            if max_queue < CALLS:  # of one tenant half of them may wait
                await full.wait()
            others = [other.returns.CreateReturn(create(("o1", "1", 1), tenant="globex")) for _ in range(20)]
        # Who does not flood is served, behind a batch or two.
        assert len(await asyncio.gather(*others)) == 20
        answers = await asyncio.gather(*calls)
        refused = Counter(answer.reason for answer in answers if isinstance(answer, Refusal))
        assert refused.keys() <= {"OVERLOADED", "DEADLINE_EXCEEDED"}
        filed = CALLS - refused.total()
        assert filed >= 50
        assert (max_queue > CALLS) or refused["OVERLOADED"] > 0
        await client.returns.CreateReturn(create(("o1", "1", 1)))
        listed = await client.returns.ListReturns(
            pb.ListReturnsRequest(parent="tenants/acme", page_size=1, include_total_size=True)
        )
        # A call that ran out of time may have been carried out all the same.
        assert filed + 1 <= listed.total_size <= filed + 1 + refused["DEADLINE_EXCEEDED"]
