"""Exact amounts in a currency's minor units, and how they are shared and summed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import add

from returns_server.domain.errors import FieldInvalid
from returns_server.domain.record import record

MAX_MINOR = 10**12
"""The largest amount of one line, in minor units; a thousand of them fit 64 bits, in thousandths of a unit too."""

_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DIGITS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"

CURRENCY_DIGITS: dict[str, int] = {
    code: digits for digits, codes in ((0, _NO_DIGITS), (2, _TWO_DIGITS), (3, _THREE_DIGITS)) for code in codes.split()
}
"""Minor-unit digits of every active ISO 4217 currency that money is paid in."""


def digits_of(currency: str, field: str) -> int:
    """The minor-unit digits of a currency (0, 2 or 3); raises FieldInvalid on an unknown code."""
    digits = CURRENCY_DIGITS.get(currency)
    if digits is None:
        raise FieldInvalid.at(field, f"{currency!r} is no ISO 4217 currency code in use")
    return digits


def round_half_up(numerator: int, denominator: int) -> int:
    """The quotient of two non-negative integers, rounded to the nearest integer, halves upward."""
    return (2 * numerator + denominator) // (2 * denominator)


@record
class Amount:
    """What something is worth, in minor units: gross alone, or net and tax that add up to gross."""

    gross: int
    net: int | None = None
    tax: int | None = None

    @property
    def has_tax(self) -> bool:
        """Whether net and tax are known."""
        return self.net is not None

    def __add__(self, other: Amount) -> Amount:
        """The sum; where either part lacks net and tax, so does the sum."""
        if self.net is None or self.tax is None or other.net is None or other.tax is None:
            return Amount(self.gross + other.gross)
        return Amount(self.gross + other.gross, self.net + other.net, self.tax + other.tax)

    def __sub__(self, other: Amount) -> Amount:
        """The difference; where either part lacks net and tax, so does the difference."""
        if self.net is None or self.tax is None or other.net is None or other.tax is None:
            return Amount(self.gross - other.gross)
        return Amount(self.gross - other.gross, self.net - other.net, self.tax - other.tax)

    def share(self, units: int, of: int) -> Amount:
        """The worth of `units` out of `of`: net and tax (or gross) each rounded half up."""
        if self.net is None or self.tax is None:
            return Amount(round_half_up(self.gross * units, of))
        net, tax = round_half_up(self.net * units, of), round_half_up(self.tax * units, of)
        return Amount(net + tax, net, tax)


NOTHING = Amount(0, 0, 0)
"""Worth nothing: the neutral element of a sum."""


@record
class Price:
    """An amount and the tax it was charged at; code and rate are empty where the parts of a sum differ."""

    amount: Amount
    tax_code: str = ""
    tax_rate: str = ""

    def of(self, amount: Amount) -> Price:
        """The same tax on another amount."""
        return Price(amount, self.tax_code, self.tax_rate)


def total(prices: Iterable[Price]) -> Price:
    """The sum of prices, with the tax code and rate that all of them share."""
    parts = list(prices)
    if len(parts) == 1:
        return parts[0]
    codes, rates = {part.tax_code for part in parts}, {part.tax_rate for part in parts}
    return Price(
        reduce(add, [part.amount for part in parts], NOTHING),
        codes.pop() if len(codes) == 1 else "",
        rates.pop() if len(rates) == 1 else "",
    )
