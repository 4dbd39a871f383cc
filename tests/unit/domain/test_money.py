from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_server.domain.errors import FieldInvalid
from returns_server.domain.money import CURRENCY_DIGITS, NOTHING, Amount, Price, digits_of, round_half_up, total


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("ISK", 0), ("EUR", 2), ("GBP", 2), ("KWD", 3)])
def test_a_currency_has_its_iso_4217_digits(currency: str, digits: int) -> None:
    assert digits_of(currency, "currency_code") == digits


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XXX", "XAU", "DEM", "EU R"])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(FieldInvalid) as refusal:
        digits_of(currency, "order.currency_code")
    assert refusal.value.facts == {"field": "order.currency_code"}


def test_currencies_have_0_2_or_3_digits_and_three_capitals() -> None:
    assert set(CURRENCY_DIGITS.values()) == {0, 2, 3}
    assert all(code.isascii() and code.isalpha() and code.isupper() and len(code) == 3 for code in CURRENCY_DIGITS)


@given(st.integers(0, 10**15), st.integers(1, 10**9))
def test_halves_round_upward(numerator: int, denominator: int) -> None:
    with decimal.localcontext(prec=60):
        exact = Decimal(numerator) / Decimal(denominator)
        assert round_half_up(numerator, denominator) == exact.to_integral_value(decimal.ROUND_HALF_UP)


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, 10**6), st.data())
def test_a_share_is_never_more_than_the_whole_and_of_all_units_just_that(
    net: int, tax: int, of: int, data: st.DataObject
) -> None:
    whole = Amount(net + tax, net, tax)
    share = whole.share(data.draw(st.integers(0, of)), of)
    assert share.net is not None
    assert share.tax is not None
    assert share.net <= net
    assert share.tax <= tax
    assert share.gross == share.net + share.tax
    assert whole.share(of, of) == whole
    assert whole.share(0, of) == NOTHING


def test_where_a_part_lacks_tax_so_does_the_sum() -> None:
    with_tax, without = Amount(119, 100, 19), Amount(81)
    assert with_tax + with_tax == Amount(238, 200, 38)
    assert with_tax + without == without + with_tax == Amount(200)
    assert Amount(238, 200, 38) - with_tax == with_tax
    assert Amount(200) - with_tax == Amount(81)
    assert NOTHING + with_tax == with_tax


def test_a_total_has_the_tax_code_and_rate_that_all_parts_share() -> None:
    amount = Amount(119, 100, 19)
    standard, reduced = Price(amount, "STANDARD", "0.19"), Price(amount, "REDUCED", "0.07")
    other_code = Price(amount, "STANDARD-2", "0.19")
    assert total([standard, standard]) == Price(Amount(238, 200, 38), "STANDARD", "0.19")
    assert total([standard, reduced]) == Price(Amount(238, 200, 38))
    assert total([standard, other_code]) == Price(Amount(238, 200, 38), "", "0.19")
    assert total([]) == Price(NOTHING)
