"""The order feed: the shop says an order, and says it again when it changes."""

from __future__ import annotations

from returns_server.application.books import Books, Fed, Needs
from returns_server.application.etags import order_etag
from returns_server.application.request import Request
from returns_server.domain.ids import Micros, OrderId, TenantId
from returns_server.domain.orders import Order, OrderHead, OrderLine, revised
from returns_server.domain.record import record


@record
class UpsertOrder:
    """Create an order, or say anew what it is; saying the same again changes nothing."""

    tenant: TenantId
    request: Request
    head: OrderHead
    lines: tuple[OrderLine, ...]

    @property
    def needs(self) -> Needs:
        """The order as it is stored, whole."""
        return Needs(lines=frozenset(line.key for line in self.lines), whole_orders=frozenset({self.order_id}))

    @property
    def order_id(self) -> OrderId:
        """Which order."""
        return self.head.order_id

    def decide(self, books: Books, now: Micros) -> Order:
        """The order as it is after this; raises OrderQuantityClaimed, EtagMismatch."""
        stored = books.order(self.order_id)
        self.request.check_etag(stored.etag if stored else "", required=False)
        order = said_now(stored, self.head, self.lines, now)
        if order is not stored and not self.request.validate_only:
            books.put_order(order)
        return order


@record
class FeedOrder:
    """One order of an import: as UpsertOrder, but nobody waits for the order itself."""

    tenant: TenantId
    head: OrderHead
    lines: tuple[OrderLine, ...]
    request: None = None

    @property
    def needs(self) -> Needs:
        """The order as it is stored, whole."""
        return Needs(lines=frozenset(line.key for line in self.lines), whole_orders=frozenset({self.head.order_id}))

    def decide(self, books: Books, now: Micros) -> Fed:
        """What the import did to the order; raises OrderQuantityClaimed."""
        stored = books.order(self.head.order_id)
        order = said_now(stored, self.head, self.lines, now)
        if order is stored:
            return Fed.UNCHANGED
        books.put_order(order)
        return Fed.UPDATED if stored else Fed.CREATED


def said_now(stored: Order | None, head: OrderHead, lines: tuple[OrderLine, ...], now: Micros) -> Order:
    """The order as the shop says it now; the stored one itself where that says the same."""
    etag = order_etag(head, lines)
    if stored is None:
        return Order(head, lines, now, now, etag)
    return stored if stored.etag == etag else revised(stored, Order(head, lines, now, now, etag))
