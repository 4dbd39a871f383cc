"""Amounts in minor units, decimal strings and prices as the messages hold them."""

from __future__ import annotations

from functools import lru_cache

from google.type.money_pb2 import Money

from commerce.returns.v1.price_pb2 import PriceBreakdown
from returns_server.domain.money import CURRENCY_DIGITS, Amount, Price
from returns_server.storage.documents.values import Fields

_NANOS = 10**9


_SCALES: dict[str, int] = {currency: 10**digits for currency, digits in CURRENCY_DIGITS.items()}
"""How many minor units make one unit of a currency."""


def money(minor: int, currency: str) -> Fields:
    """Minor units as Money; both parts have the sign of the amount."""
    scale = _SCALES[currency]
    units, rest = divmod(abs(minor), scale)
    nanos = rest * (_NANOS // scale)
    if minor < 0:
        units, nanos = -units, -nanos
    return {"currency_code": currency, "units": units, "nanos": nanos}


def minor_of(message: Money, currency: str) -> int:
    """Money of this currency, written by `money`, as minor units."""
    scale = _SCALES[currency]
    return message.units * scale + message.nanos // (_NANOS // scale)


def price(value: Price, currency: str) -> Fields:
    """A price; net and tax are unset where they are not known."""
    amount = value.amount
    fields: Fields = {
        "gross": money(amount.gross, currency),
        "tax_code": value.tax_code,
        "tax_rate": value.tax_rate,
    }
    if amount.net is not None and amount.tax is not None:
        fields["net"] = money(amount.net, currency)
        fields["tax"] = money(amount.tax, currency)
    return fields


def price_of(message: PriceBreakdown, currency: str) -> Price:
    """The price that a message says."""
    gross = minor_of(message.gross, currency)
    if not message.HasField("net"):
        return Price(Amount(gross), message.tax_code, message.tax_rate)
    amount = Amount(gross, minor_of(message.net, currency), minor_of(message.tax, currency))
    return Price(amount, message.tax_code, message.tax_rate)


def decimal_money(text: str, currency: str) -> Fields | None:
    """A decimal string of at most nine decimals as Money; unset where it is empty."""
    if not text:
        return None
    units, nanos = _units_and_nanos(text)
    return {"currency_code": currency, "units": units, "nanos": nanos}


@lru_cache(maxsize=4_096)  # of what a shop sells, much is sold again
def _units_and_nanos(text: str) -> tuple[int, int]:
    units, _, decimals = text.removeprefix("-").partition(".")
    sign = -1 if text.startswith("-") else 1
    return sign * int(units or 0), sign * int(decimals.ljust(9, "0"))


def decimal_of(message: Money) -> str:
    """Money as a decimal string without needless zeros: `2.5`, `0.125`, `-3`."""
    sign = "-" if message.units < 0 or message.nanos < 0 else ""
    decimals = f"{abs(message.nanos):09}".rstrip("0")
    return f"{sign}{abs(message.units)}{'.' if decimals else ''}{decimals}"
