"""A shop in memory for tests of the domain: its orders, its returns, and who acts on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from returns_server.domain.actors import Actor
from returns_server.domain.closing import close, reopen
from returns_server.domain.deciding import Approval, ItemQuantity, approve, reject
from returns_server.domain.drafts import Draft, DraftItem
from returns_server.domain.events import Decision
from returns_server.domain.filing import Facts, file_return
from returns_server.domain.ids import DAY, LineId, LineKey, Micros, OrderId, ReturnId
from returns_server.domain.money import Amount, Price
from returns_server.domain.orders import Order, OrderHead, OrderLine, revised
from returns_server.domain.policy import Policy
from returns_server.domain.receiving import record_receipt
from returns_server.domain.returns import CloseReason, Reason, Return, UserType
from returns_server.domain.states import Party

STAFF = Actor(Party.STAFF, "eve", UserType.EMPLOYEE)
SERVICE = Actor(Party.STAFF, "erp", UserType.SERVICE)
ANN = Actor(Party.OWNER, "ann-subject", UserType.CUSTOMER, customer_id="ann", first_name="Ann")
GUEST = Actor(Party.OWNER, "gus-subject", UserType.CUSTOMER, customer_id="gus", verified_email="gus@example.com")
BROKEN = Reason("BROKEN", "does not switch on")
START = Micros(1_700_000_000_000_000)


def paid(gross: int, tax: int | None = None) -> Price:
    """So many minor units; with tax, the gross is split into net and tax."""
    amount = Amount(gross) if tax is None else Amount(gross, gross - tax, tax)
    return Price(amount, "" if tax is None else "STANDARD", "" if tax is None else "0.19")


def line(order_id: str, line_id: str, quantity: int, price: Price, *, final_sale: bool = False) -> OrderLine:
    return OrderLine(
        OrderId(order_id), LineId(line_id), f"product-{line_id}", f"Product {line_id}", quantity, "", price, final_sale
    )


def item(line_id: str = "1", quantity: int = 1, order_id: str = "A", reason: Reason | None = None) -> DraftItem:
    return DraftItem(OrderId(order_id), LineId(line_id), quantity, reason)


def units(line_id: str = "1", quantity: int = 1, order_id: str = "A") -> ItemQuantity:
    return ItemQuantity(OrderId(order_id), LineId(line_id), quantity)


def key(line_id: str = "1", order_id: str = "A") -> LineKey:
    return LineKey(OrderId(order_id), LineId(line_id))


@dataclass
class Shop:
    """One tenant's books, to which decisions are applied as the writer would."""

    policy: Policy = field(default_factory=Policy)
    now: Micros = START
    heads: dict[OrderId, OrderHead] = field(default_factory=dict)
    lines: dict[LineKey, OrderLine] = field(default_factory=dict)
    returns: dict[ReturnId, Return] = field(default_factory=dict)
    _filed: int = 0

    def sells(self, *lines: OrderLine, customer_id: str = "ann", guest_email: str = "", currency: str = "EUR") -> Shop:
        """The shop after it sold one order with these lines, placed and delivered a day ago."""
        order_id = lines[0].order_id
        placed = Micros(self.now - DAY)
        self.heads[order_id] = OrderHead(order_id, customer_id, guest_email, currency, placed, placed)
        self.lines |= {sold.key: sold for sold in lines}
        return self

    def says(self, order_id: str, *lines: OrderLine, currency: str = "EUR") -> None:
        """The shop says an order anew."""
        head = self.heads[OrderId(order_id)]
        stored = [known for known in self.lines.values() if known.order_id == order_id]
        before = Order(head, tuple(stored), START, START, "1")
        said = OrderHead(head.order_id, head.customer_id, head.guest_email, currency, head.place_time, None)
        after = revised(before, Order(said, lines, self.now, self.now, "2"))
        for known in stored:
            del self.lines[known.key]
        self.heads[head.order_id] = after.head
        self.lines |= {revised_line.key: revised_line for revised_line in after.lines}

    def facts(self, actor: Actor = STAFF, why: str = "") -> Facts:
        return Facts(actor, self.now, self.policy, self.heads, self.lines, why)

    def enter(self, decision: Decision) -> Return:
        """The return after a decision, which is entered into the books."""
        ret = decision.after
        self.lines |= decision.lines
        if decision.deleted:
            del self.returns[ret.return_id]
        else:
            self.returns[ret.return_id] = ret
        return ret

    def decides_to_file(self, *items: DraftItem, actor: Actor = STAFF, why: str = "", **said: Any) -> Decision:
        self._filed += 1
        draft = Draft(items=items, **({"reason": BROKEN} | said))
        return file_return(draft, ReturnId(f"return-{self._filed}"), f"R{self._filed}", self.facts(actor, why))

    def files(self, *items: DraftItem, actor: Actor = STAFF, **said: Any) -> Return:
        return self.enter(self.decides_to_file(*items, actor=actor, **said))

    def approves(self, ret: Return, *items: ItemQuantity, **said: Any) -> Return:
        return self.enter(approve(ret, Approval(items=items, **said), self.facts()))

    def rejects(self, ret: Return) -> Return:
        return self.enter(reject(ret, Reason("WORN", ""), self.facts()))

    def receives(self, ret: Return, receipt_id: str, *items: ItemQuantity) -> Return:
        return self.enter(record_receipt(ret, receipt_id, items, self.facts()))

    def closes(self, ret: Return, close_reason: CloseReason = CloseReason.UNSPECIFIED, actor: Actor = STAFF) -> Return:
        return self.enter(close(ret, close_reason, None, self.facts(actor)))

    def reopens(self, ret: Return) -> Return:
        return self.enter(reopen(ret, None, self.facts()))


def one_order(quantity: int = 3, gross: int = 1000, **kwargs: Any) -> Shop:
    """A shop that sold Ann order A: line 1 of so many units for so much, and line 2 of five units for 5.00."""
    return Shop(**kwargs).sells(line("A", "1", quantity, paid(gross)), line("A", "2", 5, paid(500)))
