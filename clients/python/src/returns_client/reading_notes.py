"""What a reader of order files had to assume, told in sentences."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class ReadingNotes:
    """Counts of what a file left open; complete when the file has been read to its end."""

    assumed_columns: dict[str, str] = field(default_factory=dict)
    """Columns that the file does not have, and what was assumed instead."""
    ignored_columns: tuple[str, ...] = ()
    """Columns that an order has no place for."""
    orders: int = 0
    """Orders that could be read."""
    lines: int = 0
    """Lines of these orders."""
    rounded_totals: int = 0
    """Line totals finer than their currency, rounded half up."""
    lines_without_price: int = 0
    """Lines with neither a total nor a price; they count as worth 0."""
    times_without_zone: int = 0
    """Times that were taken as UTC."""
    anonymous_orders: int = 0
    """Orders with neither customer nor guest."""
    orders_with_several_times: int = 0
    """Orders whose rows differ in `ordered_at`; the earliest counts."""

    def sentences(self) -> list[str]:
        """What was assumed, a sentence each; empty if nothing was."""
        told = [f"no column {name}: {assumed}" for name, assumed in self.assumed_columns.items()]
        if self.ignored_columns:
            told.append(f"columns without a place in an order: {', '.join(self.ignored_columns)}")
        counted = (
            (self.times_without_zone, "times without a time zone were taken as UTC"),
            (self.rounded_totals, "line totals were finer than their currency and rounded half up"),
            (self.lines_without_price, "lines have no price and count as worth 0"),
            (self.anonymous_orders, "orders have neither customer nor guest: only staff can file returns of them"),
            (self.orders_with_several_times, "orders have rows with different times: the earliest counts"),
        )
        return told + [f"{count:,} {what}" for count, what in counted if count]
