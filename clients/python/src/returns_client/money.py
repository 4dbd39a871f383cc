"""Exact amounts of money: decimal numbers to and from `google.type.Money`, and how many digits a currency has."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from google.type import money_pb2

_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS = {code: digits for digits, codes in ((0, _NO_DIGITS), (3, _THREE_DIGITS)) for code in codes.split()}
_NANO = Decimal(1).scaleb(-9)
# Wide enough for the largest amount that a Money holds, with all its nine decimals.
_EXACT = Context(prec=40)


def currency_digits(currency: str) -> int:
    """The ISO 4217 minor-unit digits of a currency: 0, 2 or 3; 2 for a code that is not known here."""
    return _DIGITS.get(currency, 2)


def rounded_half_up(amount: Decimal, digits: int) -> Decimal:
    """The amount with that many decimals, halves upward; raises decimal.InvalidOperation beyond 40 digits in all."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=_EXACT)


def money_of(amount: Decimal, currency: str) -> money_pb2.Money:
    """The amount as a message, exactly; raises ValueError if it has more than nine decimals or is too large."""
    nano = amount.quantize(_NANO, rounding=ROUND_HALF_UP, context=_EXACT)
    if nano != amount:
        raise ValueError("has more than nine decimals")
    units = int(nano)
    return money_pb2.Money(currency_code=currency, units=units, nanos=int((nano - units).scaleb(9, context=_EXACT)))


def decimal_of(money: money_pb2.Money) -> Decimal:
    """The amount of a message, with the digits of its currency or more where it is finer."""
    amount = (Decimal(money.units) + Decimal(money.nanos).scaleb(-9)).normalize(_EXACT)
    digits = currency_digits(money.currency_code)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent > -digits:
        return amount.quantize(Decimal(1).scaleb(-digits), context=_EXACT)
    return amount
