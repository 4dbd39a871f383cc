"""An order may be said anew as long as that does not contradict what returns claim of it."""

from __future__ import annotations

import pytest

from returns_server.domain.errors import OrderQuantityClaimed
from returns_server.domain.money import Amount, Price
from returns_server.domain.orders import OrderLine
from tests.unit.domain.shop import Shop, item, key, line, paid


def claimed(units: int = 2, *, tax: int | None = None) -> Shop:
    """Order A: line 1 of four units for 10.00, so many of them claimed; line 2, untouched."""
    shop = Shop().sells(line("A", "1", 4, paid(1000, tax)), line("A", "2", 1, paid(100)))
    shop.files(item(quantity=units))
    return shop


UNTOUCHED = line("A", "2", 1, paid(100))


@pytest.mark.parametrize(
    "said",
    [
        [line("A", "1", 4, paid(1000)), UNTOUCHED],
        [line("A", "1", 9, paid(1000)), UNTOUCHED],
        [line("A", "1", 4, paid(9999)), UNTOUCHED],
        [line("A", "1", 4, paid(500)), UNTOUCHED],
        [line("A", "1", 3, paid(501)), UNTOUCHED],
        [line("A", "1", 2, paid(500)), UNTOUCHED],
        [line("A", "1", 4, paid(1000))],
        [line("A", "2", 9, paid(1, tax=0)), line("A", "1", 4, paid(1000)), line("A", "3", 1, paid(1))],
    ],
    ids=["same", "more units", "more value", "least value", "fewer", "fewest", "other line gone", "others differ"],
)
def test_what_does_not_contradict_the_claims_is_taken_and_the_claims_stay(said: list[OrderLine]) -> None:
    shop = claimed()
    shop.says("A", *said)
    first = shop.lines[key()]
    assert (first.claimed_units, first.claimed) == (2, Amount(500))
    assert {known.key for known in shop.lines.values()} == {new.key for new in said}
    assert shop.lines[key()].paid == next(new.paid for new in said if new.line_id == "1")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ([line("A", "1", 1, paid(1000)), UNTOUCHED], "2 units are claimed"),
        ([line("A", "1", 4, paid(499)), UNTOUCHED], "returns claim 500 minor units"),
        ([line("A", "1", 4, paid(1000, tax=160)), UNTOUCHED], "net and tax"),
        ([line("A", "1", 2, paid(501)), UNTOUCHED], "cannot rise"),
        ([UNTOUCHED], "it cannot go"),
    ],
    ids=["too few units", "too little value", "tax appears", "value left on claimed units", "line gone"],
)
def test_what_contradicts_the_claims_is_refused_and_names_the_line(said: list[OrderLine], message: str) -> None:
    shop = claimed()
    before = dict(shop.lines)
    with pytest.raises(OrderQuantityClaimed, match=message) as refusal:
        shop.says("A", *said)
    assert refusal.value.facts == {"order": "A", "line_id": "1"}
    assert shop.lines == before


@pytest.mark.parametrize(
    "price", [paid(1000, tax=79), paid(1000, tax=921), paid(1000)], ids=["less tax", "less net", "tax vanishes"]
)
def test_net_and_tax_are_guarded_each_for_itself(price: Price) -> None:
    shop = claimed(tax=160)
    with pytest.raises(OrderQuantityClaimed):
        shop.says("A", line("A", "1", 4, price), UNTOUCHED)


def test_the_currency_stays_while_anything_is_claimed() -> None:
    shop = claimed()
    with pytest.raises(OrderQuantityClaimed) as refusal:
        shop.says("A", line("A", "1", 4, paid(1000)), UNTOUCHED, currency="USD")
    assert refusal.value.facts == {"order": "A"}
    (ret,) = shop.returns.values()
    shop.closes(ret)
    shop.says("A", line("A", "1", 1, paid(7, tax=1)), currency="USD")
    assert shop.heads[key().order_id].currency == "USD"
    assert shop.lines[key()].claimed == Amount(0, 0, 0)


def test_later_claims_share_what_the_order_is_worth_now() -> None:
    shop = claimed(units=2)
    shop.says("A", line("A", "1", 4, paid(800)))
    assert shop.files(item(quantity=2)).total == paid(300)
