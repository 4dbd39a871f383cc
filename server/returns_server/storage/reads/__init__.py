"""What can be asked of a database: one function a question over a session, and all of them behind one port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from returns_server.application.listing import EventScope, Order, Position, Viewer
from returns_server.application.ports import (
    EventPage,
    LogPage,
    LogRun,
    LogSizes,
    OrderPage,
    ReturnableLine,
    ReturnDocument,
    ReturnPage,
)
from returns_server.domain.errors import Overloaded, StorageUnavailable
from returns_server.domain.ids import Micros, OrderId, ReturnId, TenantId
from returns_server.domain.policy import Policy
from returns_server.filtering.tree import Expression
from returns_server.storage import retention
from returns_server.storage.admission import Room
from returns_server.storage.database import Database, Point
from returns_server.storage.failures import Conflicting, TooBusy, TooSlow, Unavailable
from returns_server.storage.narrowing import orders_need_search
from returns_server.storage.reads import events, lines, log, orders, return_pages, returns, runs, upkeep
from returns_server.storage.reads.viewing import sight_of
from returns_server.storage.session import Row, Session, WriteSession

T = TypeVar("T")

MOST_READS = 2_048
"""Reads beyond point reads that may wait at once; of one tenant alone half of them, a second or two."""

_TOO_SLOW = (
    "the search takes too long: narrow the filter by customer, address, order, product, number, state or a range of the"
    " time that the list is sorted by, or ask for no total"
)


class StoredReads:
    """Reads, Leases, Upkeep and KeptLogs over a database; every method raises StorageUnavailable where it fails."""

    def __init__(self, database: Database) -> None:
        """Takes an open database, which the caller closes."""
        self._database = database
        self._room = Room(MOST_READS)

    @property
    def waiting(self) -> int:
        """Reads under way or waiting, without point reads and searches."""
        return self._room.taken

    async def find_return(self, tenant: TenantId, return_id: ReturnId, viewer: Viewer) -> ReturnDocument | None:
        """The return, or None where there is none for this viewer."""
        row = await self._find(returns.BY_ID, (tenant, return_id))
        if row is None:
            return None
        found = returns.document(row)
        return found if viewer.sees(found.customer_id, found.guest_email) else None

    async def find_returns(
        self, tenant: TenantId, return_ids: Sequence[ReturnId], viewer: Viewer
    ) -> dict[ReturnId, ReturnDocument]:
        """Those of the returns that exist for this viewer."""
        return await self._heavy(tenant, lambda session: returns.find_returns(session, tenant, return_ids, viewer))

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
        """A page of returns in keyset order, ending early at 2 MiB; `count` asks for the exact total."""
        wanted = return_pages.listing(self._database.dialect, sight_of(viewer), where, order)

        def page(session: Session) -> Awaitable[ReturnPage]:
            return return_pages.list_returns(session, tenant, viewer, wanted, after, limit, count=count)

        if wanted.need_search(count=count):
            return await self._search(tenant, page)
        return await self._in_room(tenant, page, heavy=not wanted.at_once(limit, count=count))

    async def log_head(self, tenant: TenantId) -> int:
        """The sequence of the last event, 0 before the first."""
        row = await self._find(log.HEAD, (tenant,))
        return int(row[0]) if row else 0

    async def find_order(self, tenant: TenantId, order_id: OrderId, viewer: Viewer) -> bytes | None:
        """The order as an encoded `Order` message, or None where there is none for this viewer."""
        return await self._heavy(tenant, lambda session: orders.find_order(session, tenant, order_id, viewer))

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

        def page(session: Session) -> Awaitable[OrderPage]:
            return orders.list_orders(session, tenant, viewer, where, after, limit, count=count)

        if orders_need_search(viewer, where, count=count):
            return await self._search(tenant, page)
        return await self._heavy(tenant, page)

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
        """Lines of one order, or of a customer's or guest's orders, the latest placed first."""
        return await self._heavy(
            tenant,
            lambda session: lines.list_order_lines(
                session, tenant, viewer, order_id, customer_id, guest_email, after, limit
            ),
        )

    async def list_events(
        self, tenant: TenantId, viewer: Viewer, scope: EventScope, after_sequence: int, limit: int
    ) -> EventPage:
        """Events after a sequence, of the tenant or of one return (also a deleted one), ending early at 2 MiB."""
        return await self._heavy(
            tenant, lambda session: events.list_events(session, tenant, viewer, scope, after_sequence, limit)
        )

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
        """Events after a sequence, at least one if there is any, ending early at so many bytes."""

        async def query(session: Session) -> LogPage:
            return await log.read_log(session, tenant, viewer, after_sequence, limit, max_bytes)

        return await (self._light(query) if light else self._heavy(tenant, query))

    async def read_run(self, tenant: TenantId, after_sequence: int, count: int, make: Callable[[LogRun], T]) -> T:
        """What `make` makes of the next events after a sequence, so many where there are."""

        async def made(session: Session) -> T:
            return make(await runs.read_run(session, tenant, after_sequence, count))

        return await self._in_room(tenant, made, once=True)

    async def log_heads(self, after: str, limit: int) -> list[tuple[TenantId, int]]:
        """The last sequences of logs in the order of their tenants, behind the given one."""
        return await _asked(self._database.read(lambda session: log.log_heads(session, after, limit), heavy=True))

    async def last_before(self, tenant: TenantId, time: Micros) -> int:
        """The sequence after which all events of this time and later are, exact to the event."""
        return await self._heavy(tenant, lambda session: log.last_before(session, tenant, time))

    async def policy(self, tenant: TenantId) -> Policy:
        """The tenant's policy, or the default one."""
        return await self._light(lambda session: upkeep.policy(session, tenant))

    async def policy_document(self, tenant: TenantId) -> bytes:
        """The tenant's policy as an encoded `ReturnPolicy` message."""
        return await self._light(lambda session: upkeep.policy_document(session, tenant))

    async def due(self, now: Micros, limit: int) -> Sequence[tuple[TenantId, ReturnId]]:
        """Returns of any tenant whose time is over, the longest overdue first: for the timer only."""
        # Our own work is not refused for what callers ask.
        return await _asked(self._database.read(lambda session: returns.due(session, now, limit), heavy=True))

    async def epoch(self) -> bytes:
        """What tells this log from one restored from a backup; four bytes."""
        return await self._light(events.log_epoch)

    async def acquire(self, name: str, holder: str, now: Micros, until: Micros) -> bool:
        """Take or renew the lease; False while somebody else's has not run out."""
        return await self._write(lambda session: upkeep.acquire(session, name, holder, now, until))

    async def release(self, name: str, holder: str) -> None:
        """Give the lease back, if it is still the holder's."""
        await self._write(lambda session: upkeep.release(session, name, holder))

    async def forget_answers(self, now: Micros, limit: int) -> int:
        """Delete up to `limit` remembered answers whose time is over; how many there were."""
        return await self._write(lambda session: upkeep.forget_answers(session, now, limit))

    async def logs(self, after: str, limit: int) -> list[TenantId]:
        """Tenants that have a log, in order, behind the given one."""
        return await self._light(lambda session: retention.logs(session, after, limit))

    async def log_sizes(self, limit: int) -> LogSizes:
        """The sum of all heads, how many logs there are, and the heads of the first `limit` tenants."""
        return await _asked(self._database.read(lambda session: retention.log_sizes(session, limit), heavy=True))

    async def forget_events(self, tenant: TenantId, before: Micros, lag_before: Micros) -> bool:
        """Have a log begin later, at most at the first event of this time; whether there is more to do."""
        return await self._write(lambda session: retention.forget_events(session, tenant, before, lag_before))

    async def _find(self, point: Point, key: Row) -> Row | None:
        try:
            return await self._database.find(point, key)
        except (Unavailable, Conflicting) as error:
            raise StorageUnavailable from error

    async def _light(self, query: Callable[[Session], Awaitable[T]]) -> T:
        """One statement by key, microseconds long."""
        return await _asked(self._database.read(query))

    async def _heavy(self, tenant: TenantId, query: Callable[[Session], Awaitable[T]]) -> T:
        """Several statements over one snapshot, or many rows; raises Overloaded where too many wait."""
        return await self._in_room(tenant, query, heavy=True)

    async def _in_room(
        self, tenant: TenantId, query: Callable[[Session], Awaitable[T]], *, heavy: bool = False, once: bool = False
    ) -> T:
        try:
            self._room.enter(tenant)
        except TooBusy as error:
            raise Overloaded("too many reads are waiting; try again later") from error
        try:
            return await self._database.read(query, heavy=heavy, once=once)
        except (Unavailable, Conflicting) as error:
            raise StorageUnavailable from error
        finally:
            self._room.leave(tenant)

    async def _search(self, tenant: TenantId, query: Callable[[Session], Awaitable[T]]) -> T:
        """A list that no index answers; raises Overloaded where that takes too long."""
        try:
            return await _asked(self._database.read(query, heavy=True, search=tenant))
        except TooSlow as error:
            raise Overloaded(_TOO_SLOW, "filter") from error
        except TooBusy as error:
            raise Overloaded("too many searches are waiting; try again later, or narrow the filter") from error

    async def _write(self, job: Callable[[WriteSession], Awaitable[T]]) -> T:
        return await _asked(self._database.write(job))


async def _asked(result: Awaitable[T]) -> T:
    try:
        return await result
    except (Unavailable, Conflicting) as error:
        raise StorageUnavailable from error
