"""The return itself: what it says, what it claims, and what was done with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from returns_server.domain.ids import LineId, LineKey, Micros, OrderId, ReturnId
from returns_server.domain.money import NOTHING, Amount, Price, total
from returns_server.domain.record import record

Json = Mapping[str, object]
"""A JSON object as plain Python values."""

MAX_ORDERS = 100
MAX_ITEMS = 1_000
MAX_ASSISTED_ACTIONS = 100
MAX_RECEIPTS = 500
MAX_RECEIPT_ITEMS = 5_000
MAX_ATTRIBUTES_BYTES = 16 * 1024
"""Of attributes as compact JSON in UTF-8."""


class State(IntEnum):
    """Where a return stands; numbers as in the contract."""

    PENDING = 1
    APPROVED = 2
    REJECTED = 3
    CLOSED = 4


class GoodsState(IntEnum):
    """How much of what was approved has arrived; numbers as in the contract, 0 before approval."""

    UNSPECIFIED = 0
    AWAITING = 1
    PARTIALLY_RECEIVED = 2
    RECEIVED = 3
    NOT_EXPECTED = 4


class CloseReason(IntEnum):
    """Why a return was closed; numbers as in the contract."""

    UNSPECIFIED = 0
    WITHDRAWN = 1
    CANCELLED = 2
    COMPLETED = 3
    EXPIRED = 4


class Action(IntEnum):
    """What can be done with a return; numbers as in the contract."""

    UPDATE = 1
    APPROVE = 2
    REJECT = 3
    RECORD_RECEIPT = 4
    CLOSE = 5
    REOPEN = 6
    DELETE = 7


class UserType(IntEnum):
    """Who handed something in; numbers as in the contract."""

    UNSPECIFIED = 0
    CUSTOMER = 1
    EMPLOYEE = 2
    SERVICE = 3


class ApproverType(IntEnum):
    """Who is to approve; numbers as in the contract."""

    UNSPECIFIED = 0
    USER = 1
    GROUP = 2


class AssistedOperation(IntEnum):
    """What an employee did for the customer; numbers as in the contract."""

    CREATE = 1
    UPDATE = 2
    CLOSE = 3
    REOPEN = 4


@record
class Reason:
    """Why: a code, details, or both."""

    code: str = ""
    details: str = ""


@record
class Requestor:
    """Who wants to return something: a customer of the shop, or a guest known by address."""

    customer_id: str = ""
    guest_email: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""


@record
class Submitter:
    """Who handed the return in."""

    user_type: UserType = UserType.UNSPECIFIED
    subject: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""


@record
class Approver:
    """Who is to approve, or did."""

    type: ApproverType
    id: str


@record
class AssistedAction:
    """What an employee did on the customer's behalf, and which policy rules that overrode."""

    employee: str
    operation: AssistedOperation
    time: Micros
    reason: str = ""
    overridden: tuple[str, ...] = ()


@record
class ReceiptItem:
    """Units of one line in a parcel."""

    order_id: OrderId
    line_id: LineId
    quantity: int

    @property
    def key(self) -> LineKey:
        """The line's key within the tenant."""
        return LineKey(self.order_id, self.line_id)


@record
class Receipt:
    """One parcel that arrived; `everything_expected` if the call named no items."""

    receipt_id: str
    items: tuple[ReceiptItem, ...]
    time: Micros
    everything_expected: bool = False


@record
class ReturnItem:
    """Units of one order line in a return, with what the ledger holds for it."""

    order_id: OrderId
    line_id: LineId
    product_id: str
    product_name: str
    quantity: int
    reason: Reason | None
    unit_price: str
    total: Price
    approved_quantity: int = 0
    approved_total: Price | None = None
    received_quantity: int = 0
    claimed_units: int = 0
    claimed: Amount = NOTHING

    @property
    def key(self) -> LineKey:
        """The line's key within the tenant."""
        return LineKey(self.order_id, self.line_id)

    @property
    def expected_quantity(self) -> int:
        """Approved units that have not arrived."""
        return self.approved_quantity - self.received_quantity


@record
class Return:
    """A return as the service knows it; items of one order stand together."""

    return_id: ReturnId
    number: str
    state: State
    reason: Reason
    items: tuple[ReturnItem, ...]
    requestor: Requestor
    submitter: Submitter
    currency: str
    create_time: Micros
    update_time: Micros
    expire_time: Micros | None
    version: int
    expire_time_given: bool = False
    approver: Approver | None = None
    attributes: Json | None = None
    goods_not_expected: bool = False
    receipts: tuple[Receipt, ...] = ()
    assisted_actions: tuple[AssistedAction, ...] = ()
    close_reason: CloseReason = CloseReason.UNSPECIFIED
    rejection: Reason | None = None
    closing: Reason | None = None
    approve_time: Micros | None = None
    receive_time: Micros | None = None
    close_time: Micros | None = None

    @property
    def total(self) -> Price:
        """What was asked for is worth."""
        return total(item.total for item in self.items)

    @property
    def approved_total(self) -> Price | None:
        """What was approved is worth; None before approval."""
        if self.approve_time is None:
            return None
        return total(item.approved_total for item in self.items if item.approved_total is not None)

    @property
    def anything_received(self) -> bool:
        """Whether any unit has arrived."""
        return any(item.received_quantity for item in self.items)

    @property
    def received(self) -> bool:
        """Whether all approved units have arrived."""
        return self.anything_received and not any(item.expected_quantity for item in self.items)

    @property
    def goods_state(self) -> GoodsState:
        """How much of what was approved has arrived."""
        if self.approve_time is None:
            return GoodsState.UNSPECIFIED
        if self.received:
            return GoodsState.RECEIVED
        if self.anything_received:
            return GoodsState.PARTIALLY_RECEIVED
        return GoodsState.NOT_EXPECTED if self.goods_not_expected else GoodsState.AWAITING

    @property
    def expires(self) -> Micros | None:
        """When the timer closes this return unless something happens; None if it never will."""
        waiting = self.state is State.PENDING or (self.state is State.APPROVED and not self.anything_received)
        return self.expire_time if waiting else None


def by_order(items: Iterable[ReturnItem]) -> dict[OrderId, list[ReturnItem]]:
    """Items grouped by order, both in the sequence they were first named."""
    groups: dict[OrderId, list[ReturnItem]] = {}
    for item in items:
        groups.setdefault(item.order_id, []).append(item)
    return groups
