"""What the application asks of storage. Every method is confined to the tenant it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from returns_server.application.books import Fed
from returns_server.application.commands import Command
from returns_server.application.commands.orders import FeedOrder
from returns_server.application.listing import EventScope, Order, Position, Viewer
from returns_server.domain.ids import Micros, OrderId, ReturnId, TenantId
from returns_server.domain.orders import OrderHead, OrderLine
from returns_server.domain.policy import Policy
from returns_server.domain.record import record
from returns_server.domain.returns import GoodsState, State
from returns_server.filtering.tree import Expression

T = TypeVar("T")


class ReturnDocument(NamedTuple):
    """A return as it was written: an encoded `Return` message, and what answering it takes beside the bytes."""

    document: bytes
    state: State
    goods_state: GoodsState
    customer_id: str
    guest_email: str


@record
class Document:
    """An order or a policy as an encoded message."""

    document: bytes


@record
class Gone:
    """The answer to a deletion."""


Answer = ReturnDocument | Document | Gone | Fed
"""What a mutation answers."""


class Writes(Protocol):
    """The one way to change anything."""

    async def submit(self, command: Command) -> Answer:
        """Commit the command durably, perhaps together with others, and answer it.

        Raises the command's own ReturnsError, Overloaded when too much is waiting, Conflict when others kept
        getting in the way, StorageUnavailable when the database cannot be reached, Draining at shutdown. A caller
        that stops waiting does not undo anything.
        """

    async def feed(self, command: FeedOrder) -> Fed:
        """Commit one order of an import, waiting rather than refusing when much is queued; raises as `submit` does."""


ListedReturn = tuple[bytes, int, int, Any, Any]
"""A return of a list as its row has it: document, state and goods state as in ReturnDocument, then its sort key."""


class ReturnPage(NamedTuple):
    """Some returns of a list, and the position of the last one if there may be more."""

    returns: Sequence[ListedReturn]
    next: Position | None
    total_size: int | None
    head_sequence: int
    """Of a first page: the last event's sequence in the snapshot that it was read from; 0 before the first."""
    head_event_id: bytes
    """That event's id; empty before the first."""


@record
class OrderPage:
    """Some orders as encoded `Order` messages, and the position of the last one if there may be more."""

    orders: Sequence[bytes]
    next: Position | None
    total_size: int | None


class StoredEvent(NamedTuple):
    """An event as it was written: an encoded `ReturnEvent` without sequence and cursor, and what those are made of.

    The customer or the guest is whose return it was then.
    """

    sequence: int
    event_id: bytes
    document: bytes
    customer_id: str
    guest_email: str


@record
class EventPage:
    """Some events in sequence order; `more` if others may follow."""

    events: Sequence[StoredEvent]
    more: bool
    epoch: bytes


EXPECTED = 64
"""Events that are read at once while nothing is known of their sizes."""


@record
class LogSizes:
    """How large all logs together are, and the last sequences of some of them."""

    events: int
    tenants: int
    heads: Sequence[tuple[TenantId, int]]


@record
class LogPage:
    """Some events of a tenant's log after a sequence, and what the log was when they were read.

    Ids are empty where there is no event: before the first, and `after_id` also where retention took the event.
    """

    events: Sequence[StoredEvent]
    more: bool
    """Whether others of these events may follow; if not, all up to the head have been read."""
    epoch: bytes
    after_id: bytes
    """The id of the event at the sequence after which was read."""
    head_sequence: int
    head_event_id: bytes
    floor_sequence: int
    """Streams begin after this one: up to it, events may have been taken away."""
    floor_event_id: bytes
    erasures: int = 0
    """How often past events were rewritten: copies of them that were read at another count are not to be used."""


@record
class LogRun:
    """Events of a tenant's log that follow one another without a gap, as no more than their documents.

    `state` is a page without events: what the log was when they were read.
    """

    state: LogPage
    documents: Sequence[bytes] | None
    """As in StoredEvent, of the events right behind the place; None where some of those are gone."""


@record
class ReturnableLine:
    """An order line with its head: what the policy needs to say whether it can go back."""

    line: OrderLine
    head: OrderHead
    position: Position


class Reads(Protocol):
    """What can be asked. An owner's `Viewer` limits every answer to what is the owner's."""

    async def find_return(self, tenant: TenantId, return_id: ReturnId, viewer: Viewer) -> ReturnDocument | None:
        """The return, or None where there is none for this viewer."""

    async def find_returns(
        self, tenant: TenantId, return_ids: Sequence[ReturnId], viewer: Viewer
    ) -> dict[ReturnId, ReturnDocument]:
        """Those of the returns that exist for this viewer."""

    async def list_returns(
        self,
        tenant: TenantId,
        viewer: Viewer,
        where: Expression,
        order: Order,
        after: Position | None,
        limit: int,
        count: bool,
    ) -> ReturnPage:
        """A page of returns in keyset order, ending early at 2 MiB; `count` asks for the exact total.

        The first page, after no position, tells where the log stood.
        """

    async def log_head(self, tenant: TenantId) -> int:
        """The sequence of the last event, 0 before the first."""

    async def find_order(self, tenant: TenantId, order_id: OrderId, viewer: Viewer) -> bytes | None:
        """The order as an encoded `Order` message, or None where there is none for this viewer."""

    async def list_orders(
        self,
        tenant: TenantId,
        viewer: Viewer,
        where: Expression,
        after: Position | None,
        limit: int,
        count: bool,
    ) -> OrderPage:
        """A page of orders, the latest placed first, ending early at 2 MiB."""

    async def list_order_lines(
        self,
        tenant: TenantId,
        viewer: Viewer,
        order_id: OrderId | None,
        customer_id: str,
        guest_email: str,
        after: Position | None,
        limit: int,
    ) -> Sequence[ReturnableLine]:
        """Lines of one order, or of a customer's or guest's orders, the latest placed first.

        For an owner without any of the three: of all that are the owner's.
        """

    async def list_events(
        self, tenant: TenantId, viewer: Viewer, scope: EventScope, after_sequence: int, limit: int
    ) -> EventPage:
        """Events after a sequence, of the tenant or of one return (also a deleted one), ending early at 2 MiB."""

    async def read_log(
        self,
        tenant: TenantId,
        viewer: Viewer,
        after_sequence: int,
        limit: int,
        max_bytes: int,
        *,
        light: bool = False,
    ) -> LogPage:
        """Events after a sequence, at least one if there is any, ending early at so many bytes.

        A `light` read must not be held up by heavy ones, and may hold them up: it is for a few events at the head.
        """

    async def read_run(self, tenant: TenantId, after_sequence: int, count: int, make: Callable[[LogRun], T]) -> T:
        """What `make` makes of the next events after a sequence, so many where there are.

        It may run in a thread, and what it raises is raised here.
        """

    async def last_before(self, tenant: TenantId, time: Micros) -> int:
        """The sequence after which all events of this time and later are, and few others; exact to the event.

        That is one below the smallest sequence with such a time; the head's where there is none.
        """

    async def policy(self, tenant: TenantId) -> Policy:
        """The tenant's policy, or the default one."""

    async def policy_document(self, tenant: TenantId) -> bytes:
        """The tenant's policy as an encoded `ReturnPolicy` message."""

    async def due(self, now: Micros, limit: int) -> Sequence[tuple[TenantId, ReturnId]]:
        """Returns of any tenant whose time is over, the longest overdue first: for the timer only."""

    async def epoch(self) -> bytes:
        """What tells this log from one restored from a backup; four bytes."""


class Leases(Protocol):
    """Who of several replicas does a periodic job."""

    async def acquire(self, name: str, holder: str, now: Micros, until: Micros) -> bool:
        """Take or renew the lease; False while somebody else's has not run out."""

    async def release(self, name: str, holder: str) -> None:
        """Give the lease back, if it is still the holder's."""


class Upkeep(Protocol):
    """What must be tidied now and then."""

    async def forget_answers(self, now: Micros, limit: int) -> int:
        """Delete up to `limit` remembered answers whose time is over; how many there were."""
