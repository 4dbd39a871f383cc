"""Money through the API: what is returned in full is worth what was paid, in whatever pieces, and never more."""

from __future__ import annotations

import random
from typing import Any

import grpc
import pytest
from google.type.money_pb2 import Money

from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from commerce.returns.v1.price_pb2 import PriceBreakdown
from tests.support.messages import create, draft, feed, line, minor, order
from tests.support.scenes import claimed, close, found
from tests.support.service import ALL, Service, refused

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _filed(service: Service, *items: tuple[str, str, int]) -> Any:
    return await service.client().returns.CreateReturn(create(*items))


async def _upsert(service: Service, said: Any) -> Any:
    return await service.client(*ALL).orders.UpsertOrder(orders_pb.UpsertOrderRequest(order=said))


@pytest.mark.parametrize(("currency", "gross"), [("JPY", 1000), ("EUR", 1000), ("KWD", 1000), ("EUR", 1), ("JPY", 0)])
async def test_pieces_of_a_line_add_up_to_what_was_paid(shared: Service, currency: str, gross: int) -> None:
    order_id = f"pieces-{currency}-{gross}"
    await feed(shared.client(*ALL), order(order_id, line("1", 7, gross, currency), currency=currency))
    worth = []
    for quantity in (1, 2, 3, 1):
        ret = await _filed(shared, (order_id, "1", quantity))
        assert ret.currency_code == ret.total.gross.currency_code == currency
        worth.append(minor(ret.total.gross))
    assert sum(worth) == gross
    with refused("QUANTITY_EXCEEDS_RETURNABLE"):
        await _filed(shared, (order_id, "1", 1))


async def test_net_and_tax_add_up_too(shared: Service) -> None:
    taxed = line("1", 3, 1000, net=840, tax=160, tax_code="standard", tax_rate="19")
    await feed(shared.client(*ALL), order("taxed", taxed))
    parts = [(await _filed(shared, ("taxed", "1", 1))).total for _ in range(3)]
    assert sum(minor(part.net) for part in parts) == 840
    assert sum(minor(part.tax) for part in parts) == 160
    assert all(minor(part.net) + minor(part.tax) == minor(part.gross) for part in parts)
    assert {(part.tax_code, part.tax_rate) for part in parts} == {("standard", "19")}


async def test_a_sum_lacks_net_and_tax_where_a_part_does(shared: Service) -> None:
    lines = (
        line("1", 1, 119, net=100, tax=19, tax_rate="19"),
        line("2", 1, 107, net=100, tax=7, tax_rate="7"),
        line("3"),
    )
    await feed(shared.client(*ALL), order("mixed", *lines))
    ret = await _filed(shared, ("mixed", "1", 1), ("mixed", "2", 1))
    assert (minor(ret.total.net), minor(ret.total.tax), ret.total.tax_rate) == (200, 26, "")
    await close(shared.client(), ret)
    ret = await _filed(shared, ("mixed", "1", 1), ("mixed", "3", 1))
    assert (ret.total.HasField("net"), ret.total.HasField("tax"), minor(ret.total.gross)) == (False, False, 1119)


async def test_random_claims_and_releases_never_exceed_and_end_exactly(shared: Service) -> None:
    chance, staff = random.Random(2), shared.client()
    await feed(shared.client(*ALL), order("random", line("1", 17, 1009, net=859, tax=150)))
    filed: list[Any] = []
    for _ in range(60):
        if filed and chance.random() < 0.45:
            await close(staff, filed.pop(chance.randrange(len(filed))))
        else:
            left = 17 - await claimed(shared, "random")
            if left:
                filed.append(await _filed(shared, ("random", "1", chance.randint(1, left))))
        assert sum(minor(ret.total.gross) for ret in filed) <= 1009
    left = 17 - await claimed(shared, "random")
    if left:
        filed.append(await _filed(shared, ("random", "1", left)))
    for part, whole in (("gross", 1009), ("net", 859), ("tax", 150)):
        assert sum(minor(getattr(ret.total, part)) for ret in filed) == whole


async def test_a_line_of_80995_units_goes_back_as_a_whole(shared: Service) -> None:
    await feed(shared.client(*ALL), order("huge", line("1", 80_995, 16_846_960), currency="EUR"))
    first = await _filed(shared, ("huge", "1", 1))
    rest = await _filed(shared, ("huge", "1", 80_994))
    assert minor(first.total.gross) + minor(rest.total.gross) == 16_846_960


async def test_a_return_spans_14_orders(shared: Service) -> None:
    names = [f"of14-{number}" for number in range(14)]
    await feed(shared.client(*ALL), *(order(name, line("1", 2, 333)) for name in names))
    ret = await _filed(shared, *((name, "1", 2) for name in names))
    assert [one.order.rpartition("/")[2] for one in ret.orders] == names
    assert minor(ret.total.gross) == 14 * 333 == sum(minor(one.total.gross) for one in ret.orders)


async def test_a_return_has_101_items_of_an_order_of_1114_lines(shared: Service) -> None:
    lines = [line(str(number), 3, 100 + number) for number in range(1114)]
    await feed(shared.client(*ALL), order("long", *lines))
    picked = range(0, 1111, 11)
    ret = await _filed(shared, *(("long", str(number), 3) for number in picked))
    assert len(ret.orders[0].items) == 101
    assert minor(ret.total.gross) == sum(100 + number for number in picked)
    assert await found(shared.client(), ret.name) == ret


async def test_an_item_named_twice_becomes_one(shared: Service) -> None:
    await feed(shared.client(*ALL), order("twice", line("1", 5, 500)))
    request = create(("twice", "1", 1))
    request.draft.orders.append(request.draft.orders[0])
    request.draft.orders[1].items[0].quantity = 2
    for number, code in enumerate(("FIRST", "SECOND")):
        request.draft.orders[number].items[0].reason.code = code
        request.draft.orders[number].items[0].reason.details = f"details {number}"
    ret = await shared.client().returns.CreateReturn(request)
    (item,) = ret.orders[0].items
    assert (item.quantity, item.reason.code, item.reason.details) == (3, "FIRST", "details 0; details 1")


@pytest.mark.parametrize(("quantity", "orders"), [(1001, 1), (101, 101)])
async def test_more_than_1000_items_or_100_orders_are_refused(shared: Service, quantity: int, orders: int) -> None:
    items = [(f"o{number % orders}", str(number), 1) for number in range(quantity)]
    with refused("FIELD_INVALID") as caught:
        await _filed(shared, *items)
    assert caught[0].fields[0].startswith("draft.orders")


async def test_orders_of_two_currencies_do_not_share_a_return(shared: Service) -> None:
    await feed(shared.client(*ALL), order("eur"), order("jpy", line("1", 1, 100, "JPY"), currency="JPY"))
    with refused("CURRENCY_MISMATCH", grpc.StatusCode.INVALID_ARGUMENT):
        await _filed(shared, ("eur", "1", 1), ("jpy", "1", 1))
    ret = await _filed(shared, ("eur", "1", 1))
    request = pb.UpdateReturnRequest(name=ret.name, draft=draft(("eur", "1", 1), ("jpy", "1", 1), code=""))
    with refused("CURRENCY_MISMATCH"):
        await shared.client().returns.UpdateReturn(request)


def _money(units: int, nanos: int, currency: str) -> Money:
    return Money(currency_code=currency, units=units, nanos=nanos)


BAD_TOTALS: dict[str, tuple[str, PriceBreakdown]] = {
    "finer than JPY": ("JPY", PriceBreakdown(gross=_money(1, 500_000_000, "JPY"))),
    "finer than EUR": ("EUR", PriceBreakdown(gross=_money(1, 5_000_000, "EUR"))),
    "finer than KWD": ("KWD", PriceBreakdown(gross=_money(1, 500_000, "KWD"))),
    "another currency": ("EUR", PriceBreakdown(gross=_money(1, 0, "USD"))),
    "negative": ("EUR", PriceBreakdown(gross=_money(-1, 0, "EUR"))),
    "negative nanos": ("EUR", PriceBreakdown(gross=_money(0, -10_000_000, "EUR"))),
    "signs differ": ("EUR", PriceBreakdown(gross=_money(1, -10_000_000, "EUR"))),
    "nanos too many": ("EUR", PriceBreakdown(gross=_money(1, 1_000_000_000, "EUR"))),
    "huge": ("EUR", PriceBreakdown(gross=_money(2**63 - 1, 0, "EUR"))),
    "net without tax": ("EUR", PriceBreakdown(gross=_money(1, 0, "EUR"), net=_money(1, 0, "EUR"))),
    "tax without net": ("EUR", PriceBreakdown(gross=_money(1, 0, "EUR"), tax=_money(0, 0, "EUR"))),
    "net and tax are not gross": (
        "EUR",
        PriceBreakdown(gross=_money(2, 0, "EUR"), net=_money(1, 0, "EUR"), tax=_money(0, 0, "EUR")),
    ),
    "no gross": ("EUR", PriceBreakdown(net=_money(1, 0, "EUR"), tax=_money(0, 0, "EUR"))),
    "unknown currency": ("ZZZ", PriceBreakdown(gross=_money(1, 0, "ZZZ"))),
}


@pytest.mark.parametrize("kind", BAD_TOTALS)
async def test_a_total_that_cannot_be_is_refused(shared: Service, kind: str) -> None:
    currency, total = BAD_TOTALS[kind]
    said = order("bad-total", currency=currency)
    said.lines[0].total.CopyFrom(total)
    with refused("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        await _upsert(shared, said)
    assert caught[0].fields[0].startswith("order."), caught


async def test_an_order_cannot_fall_below_what_is_claimed_of_it(shared: Service) -> None:
    await _upsert(shared, order("claimed", line("1", 4, 1000), line("2", 1, 500)))
    ret = await _filed(shared, ("claimed", "1", 3))
    for said in (
        order("claimed", line("1", 2, 1000)),
        order("claimed", line("1", 4, 700)),
        order("claimed", line("2", 1, 500)),
        order("claimed", line("1", 4, 1000, "USD"), currency="USD"),
        order("claimed", line("1", 3, 1000)),
        order("claimed", line("1", 4, 1000, net=900, tax=100)),
    ):
        with refused("ORDER_QUANTITY_CLAIMED", grpc.StatusCode.FAILED_PRECONDITION) as caught:
            await _upsert(shared, said)
        assert caught[0].metadata["order"] == "claimed"
    for said in (order("claimed", line("1", 3, 750)), order("claimed", line("1", 9, 2000), line("3", 1, 1))):
        assert await _upsert(shared, said)
    assert await claimed(shared, "claimed") == 3
    await close(shared.client(), ret)
    assert await _upsert(shared, order("claimed", line("7", 1, 1, "USD"), currency="USD"))
