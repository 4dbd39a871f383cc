"""What a page costs at a realistic size: the common lists look at little more than they answer, on both databases.

PostgreSQL says itself how many rows it touched (EXPLAIN ANALYZE, with plans for the values and for any values); SQLite
says which indexes it takes, and its steps are counted.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from returns_server.application.listing import Order, OrderField, Position, Viewer
from returns_server.application.ports import ReturnPage
from returns_server.domain.errors import Overloaded
from returns_server.domain.ids import TenantId
from returns_server.filtering.language import parse_orders_filter, parse_returns_filter
from returns_server.filtering.tree import Expression
from returns_server.storage import searches as product
from returns_server.storage.database import Database
from returns_server.storage.dialects import Dialect, Query
from returns_server.storage.opening import open_database
from returns_server.storage.reads import StoredReads, orders, return_pages
from returns_server.storage.reads.viewing import sight_of
from returns_server.storage.session import Row, Session
from returns_server.storage.sqlite import SqliteSession
from tests.support.bulk import ORDERS, RETURNS, fill
from tests.support.postgres import drop_database, new_database

pytestmark = pytest.mark.slow

ACME = TenantId("acme")
STAFF = Viewer(everything=True)
OWNER = Viewer(everything=False, customer_id="c7")
PAGE = 50
LARGE = {"returns", "return_items", "orders", "order_lines"}
MIDDLE = Position((1_700_000_000_000_000 + RETURNS // 2 * 60_000_000, "r030000"))
MIDDLE_TEXT = "2023-12-05T14:13:20Z"
# What a page may touch: its own rows, a few parts of each, or all of what one product or customer has.
MOST_ROWS = 600
MOST_STEPS = 60_000
"""About twenty steps a row."""

LISTS: dict[str, tuple[Viewer, str, Order, Position | None]] = {
    "newest first": (STAFF, "", Order(), None),
    "newest first, in the middle": (STAFF, "", Order(), MIDDLE),
    "oldest first": (STAFF, "", Order(descending=False), MIDDLE),
    "by update": (STAFF, "", Order(OrderField.UPDATE_TIME), MIDDLE),
    "by value": (STAFF, "", Order(OrderField.TOTAL_GROSS), None),
    "by expiry": (STAFF, "", Order(OrderField.EXPIRE_TIME), None),
    "of a customer": (STAFF, "requestor.customer_id=c7", Order(), None),
    "of a customer, by update": (STAFF, "requestor.customer_id=c7", Order(OrderField.UPDATE_TIME), None),
    "of a guest": (STAFF, "requestor.guest_email=g7@example.com", Order(), None),
    "an owner's": (OWNER, "", Order(), None),
    "in a state": (STAFF, "state=PENDING", Order(), None),
    "in a state, in the middle": (STAFF, "state=CLOSED", Order(), MIDDLE),
    "of an order": (STAFF, "orders.order=o7", Order(), None),
    "of a product": (STAFF, 'orders.items.product_id:"p7"', Order(), None),
    "of a product, by update": (STAFF, "orders.items.product_id:p7 state=CLOSED", Order(OrderField.UPDATE_TIME), None),
    "of a customer in a state": (STAFF, "requestor.customer_id=c7 state=CLOSED", Order(), None),
    "an owner's in a state": (OWNER, "state=CLOSED", Order(), None),
    "of an order in a state": (STAFF, "orders.order=o7 state=CLOSED", Order(), None),
    "of a customer since": (STAFF, f"requestor.customer_id=c7 create_time>{MIDDLE_TEXT}", Order(), None),
    "by number": (STAFF, "number=R000007", Order(), None),
    "by name": (STAFF, "name=r000007", Order(), None),
    "before a time": (STAFF, f"create_time<{MIDDLE_TEXT}", Order(), None),
    "updated before a time": (STAFF, f"update_time<{MIDDLE_TEXT}", Order(OrderField.UPDATE_TIME), None),
}
ORDER_LISTS: dict[str, tuple[Viewer, str]] = {
    "latest first": (STAFF, ""),
    "of a customer": (STAFF, "customer_id=c7"),
    "an owner's": (OWNER, ""),
    "of a product": (STAFF, "lines.product_id=p7"),
    "before a time": (STAFF, f"place_time<{MIDDLE_TEXT}"),
    "by name": (STAFF, "name=o7"),
}


class Measured:
    """A session that measures what each statement touches."""

    def __init__(self, inner: Session, generic: bool, at_once: bool) -> None:
        self._inner = inner
        self.one_snapshot = inner.one_snapshot and not at_once
        self._generic = generic
        self.touched = 0
        self.steps = 0
        self.plans: list[str] = []

    @property
    def dialect(self) -> Dialect:
        return self._inner.dialect

    async def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        return await self._inner.execute(statement, parameters)

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        return [await self.fetch(query.statement, query.parameters) for query in queries]

    async def fetch(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        if isinstance(self._inner, SqliteSession):
            return await self._counted(self._inner, statement, parameters)
        plan = await self._explained(statement, parameters or {})
        self.plans.append(json.dumps(plan))
        self.touched += _rows_touched(plan)
        return await self._inner.fetch(statement, parameters)

    async def _counted(self, session: SqliteSession, statement: str, parameters: Any) -> list[Row]:
        plan = await session.fetch(f"EXPLAIN QUERY PLAN {statement}", parameters)
        self.plans.append(" | ".join(row[3] for row in plan))

        def step() -> int:
            self.steps += 10
            return 0

        session.connection.set_progress_handler(step, 10)
        try:
            return await session.fetch(statement, parameters)
        finally:
            session.connection.set_progress_handler(None, 0)

    async def _explained(self, statement: str, parameters: Mapping[str, Any]) -> Any:
        """The plan that was run, made for these values or for any."""
        names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
        numbered = re.sub(r"%\((\w+)\)s", lambda name: f"${names.index(name[1]) + 1}", statement)
        mode = "force_generic_plan" if self._generic else "force_custom_plan"
        await self._inner.fetch(f"SET LOCAL plan_cache_mode = {mode}")
        await self._inner.fetch(f"PREPARE measured AS {numbered}")
        values = sql.SQL(", ").join(sql.Literal(parameters[name]) for name in names)
        run = sql.SQL("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE measured({})").format(values)
        ((plan,),) = await self._inner.fetch(run.as_string())
        await self._inner.fetch("DEALLOCATE measured")
        return plan[0]["Plan"]


def _rows_touched(plan: Any) -> int:
    """Rows that the scans of a plan found or threw away."""
    own = 0
    if "Scan" in plan["Node Type"] and "Subquery" not in plan["Node Type"]:
        thrown = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        own = (plan["Actual Rows"] + thrown) * plan["Actual Loops"]
    return int(own) + sum(_rows_touched(inner) for inner in plan.get("Plans", ()))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | Path]:
    """A large tenant on each database."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("large") / "returns.db"
        fill(path)
        yield path
        return
    server: str = request.getfixturevalue("postgres_shared_url")
    url = new_database(server)
    fill(url)
    yield url
    drop_database(server, url)


async def measured(
    large: str | Path, query: Callable[[Session], Awaitable[Any]], *, generic: bool = False, at_once: bool = False
) -> Measured:
    found: list[Measured] = []

    async def measure(session: Session) -> None:
        found.append(Measured(session, generic, at_once))
        await query(found[0])

    database: Database = await open_database(large)
    try:
        await database.read(measure, heavy=True)
    finally:
        await database.close()
    return found[0]


async def list_returns(
    session: Session, viewer: Viewer, where: Expression, order: Order, after: Position | None
) -> None:
    wanted = return_pages.listing(session.dialect, sight_of(viewer), where, order)
    await return_pages.list_returns(session, ACME, viewer, wanted, after, PAGE, count=False)


def check(cost: Measured) -> None:
    assert cost.touched <= MOST_ROWS, (cost.touched, cost.plans)
    assert cost.steps <= MOST_STEPS, (cost.steps, cost.plans)
    for plan in cost.plans:
        walked = re.findall(r'(?:"Seq Scan"[^{}]*"Relation Name": "|SCAN )(\w+)', plan)
        assert not LARGE.intersection(walked), plan


@pytest.mark.parametrize("generic", [False, True], ids=["these values", "any values"])
@pytest.mark.parametrize("name", LISTS)
async def test_a_common_list_of_returns_follows_an_index(large: str | Path, name: str, generic: bool) -> None:
    viewer, text, order, after = LISTS[name]
    where = parse_returns_filter(text, ACME, sees_all=viewer.everything)
    check(
        await measured(
            large,
            lambda session: list_returns(session, viewer, where, order, after),
            generic=generic,
            # As PostgreSQL is asked: the first page and the log's head by one statement, where that can be.
            at_once=isinstance(large, str),
        )
    )


@pytest.mark.parametrize("generic", [False, True], ids=["these values", "any values"])
@pytest.mark.parametrize("name", ORDER_LISTS)
async def test_a_common_list_of_orders_follows_an_index(large: str | Path, name: str, generic: bool) -> None:
    viewer, text = ORDER_LISTS[name]
    where = parse_orders_filter(text, ACME)
    check(
        await measured(
            large,
            lambda session: orders.list_orders(session, ACME, viewer, where, None, PAGE, count=False),
            generic=generic,
        )
    )


async def test_a_walk_through_everything_is_no_common_list(large: str | Path) -> None:
    where = parse_returns_filter("reason.code=NEVER", ACME, sees_all=True)
    cost = await measured(large, lambda session: list_returns(session, STAFF, where, Order(), None))
    assert cost.touched > MOST_ROWS or cost.steps > MOST_STEPS


SLOW = " OR ".join(f'attributes.k{n}.x="*never*"' for n in range(100))


def begun(reads: StoredReads, count: int) -> list[asyncio.Task[ReturnPage]]:
    """So many slow searches of acme."""
    slow = parse_returns_filter(SLOW, ACME, sees_all=True)
    return [
        asyncio.create_task(reads.list_returns(ACME, STAFF, slow, Order(), None, PAGE, count=False))
        for _ in range(count)
    ]


async def given_up(searches: list[asyncio.Task[ReturnPage]]) -> None:
    for search in searches:
        search.cancel()
    await asyncio.gather(*searches, return_exceptions=True)


async def test_a_search_that_takes_too_long_ends(large: str | Path) -> None:
    database = await open_database(large, search_seconds=0.05)
    reads = StoredReads(database)
    try:
        outcomes = await asyncio.gather(*begun(reads, 8), return_exceptions=True)
        assert all(isinstance(outcome, Overloaded) for outcome in outcomes), outcomes
        assert {"field": "filter"} in [outcome.facts for outcome in outcomes if isinstance(outcome, Overloaded)]
        # The connections serve on.
        everything = parse_returns_filter("", ACME, sees_all=True)
        page = await reads.list_returns(ACME, STAFF, everything, Order(), None, PAGE, count=False)
        assert len(page.returns) == PAGE
    finally:
        await database.close()


async def test_pages_are_not_held_up_by_searches(large: str | Path) -> None:
    database = await open_database(large, search_seconds=60)
    reads = StoredReads(database)
    everything = parse_returns_filter("", ACME, sees_all=True)
    searches = begun(reads, product.AT_ONCE + product.MAX_WAITING // 4)
    try:
        await asyncio.sleep(0.05)
        for _ in range(20):
            page = await reads.list_returns(ACME, STAFF, everything, Order(), None, PAGE, count=False)
            assert len(page.returns) == PAGE
        assert not all(search.done() for search in searches), "pages waited for the searches before them"
    finally:
        await given_up(searches)
        await database.close()


async def test_the_slow_searches_of_one_tenant_keep_no_other_from_its_turn(
    large: str | Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product, "_LATE_SECONDS", 60)  # whose turn it is counts here, not how late it comes
    database = await open_database(large, search_seconds=1)
    reads, other = StoredReads(database), TenantId("globex")
    quick = parse_returns_filter(SLOW, other, sees_all=True)
    flood = begun(reads, 30)
    try:
        await asyncio.sleep(0)
        for _ in range(3):
            page = await reads.list_returns(other, STAFF, quick, Order(), None, PAGE, count=False)
            assert page.returns == []
        # There was not room for all of them to wait. How many of them end in time is the machine's matter.
        refused = [search.exception() for search in flood if search.done() and search.exception()]
        assert refused
        assert all(isinstance(outcome, Overloaded) for outcome in refused), refused
        assert sum(not search.done() for search in flood) >= product.MAX_WAITING // 4, (
            "nobody waited behind all of them"
        )
    finally:
        await given_up(flood)
        await database.close()


async def test_a_search_of_orders_that_takes_too_long_ends_too(large: str | Path) -> None:
    database = await open_database(large, search_seconds=0.2)
    try:
        reads = StoredReads(database)
        slow = parse_orders_filter(" OR ".join(f'lines.product_name="*never{n}*"' for n in range(100)), ACME)
        with pytest.raises(Overloaded) as refused:
            await reads.list_orders(ACME, STAFF, slow, None, PAGE, count=False)
        assert refused.value.facts == {"field": "filter"}
    finally:
        await database.close()


@pytest.mark.parametrize("text", ["", "state=CLOSED"])
async def test_a_total_that_takes_too_long_to_count_is_refused_and_the_page_alone_is_not(
    large: str | Path, text: str
) -> None:
    database = await open_database(large, search_seconds=0.000_1)
    where = parse_returns_filter(text, ACME, sees_all=True)
    try:
        reads = StoredReads(database)
        with pytest.raises(Overloaded):
            await reads.list_returns(ACME, STAFF, where, Order(), None, PAGE, count=True)
        assert len((await reads.list_returns(ACME, STAFF, where, Order(), None, PAGE, count=False)).returns) == PAGE
    finally:
        await database.close()


async def test_totals_are_exact_at_a_realistic_size(large: str | Path) -> None:
    database = await open_database(large, search_seconds=60)
    try:
        reads = StoredReads(database)
        for text, total in (("", RETURNS), ("state=PENDING", RETURNS // 50), ("number=R000007", 1)):
            where = parse_returns_filter(text, ACME, sees_all=True)
            page = await reads.list_returns(ACME, STAFF, where, Order(), None, PAGE, count=True)
            assert page.total_size == total, text
        everything = parse_orders_filter("", ACME)
        assert (await reads.list_orders(ACME, STAFF, everything, None, PAGE, count=True)).total_size == ORDERS
    finally:
        await database.close()


async def test_a_search_within_its_time_is_answered_exactly(large: str | Path) -> None:
    database = await open_database(large, search_seconds=60)
    try:
        where = parse_returns_filter("NOT state=CLOSED AND reason.code=BROK*", ACME, sees_all=True)
        page = await StoredReads(database).list_returns(ACME, STAFF, where, Order(), None, PAGE, count=True)
        assert page.total_size == RETURNS // 50
    finally:
        await database.close()
