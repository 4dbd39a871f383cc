"""One row of an order file as numbers, times and texts; what is wrong with a row is a RowInvalid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from commerce.returns.v1.order_pb2 import OrderLine
from returns_client.money import currency_digits, money_of, rounded_half_up
from returns_client.reading_notes import ReadingNotes

REQUIRED = ("order_id", "customer_id", "ordered_at", "line_id", "product_id")
"""The columns that every order file has."""

OPTIONAL = {
    "quantity": "1 unit a line",
    "unit_price": "no price of a unit",
    "discount": "no discount",
    "line_total": "quantity x unit_price - discount (0 where there is no price)",
    "line_tax": "no tax known: gross amounts only",
    "tax_code": "no tax class",
    "tax_rate": "no tax rate",
    "currency": "GBP",
    "product_name": "no names",
    "guest_email": "orders without a customer are anonymous",
    "deliver_time": "day of delivery not known",
    "final_sale": "everything may be returned",
}
"""The columns that a file may have, and what is assumed of a file without them."""

DEFAULT_CURRENCY = "GBP"
_MAX_QUANTITY = 2**31 - 1
# The service takes 10^15 minor units a line; whatever is far beyond is a slip in the file, said with its line number.
_MAX_AMOUNT = Decimal(10) ** 15
_TRUTH = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


class RowInvalid(ValueError):
    """A row that says nothing usable; the message names the column."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one row says about its order and its line."""

    order_id: str
    customer_id: str
    guest_email: str
    currency: str
    ordered_at: datetime
    delivered_at: datetime | None
    line: OrderLine


class RowReader:
    """Reads the cells of a file with these columns; what it had to assume, it counts in `notes`."""

    def __init__(self, header: list[str], notes: ReadingNotes) -> None:
        """Takes column names in the order of the cells, each once."""
        self._at = {name: position for position, name in enumerate(header)}
        self._width = len(header)
        self._notes = notes

    def order_id(self, cells: list[str]) -> str:
        """The order that a row belongs to; empty where even that cannot be told."""
        position = self._at["order_id"]
        return cells[position].strip() if position < len(cells) else ""

    def read(self, cells: list[str]) -> Row:
        """What the cells say; raises RowInvalid."""
        if len(cells) != self._width:
            raise RowInvalid(f"has {len(cells)} cells instead of {self._width}")
        try:
            "".join(cells).encode()
        except UnicodeEncodeError:
            raise RowInvalid("is not UTF-8") from None
        currency = self._cell(cells, "currency") or DEFAULT_CURRENCY
        return Row(
            order_id=self._required(cells, "order_id"),
            customer_id=self._cell(cells, "customer_id"),
            guest_email=self._cell(cells, "guest_email"),
            currency=currency,
            ordered_at=self._instant("ordered_at", self._required(cells, "ordered_at")),
            delivered_at=self._delivered(cells),
            line=self._line(cells, currency),
        )

    def _line(self, cells: list[str], currency: str) -> OrderLine:
        quantity = self._quantity(cells)
        unit_price = self._amount(cells, "unit_price")
        line = OrderLine(
            line_id=self._required(cells, "line_id"),
            product_id=self._cell(cells, "product_id"),
            product_name=self._cell(cells, "product_name"),
            quantity=quantity,
            tax_code=self._cell(cells, "tax_code"),
            tax_rate=self._cell(cells, "tax_rate"),
            final_sale=self._truth(cells, "final_sale"),
        )
        if unit_price is not None:
            line.unit_price.CopyFrom(money_of(self._within("unit_price", unit_price, 9), currency))
        digits = currency_digits(currency)
        exact = self._paid(cells, quantity, unit_price)
        gross = self._within("line_total", exact, digits)
        self._notes.rounded_totals += gross != exact
        line.total.gross.CopyFrom(money_of(gross, currency))
        tax = self._amount(cells, "line_tax")
        if tax is not None:
            rounded = self._within("line_tax", tax, digits)
            self._notes.rounded_totals += rounded != tax
            if rounded > gross:
                raise RowInvalid(f"line_tax {tax} is more than the line's total {gross}")
            line.total.tax.CopyFrom(money_of(rounded, currency))
            line.total.net.CopyFrom(money_of(gross - rounded, currency))
        return line

    def _paid(self, cells: list[str], quantity: int, unit_price: Decimal | None) -> Decimal:
        total = self._amount(cells, "line_total")
        if total is not None:
            return total
        discount = self._amount(cells, "discount") or Decimal(0)
        if unit_price is None:
            self._notes.lines_without_price += 1
            return Decimal(0)
        paid = quantity * unit_price - discount
        if paid < 0:
            raise RowInvalid(f"discount {discount} is more than quantity x unit_price")
        return paid

    def _cell(self, cells: list[str], column: str) -> str:
        position = self._at.get(column)
        return "" if position is None else cells[position].strip()

    def _required(self, cells: list[str], column: str) -> str:
        text = self._cell(cells, column)
        if not text:
            raise RowInvalid(f"{column} is empty")
        return text

    def _quantity(self, cells: list[str]) -> int:
        number = self._number("quantity", self._cell(cells, "quantity") or "1")
        if number != number.to_integral_value() or not 1 <= number <= _MAX_QUANTITY:
            raise RowInvalid(f"quantity {number} is no whole number from 1 to {_MAX_QUANTITY}")
        return int(number)

    def _amount(self, cells: list[str], column: str) -> Decimal | None:
        text = self._cell(cells, column)
        if not text:
            return None
        number = self._number(column, text)
        if number < 0:
            raise RowInvalid(f"{column} {text} is negative")
        return number

    def _number(self, column: str, text: str) -> Decimal:
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise RowInvalid(f"{column} {text[:40]!r} is no number") from None
        if not number.is_finite() or abs(number) >= _MAX_AMOUNT:
            raise RowInvalid(f"{column} {text[:40]} is out of range")
        return number

    def _within(self, column: str, amount: Decimal, digits: int) -> Decimal:
        if amount >= _MAX_AMOUNT:
            raise RowInvalid(f"{column} {amount:.3e} is out of range")
        return rounded_half_up(amount, digits)

    def _truth(self, cells: list[str], column: str) -> bool:
        text = self._cell(cells, column).lower()
        if text not in _TRUTH:
            raise RowInvalid(f"{column} {text[:40]!r} is neither true nor false")
        return _TRUTH[text]

    def _delivered(self, cells: list[str]) -> datetime | None:
        text = self._cell(cells, "deliver_time")
        return self._instant("deliver_time", text) if text else None

    def _instant(self, column: str, text: str) -> datetime:
        try:
            instant, zoned = instant_of(text)
        except ValueError:
            raise RowInvalid(f"{column} {text[:40]!r} is no ISO 8601 date and time") from None
        self._notes.times_without_zone += not zoned
        return instant


@lru_cache(maxsize=4096)
def instant_of(text: str) -> tuple[datetime, bool]:
    """A time in UTC, and whether the text named its zone (else UTC is assumed); raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC), False
    try:
        return instant.astimezone(UTC), True
    except OverflowError:
        raise ValueError("out of range") from None
