"""Returns, amounts and orders as a reader wants to see them."""

from __future__ import annotations

from google.type.money_pb2 import Money

from commerce.returns.v1.return_pb2 import Return
from returns_client.money import decimal_of

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}


def amount(money: Money) -> str:
    """An amount with its currency: £1,234.50."""
    sign = _SIGNS.get(money.currency_code)
    number = f"{decimal_of(money):,}"
    return f"{sign}{number}" if sign else f"{number} {money.currency_code}"


def last(name: str) -> str:
    """The id at the end of a resource name."""
    return name.rpartition("/")[2]


def state(ret: Return) -> str:
    """The state, with what is known about the goods or the closing: APPROVED, PARTIALLY_RECEIVED."""
    words = [Return.State.Name(ret.state).removeprefix("STATE_")]
    if ret.goods_state:
        words.append(Return.GoodsState.Name(ret.goods_state).removeprefix("GOODS_STATE_"))
    if ret.close_reason:
        words.append(Return.CloseReason.Name(ret.close_reason).removeprefix("CLOSE_REASON_"))
    return ", ".join(words)


def units(ret: Return) -> int:
    """The units that it asks for."""
    return sum(item.quantity for order in ret.orders for item in order.items)


def summary(ret: Return) -> str:
    """A return in a line."""
    lines = sum(len(order.items) for order in ret.orders)
    counted = f"{_counted(units(ret), 'unit')} on {_counted(lines, 'line')} of {_counted(len(ret.orders), 'order')}"
    return f"{ret.number}: {state(ret)}; {counted}; {amount(ret.total.gross)}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def actions(ret: Return) -> str:
    """What the caller may do next."""
    names = [Return.Action.Name(action).removeprefix("ACTION_") for action in ret.allowed_actions]
    return ", ".join(names) or "nothing"
