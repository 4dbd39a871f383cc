"""The ledger: which units of which order lines are claimed by returns, and what those units are worth.

At every commit, for every line: claimed units <= units bought, claimed value <= value paid, and a line whose
units are all claimed is claimed at exactly what was paid (contract, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping

from returns_server.domain.errors import LineNotFound, QuantityExceedsReturnable
from returns_server.domain.ids import LineKey
from returns_server.domain.money import Amount
from returns_server.domain.orders import OrderLine


class Ledger:
    """A decision's view of the order lines: it claims and releases without touching what it was given."""

    def __init__(self, lines: Mapping[LineKey, OrderLine]) -> None:
        """Takes the lines as they are now."""
        self._lines = lines
        self.changed: dict[LineKey, OrderLine] = {}

    def line(self, key: LineKey) -> OrderLine:
        """The line as it stands within this decision; raises LineNotFound."""
        line = self.changed.get(key) or self._lines.get(key)
        if line is None:
            raise LineNotFound(*key)
        return line

    def claim(self, key: LineKey, units: int) -> Amount:
        """Claim units of a line and return their worth.

        `k` units are worth `round_half_up(R*k/f)` of the unclaimed value `R` over the unclaimed units `f`, net and
        tax each. Raises QuantityExceedsReturnable.
        """
        line = self.line(key)
        if units > line.unclaimed_units:
            raise QuantityExceedsReturnable(*key, requested=units, available=line.unclaimed_units)
        worth = line.unclaimed.share(units, line.unclaimed_units)
        claimed = line.claimed + worth if line.claimed_units else worth
        self.changed[key] = line.claimed_at(line.claimed_units + units, claimed)
        return worth

    def release(self, key: LineKey, units: int, of: int, worth: Amount) -> Amount:
        """Give back `units` of the `of` units that an item claims at `worth`, and return what they were worth.

        That is `round_half_up(w*j/k)`, net and tax each; all units give back all of it.
        """
        line = self.line(key)
        given_back = worth.share(units, of)
        self.changed[key] = line.claimed_at(line.claimed_units - units, line.claimed - given_back)
        return given_back
