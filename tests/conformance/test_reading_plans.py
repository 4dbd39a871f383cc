"""Lists are read from the index that finds the fewest rows, also where the database has no statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from returns_server.application.listing import EventScope, Order, OrderField, Position, Viewer
from returns_server.domain.ids import ReturnId, TenantId
from returns_server.filtering.tree import EVERYTHING, Comparison, Expression, Field, Kind, Operator
from returns_server.storage.dialects import Dialect, Query
from returns_server.storage.reads import events, lines, orders, return_pages
from returns_server.storage.reads.viewing import sight_of
from returns_server.storage.session import Row, Session
from returns_server.storage.sqlite import SqliteDatabase
from tests.support.databases import opened

ACME = TenantId("acme")
STAFF = Viewer(everything=True)
OWNER = Viewer(everything=False, customer_id="c1")
BOTH = Viewer(everything=False, customer_id="c1", verified_email="g@example.com")
UPDATED = Order(OrderField.UPDATE_TIME)
EXPIRING = Order(OrderField.EXPIRE_TIME)


class Explained:
    """A session that remembers how each statement would be answered."""

    def __init__(self, inner: Session) -> None:
        self._inner = inner
        self.one_snapshot = inner.one_snapshot
        self.plans: list[str] = []

    @property
    def dialect(self) -> Dialect:
        return self._inner.dialect

    async def fetch(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        plan = await self._inner.fetch(f"EXPLAIN QUERY PLAN {statement}", parameters)
        self.plans.append(" | ".join(row[3] for row in plan))
        return await self._inner.fetch(statement, parameters)

    async def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        return await self._inner.execute(statement, parameters)

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        return [await self.fetch(query.statement, query.parameters) for query in queries]


def equals(path: str, kind: Kind, value: str | int) -> Expression:
    return Comparison(Field(path, kind), Operator.EQ, value)


CUSTOMER = equals("requestor.customer_id", Kind.TEXT, "c1")
AFTER = Position((1, "r1"))
RETURNS: dict[str, tuple[Viewer, Expression, Order, Position | None, str]] = {
    "staff": (STAFF, EVERYTHING, Order(), AFTER, "returns_by_create_time (tenant=? AND (create_time,return_id)<(?,?))"),
    "staff by update": (
        STAFF,
        EVERYTHING,
        UPDATED,
        AFTER,
        "returns_by_update_time (tenant=? AND (update_time,return_id)",
    ),
    "staff by expiry": (STAFF, EVERYTHING, EXPIRING, AFTER, "returns_by_expire_time (tenant=? AND expire_time>?"),
    "state": (
        STAFF,
        equals("state", Kind.ENUM, 1),
        Order(),
        AFTER,
        "returns_by_state (tenant=? AND state=? AND (create",
    ),
    "customer": (STAFF, CUSTOMER, Order(), AFTER, "returns_by_customer (tenant=? AND customer_id=? AND (create_time"),
    "customer by update": (STAFF, CUSTOMER, UPDATED, AFTER, "returns_by_customer (tenant=? AND customer_id=?)"),
    "order": (STAFF, equals("orders.order", Kind.ORDER, "o1"), Order(), AFTER, "(tenant=? AND return_id=?)"),
    "own": (OWNER, EVERYTHING, Order(), AFTER, "returns_by_customer (tenant=? AND customer_id=? AND (create_time"),
    "own by update": (OWNER, EVERYTHING, UPDATED, AFTER, "returns_by_customer (tenant=? AND customer_id=?)"),
    "own by expiry": (OWNER, EVERYTHING, EXPIRING, AFTER, "returns_by_customer (tenant=? AND customer_id=?)"),
    "by customer and address": (BOTH, EVERYTHING, Order(), AFTER, "returns_by_guest (tenant=? AND guest_email=? AND ("),
}


@pytest.fixture
def target(tmp_path: Any) -> Any:
    return tmp_path / "returns.db"


@pytest.mark.parametrize("name", RETURNS)
async def test_returns_are_listed_from_the_narrowest_index(name: str, target: Any) -> None:
    viewer, where, order, after, expected = RETURNS[name]

    async def explain(session: Session) -> str:
        explained = Explained(session)
        wanted = return_pages.listing(explained.dialect, sight_of(viewer), where, order)
        await return_pages.list_returns(explained, ACME, viewer, wanted, after, 50, count=False)
        return explained.plans[0]

    async with opened(target) as database:
        assert isinstance(database, SqliteDatabase)
        plan = await database.read(explain)
        assert expected in plan, plan


@pytest.mark.parametrize("after", [None, Position((1, "o1", 2))])
@pytest.mark.parametrize(("viewer", "customer_id"), [(STAFF, "c1"), (OWNER, ""), (BOTH, "")])
async def test_lines_are_found_by_their_orders(
    target: Any, viewer: Viewer, customer_id: str, after: Position | None
) -> None:
    async def explain(session: Session) -> str:
        explained = Explained(session)
        await lines.list_order_lines(explained, ACME, viewer, None, customer_id, "", after, 50)
        return explained.plans[0]

    async with opened(target) as database:
        plan = await database.read(explain)
    assert "orders_by_customer (tenant=? AND customer_id=?" in plan
    assert "order_lines USING INDEX sqlite_autoindex_order_lines_1 (tenant=? AND order_id=?)" in plan
    assert "order_lines_by_product" not in plan


async def test_orders_and_events_are_read_from_the_narrowest_index(target: Any) -> None:
    async def explain(session: Session) -> list[str]:
        explained = Explained(session)
        await orders.list_orders(explained, ACME, OWNER, EVERYTHING, AFTER, 50, count=False)
        await events.list_events(explained, ACME, STAFF, EventScope(), 5, 50)
        await events.list_events(explained, ACME, STAFF, EventScope(ReturnId("r1")), 5, 50)
        await events.list_events(explained, ACME, OWNER, EventScope(), 5, 50)
        return [plan for plan in explained.plans if "instance" not in plan]

    async with opened(target) as database:
        of_orders, log, timeline, own = await database.read(explain)
    assert "orders_by_customer (tenant=? AND customer_id=? AND (place_time,order_id)<(?,?))" in of_orders
    assert "(tenant=? AND sequence>?)" in log
    assert "events_by_return (tenant=? AND return_id=?)" in timeline
    assert "TEMP B-TREE" not in timeline
    assert "events_by_customer (tenant=? AND customer_id=? AND sequence>?)" in own
