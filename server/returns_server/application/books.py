"""The books of one tenant that a batch of commands works on: what was loaded, and what the commands changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from returns_server.domain.actors import Actor
from returns_server.domain.errors import ReturnsError
from returns_server.domain.events import Decision, Event
from returns_server.domain.ids import LineId, LineKey, Micros, OrderId, ReturnId, TenantId
from returns_server.domain.orders import Order, OrderHead, OrderLine
from returns_server.domain.policy import Policy
from returns_server.domain.record import record
from returns_server.domain.returns import Return


@record
class Needs:
    """What a command wants to find in the books, by key.

    A return brings its own lines and the heads of its orders along. `whole_orders` come with all their lines.
    """

    return_id: ReturnId | None = None
    new_return_id: ReturnId | None = None
    lines: frozenset[LineKey] = frozenset()
    whole_orders: frozenset[OrderId] = frozenset()
    policy: bool = False
    """Whether the policy, which is always there, is to be changed."""

    @property
    def weight(self) -> int:
        """About how many rows the command reads and writes."""
        return 3 + len(self.lines)


@record
class RequestKey:
    """What makes a request the same request: whose it is, and the id that the caller gave it."""

    issuer: str
    subject: str
    request_id: str


@record
class Happened:
    """An event with who caused it and through which request."""

    event: Event
    actor: Actor
    time: Micros
    request_id: str
    trace_parent: str


@record
class OrderTimes:
    """When an order was first and last said, and the etag of what was said."""

    create_time: Micros
    update_time: Micros
    etag: str


class Fed(Enum):
    """What the import of an order did to it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


Result = Return | Order | Policy | Fed | None
"""What a command leaves: the thing as it is after it, or nothing after a deletion."""


@record
class Said:
    """An answer that was given to a request before, as it was encoded then."""

    request_hash: bytes
    answer: object


def _never(text: str, ret: Return) -> bool:  # noqa: ARG001  (the books of a tenant without a filter)
    return False


@dataclass(slots=True)
class Books:
    """One tenant's returns, orders, policy and answered requests, as far as a batch names them.

    `holds` says whether a filter over returns holds of one; whoever loads the books knows how.
    """

    tenant: TenantId
    policy: Policy = field(default_factory=Policy)
    returns: dict[ReturnId, Return] = field(default_factory=dict)
    spent_ids: set[ReturnId] = field(default_factory=set)
    heads: dict[OrderId, OrderHead] = field(default_factory=dict)
    lines: dict[LineKey, OrderLine] = field(default_factory=dict)
    order_lines: dict[OrderId, tuple[LineId, ...]] = field(default_factory=dict)
    order_times: dict[OrderId, OrderTimes] = field(default_factory=dict)
    answered: dict[RequestKey, Said] = field(default_factory=dict)
    numbers: Iterator[str] = field(default_factory=lambda: iter(()))
    holds: Callable[[str, Return], bool] = _never

    # What was loaded, and so is locked and will be changed in place; all else is new to the database.
    stored_orders: set[OrderId] = field(default_factory=set)
    stored_lines: set[LineKey] = field(default_factory=set)
    policy_stored: bool = False

    created: set[ReturnId] = field(default_factory=set)
    changed_returns: dict[ReturnId, Return] = field(default_factory=dict)
    deleted: dict[ReturnId, Return] = field(default_factory=dict)
    changed_lines: set[LineKey] = field(default_factory=set)
    changed_orders: dict[OrderId, Order] = field(default_factory=dict)
    removed_lines: set[LineKey] = field(default_factory=set)
    policy_changed: bool = False
    happened: list[Happened] = field(default_factory=list)

    def order(self, order_id: OrderId) -> Order | None:
        """A whole order as the batch has it now; None if the shop never said it."""
        head, times = self.heads.get(order_id), self.order_times.get(order_id)
        if head is None or times is None:
            return None
        lines = tuple(self.lines[LineKey(order_id, line_id)] for line_id in self.order_lines[order_id])
        return Order(head, lines, times.create_time, times.update_time, times.etag)

    def put_decision(self, decision: Decision) -> None:
        """Enter a decision: the return and the ledger lines. Its events are entered by whoever runs the command."""
        ret = decision.after
        self.lines.update(decision.lines)
        self.changed_lines.update(decision.lines)
        if not decision.events:
            return
        if decision.deleted:
            self.returns.pop(ret.return_id)
            self.spent_ids.add(ret.return_id)
            self.changed_returns.pop(ret.return_id, None)
            self.created.discard(ret.return_id)
            self.deleted[ret.return_id] = ret
            return
        if ret.return_id not in self.returns:
            self.created.add(ret.return_id)
        self.returns[ret.return_id] = ret
        self.changed_returns[ret.return_id] = ret

    def put_order(self, order: Order) -> None:
        """Enter an order as the shop says it now."""
        order_id = order.head.order_id
        said = {line.key: line for line in order.lines}
        for line_id in self.order_lines.get(order_id, ()):
            key = LineKey(order_id, line_id)
            if key not in said:
                self.lines.pop(key)
                self.removed_lines.add(key)
                self.changed_lines.discard(key)
        self.removed_lines.difference_update(said)
        self.heads[order_id] = order.head
        self.order_lines[order_id] = tuple(line.line_id for line in order.lines)
        self.order_times[order_id] = OrderTimes(order.create_time, order.update_time, order.etag)
        self.lines.update(said)
        self.changed_orders[order_id] = order

    def put_policy(self, policy: Policy) -> None:
        """Enter the policy as the shop says it now."""
        self.policy = policy
        self.policy_changed = True


Outcome = Result | ReturnsError
"""What came of a command: what it leaves, or why it was refused."""
