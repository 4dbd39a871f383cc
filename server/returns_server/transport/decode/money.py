"""Money to exact minor units, and prices of one unit to decimal strings."""

from __future__ import annotations

from google.type.money_pb2 import Money

from commerce.returns.v1.price_pb2 import PriceBreakdown
from returns_server.domain.money import MAX_MINOR, Amount
from returns_server.transport.decode.findings import Findings

_NANOS = 1_000_000_000
_FACTORS = {0: (1, 1_000_000_000), 2: (100, 10_000_000), 3: (1_000, 1_000_000)}
"""By a currency's digits: minor units in a unit, nanos in a minor unit."""


def minor_units(money: Money, currency: str, digits: int, field: str, findings: Findings) -> int:
    """An amount that was paid, in minor units of the currency: not negative, and no finer than the currency."""
    wrong = _wrong(money, currency)
    factor, step = _FACTORS[digits]
    if not wrong and money.nanos % step:
        wrong = f"is finer than {currency} allows, which has {digits} digits after the point"
    minor = money.units * factor + money.nanos // step
    if not wrong and minor > MAX_MINOR:
        wrong = f"must not exceed {MAX_MINOR // factor} {currency}"
    if wrong:
        findings.add(field, wrong)
        return 0
    return minor


def unit_price(money: Money, currency: str, field: str, findings: Findings) -> str:
    """The price of one unit as a plain decimal string, of up to nine digits after the point."""
    wrong = _wrong(money, currency)
    if wrong:
        findings.add(field, wrong)
        return ""
    if not money.nanos:
        return str(money.units)
    return f"{money.units}.{money.nanos:09d}".rstrip("0")


def amount(total: PriceBreakdown, currency: str, digits: int, field: str, findings: Findings) -> Amount:
    """What was paid: gross, and net and tax where both are said."""
    before = len(findings)
    gross = minor_units(total.gross, currency, digits, f"{field}.gross", findings)
    has_net, has_tax = total.HasField("net"), total.HasField("tax")
    if not has_net and not has_tax:
        return Amount(gross)
    if has_net != has_tax:
        findings.add(f"{field}.{'tax' if has_net else 'net'}", "is required, for net and tax come both or neither")
        return Amount(gross)
    net = minor_units(total.net, currency, digits, f"{field}.net", findings)
    tax = minor_units(total.tax, currency, digits, f"{field}.tax", findings)
    if net + tax != gross and len(findings) == before:
        findings.add(f"{field}.gross", "must be the sum of net and tax")
    return Amount(gross, net, tax)


def _wrong(money: Money, currency: str) -> str:
    units, nanos = money.units, money.nanos
    if money.currency_code != currency:
        return f"must be in the order's currency {currency}"
    if not -_NANOS < nanos < _NANOS or (units > 0 > nanos) or (units < 0 < nanos):
        return "must have nanos between -999,999,999 and 999,999,999, of the same sign as units"
    if units < 0 or nanos < 0:
        return "must not be negative"
    return ""
