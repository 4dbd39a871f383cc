"""A walk through pages while others write: what exists all along is seen exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from tests.support.messages import PLACED, create, draft, feed, line, order
from tests.support.service import ALL, Client, serving

ALL_ALONG = 1_500
MEANWHILE = 10_000
WRITERS = 24
PAGE = 333
"""No divisor of what is walked through, so that pages end anywhere."""

FIELDS = ("create_time", "update_time", "expire_time", "total.gross")
ORDERS = ["", *(f"{field} {direction}" for field in FIELDS for direction in ("asc", "desc"))]
"""Every documented order."""

EXPIRIES = [None, Timestamp(seconds=PLACED.seconds + 10**8), Timestamp(seconds=PLACED.seconds + 10**8 + 1)]


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_what_exists_all_along_is_seen_once_while_ten_thousand_changes_happen(
    tmp_path: Path, database_url: str | None
) -> None:
    """By create_time the key of a return never changes; by others those may move that change, and none that do not."""
    async with serving(tmp_path / "data", database_url) as service:
        client, owner = service.client(*ALL), service.customer("c1")
        await feed(client, order("o1", line("1", 1_000_000, 1_000_000)))
        before = await _filed(client, ALL_ALONG)
        changed, left_alone = before[: ALL_ALONG // 3], before[ALL_ALONG // 3 :]
        left = iter(range(MEANWHILE))
        filed: list[str] = []
        writers = [asyncio.create_task(_write(client, left, changed, filed)) for _ in range(WRITERS)]
        walks = moved = 0
        while walks < 2 or not all(writer.done() for writer in writers):
            for order_by in ORDERS:
                kept = before if order_by.startswith("create_time") or not order_by else left_alone
                seen = await _walk(client, order_by)
                _check(seen, kept, order_by)
                if order_by == "update_time asc":
                    moved += sum(times != 1 for name, times in Counter(seen).items() if name in changed)
            _check(await _walk(owner, ""), before, "an owner's")
            _check(await _walk(client, "", "state=PENDING requestor.customer_id=c1"), before, "filtered")
            walks += 1
        await asyncio.gather(*writers)
        assert moved, "what moves ahead of a walk is seen again: else nothing was changed while pages were walked"
        deleted = MEANWHILE // 8
        request = pb.ListReturnsRequest(parent="tenants/acme", page_size=1, include_total_size=True)
        listed = await client.returns.ListReturns(request)
        assert listed.total_size == ALL_ALONG + MEANWHILE // 2 - deleted == len(await _walk(client, ""))


def _check(seen: list[str], kept: Iterable[str], what: str) -> None:
    times = Counter(seen)
    assert {times[name] for name in kept} == {1}, what


async def _filed(client: Client, count: int) -> list[str]:
    """Returns of few values, so that many share a total and an expiry, and some have none."""
    requests = [
        create(("o1", "1", 1 + number % 3), expire_time=EXPIRIES[number % len(EXPIRIES)]) for number in range(count)
    ]
    return [one.name for one in await asyncio.gather(*(client.returns.CreateReturn(one) for one in requests))]


async def _write(client: Client, left: Iterator[int], changed: list[str], filed: list[str]) -> None:
    """Of eight changes four file a return, one deletes such a one, and three touch one of those that were there."""
    for number in left:
        kind = number % 8
        if kind < 4:
            filed.append((await client.returns.CreateReturn(create(("o1", "1", 1)), timeout=60)).name)
        elif kind == 4:
            while not filed:
                await asyncio.sleep(0)
            await client.returns.DeleteReturn(pb.DeleteReturnRequest(name=filed.pop()), timeout=60)
        else:
            update = _CHANGES[kind - 5](number)
            update.name = changed[number % len(changed)]
            await client.returns.UpdateReturn(update, timeout=60)


_CHANGES: list[Callable[[int], pb.UpdateReturnRequest]] = [
    lambda number: pb.UpdateReturnRequest(draft=draft(code="", attributes={"touched": number})),
    lambda number: pb.UpdateReturnRequest(
        draft=draft(("o1", "1", 1 + number // 8 % 5), code=""), update_mask=FieldMask(paths=["orders"])
    ),
    lambda number: pb.UpdateReturnRequest(
        draft=draft(code="", expire_time=Timestamp(seconds=PLACED.seconds + 10**8 + number)),
        update_mask=FieldMask(paths=["expire_time"]),
    ),
]


async def _walk(client: Client, order_by: str, where: str = "") -> list[str]:
    request = pb.ListReturnsRequest(parent="tenants/acme", page_size=PAGE, order_by=order_by, filter=where)
    return [found.name for found in await _all(client.returns.ListReturns, request, "returns")]


async def _all(method: Callable[..., Awaitable[Any]], request: Any, field: str) -> list[Any]:
    seen: list[Any] = []
    while True:
        page = await method(request, timeout=60)
        seen += getattr(page, field)
        request.page_token = page.next_page_token
        if not request.page_token:
            return seen


@pytest.mark.slow
async def test_orders_that_exist_all_along_are_seen_once_while_others_come_and_change(
    tmp_path: Path, database_url: str | None
) -> None:
    async with serving(tmp_path / "data", database_url) as service:
        client = service.client(*ALL)
        # Many placed in the same second: what tells them apart is their name.
        await feed(client, *(_order(number, number % 7) for number in range(800)))
        kept = [f"tenants/acme/orders/o{number}" for number in range(800) if number % 4]
        left = iter(range(3_000))
        writers = [asyncio.create_task(_feed(client, left)) for _ in range(8)]
        walks = 0
        while walks < 2 or not all(writer.done() for writer in writers):
            request = orders_pb.ListOrdersRequest(parent="tenants/acme", page_size=77)
            _check([found.name for found in await _all(client.orders.ListOrders, request, "orders")], kept, "orders")
            walks += 1
        await asyncio.gather(*writers)


def _order(number: int, later: int) -> Any:
    return order(f"o{number}", place_time=Timestamp(seconds=PLACED.seconds + later))


async def _feed(client: Client, left: Iterator[int]) -> None:
    """Every other change is a new order, the others are placed at another time from now on."""
    for number in left:
        changed = _order(800 + number, number % 7) if number % 2 else _order(number % 200 * 4, number % 11)
        await client.orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=changed), timeout=60)
