"""What the writer promises, on both databases: durable or not at all, alone in failure, and held up by nobody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from returns_server.application.books import Books, Needs
from returns_server.application.commands import Command
from returns_server.application.commands.returns import RejectReturn
from returns_server.application.ports import Answer, ReturnDocument
from returns_server.domain.errors import Conflict, Draining, Overloaded, QuantityExceedsReturnable
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.domain.returns import Reason
from returns_server.storage import migrations
from returns_server.storage.audit import Report, audit
from returns_server.storage.database import Database
from returns_server.storage.dialects import Query
from returns_server.storage.failures import Refused
from returns_server.storage.lanes import Bounds
from returns_server.storage.opening import open_database
from returns_server.storage.session import Session, WriteSession
from returns_server.storage.transaction import Settled, Transaction
from returns_server.storage.writer import Writer
from tests.support.commands import ACME, GLOBEX, create, next_id, order, request


def event_id() -> bytes:
    return next_id().to_bytes(16, "big")


def now() -> Micros:
    return Micros(time.time_ns() // 1_000)


PATIENT = 3_600.0
"""For who counts what may wait: one slow commit, and of so many some would be refused for the time they would wait."""


@asynccontextmanager
async def writing(database: Database, bounds: Bounds | None = None) -> AsyncIterator[Writer]:
    writer = Writer(database, now, event_id, bounds or Bounds(), on_commit=lambda _: None)
    writer.start()
    yield writer
    await writer.drain()


async def balanced(database: Database) -> Report:
    report = await database.read(audit, heavy=True)
    assert report.findings == ()
    return report


async def test_a_batch_whose_commit_was_not_heard_of_is_not_done_twice(database: Database) -> None:
    async with writing(database) as writer:
        await writer.feed(order("o1"))
        await writer.submit(create("o1"))  # the tenant has its log and its numbers
    commands = [create("o1", given=given) for given in (True, False)]

    async def run(*, again: bool) -> Settled:
        transaction = Transaction(commands, now(), event_id, Micros(now() + 10**12))
        transaction.again = again
        transaction.numbers = {ACME: iter(("R-900001", "R-900002"))}
        return await database.write(transaction)

    first = await run(again=False)
    repeated = await run(again=True)
    assert [_document(one) for one in repeated.outcomes] == [_document(one) for one in first.outcomes]
    assert repeated.tenants == frozenset()
    report = await balanced(database)
    assert (report.returns, report.events) == (3, 3)


def _document(answer: Answer | Exception | None) -> bytes:
    assert isinstance(answer, ReturnDocument)
    return answer.document


@dataclass(frozen=True)
class Buggy:
    """A command with a bug that shows after it has changed the books."""

    tenant: TenantId = ACME
    request: None = None

    @property
    def needs(self) -> Needs:
        return Needs(lines=frozenset({create("o1").draft.items[0].key}))

    def decide(self, books: Books, now: Micros) -> None:
        books.lines.clear()
        raise ZeroDivisionError


async def test_a_command_with_a_bug_fails_alone(database: Database) -> None:
    async with writing(database) as writer:
        await writer.feed(order("o1", 50))
        commands: list[Command] = [create("o1"), Buggy(), create("o1"), create("o1", 49), Buggy(), create("o1")]
        outcomes = await asyncio.gather(*(writer.submit(command) for command in commands), return_exceptions=True)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [
        ReturnDocument,
        ZeroDivisionError,
        ReturnDocument,
        QuantityExceedsReturnable,
        ZeroDivisionError,
        ReturnDocument,
    ]
    assert (await balanced(database)).returns == 3


OVERDRAWN = {
    "more units than were bought": "claimed_units = 6, claimed_gross = 1000",
    "fewer than none": "claimed_units = -1",
    "more value than was paid": "claimed_units = 1, claimed_gross = 1001",
    "all units for less than was paid": "claimed_units = 5, claimed_gross = 999",
    "value without units": "claimed_gross = 1",
}


@pytest.mark.parametrize("change", OVERDRAWN.values(), ids=OVERDRAWN.keys())
async def test_the_database_itself_refuses_an_overdrawn_ledger(database: Database, change: str) -> None:
    async with writing(database) as writer:
        await writer.feed(order("o1"))

    async def overdraw(session: WriteSession) -> None:
        await session.run([Query(f"UPDATE order_lines SET {change}")])

    with pytest.raises(Refused):
        await database.write(overdraw)
    await balanced(database)


async def test_what_fails_in_the_database_leaves_nothing_behind(database: Database) -> None:
    async with writing(database) as writer:
        await writer.feed(order("o1"))

    async def half(session: WriteSession) -> None:
        await session.run([Query("UPDATE order_lines SET claimed_units = 5, claimed_gross = 1000")])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(half)
    assert (await balanced(database)).lines == 1


async def test_more_than_may_wait_is_refused_and_the_rest_is_done(database: Database) -> None:
    async with writing(database, Bounds(max_queue=16, max_batch=2, max_wait_seconds=PATIENT)) as writer:
        await writer.feed(order("o1", 100))
        outcomes = await asyncio.gather(*(writer.submit(create("o1")) for _ in range(30)), return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Overloaded)]
        done = [outcome for outcome in outcomes if isinstance(outcome, ReturnDocument)]
        assert len(refused) + len(done) == 30
        assert len(refused) >= 15
        assert len(done) >= 8
        assert isinstance(await writer.submit(create("o1")), ReturnDocument)
    assert (await balanced(database)).returns == len(done) + 1


async def test_a_change_that_would_wait_too_long_is_refused_until_the_queue_is_short_again(database: Database) -> None:
    async with writing(database, Bounds(max_batch=1, max_wait_seconds=1e-6)) as writer:
        await writer.feed(order("o1", 100))
        assert isinstance(await writer.submit(create("o1")), ReturnDocument)  # from here on the pace is known
        outcomes = await asyncio.gather(*(writer.submit(create("o1")) for _ in range(30)), return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Overloaded)]
        done = [outcome for outcome in outcomes if isinstance(outcome, ReturnDocument)]
        assert (len(refused) + len(done), len(refused) >= 25, len(done) >= 1) == (30, True, True)
        assert isinstance(await writer.submit(create("o1")), ReturnDocument)
    assert (await balanced(database)).returns == len(done) + 2


async def test_a_second_tenant_is_served_while_the_first_floods(database: Database) -> None:
    async with writing(database, Bounds(max_queue=200, max_batch=10, max_wait_seconds=PATIENT)) as writer:
        await writer.feed(order("o1", 1000))
        await writer.feed(order("o1", 1000, GLOBEX))
        flood = [asyncio.create_task(writer.submit(create("o1"))) for _ in range(1000)]
        await asyncio.sleep(0)
        others = [asyncio.create_task(writer.submit(create("o1", tenant=GLOBEX))) for _ in range(20)]
        served = await asyncio.gather(*others)
        assert {type(answer) for answer in served} == {ReturnDocument}
        waiting = sum(not task.done() for task in flood)
        outcomes = await asyncio.gather(*flood, return_exceptions=True)
    done = [outcome for outcome in outcomes if isinstance(outcome, ReturnDocument)]
    assert 100 <= len(done) <= 200, "of one tenant half of what may wait, and what was being done"
    assert waiting >= 50, "they take turns: five batches hold twenty of the one and as many of the other"


async def test_who_would_not_wait_long_is_not_refused_for_those_who_would(database: Database) -> None:
    async with writing(database, Bounds(max_batch=2, max_wait_seconds=1e-6)) as writer:
        await writer.feed(order("o1", 1000))
        await writer.feed(order("o1", 1000, GLOBEX))
        await writer.submit(create("o1"))  # from here on the pace is known
        flood = [asyncio.create_task(writer.submit(create("o1"))) for _ in range(30)]
        other = asyncio.create_task(writer.submit(create("o1", tenant=GLOBEX)))
        outcomes = await asyncio.gather(*flood, return_exceptions=True)
        assert sum(isinstance(outcome, Overloaded) for outcome in outcomes) >= 25
        assert isinstance(await other, ReturnDocument)


async def test_a_drained_writer_has_answered_all_and_takes_no_more(database: Database) -> None:
    async with writing(database) as writer:
        await writer.feed(order("o1", 100))
        waiting = [asyncio.create_task(writer.submit(create("o1"))) for _ in range(20)]
        await asyncio.sleep(0)
    assert {type(answer) for answer in await asyncio.gather(*waiting)} == {ReturnDocument}
    with pytest.raises(Draining):
        await writer.submit(create("o1"))
    assert (await balanced(database)).returns == 20


async def test_a_caller_who_goes_away_undoes_nothing(database: Database) -> None:
    async with writing(database) as writer:
        await writer.feed(order("o1"))
        gone = asyncio.create_task(writer.submit(create("o1")))
        stays = asyncio.create_task(writer.submit(create("o1")))
        await asyncio.sleep(0)
        while writer._lanes[0].calls:  # until their batch has begun
            await asyncio.sleep(0)
        gone.cancel()
        assert isinstance(await stays, ReturnDocument)
    assert (await balanced(database)).returns == 2


async def test_what_nobody_waits_for_any_more_is_not_begun(database: Database) -> None:
    """Calls that expired behind a slow commit would else make those late that come after them."""
    async with writing(database) as writer:
        await writer.feed(order("o1", 10))
        calls = [asyncio.create_task(writer.submit(create("o1"))) for _ in range(5)]
        await asyncio.sleep(0)
        assert len(writer._lanes[0].calls) == 5
        for gone in calls[:4]:
            gone.cancel()
        assert isinstance(await calls[4], ReturnDocument)
    assert (await balanced(database)).returns == 1


async def test_a_frozen_order_stops_nobody_else(postgres_url: str) -> None:
    migrations.upgrade(postgres_url)
    database = await open_database(postgres_url)
    async with writing(database) as writer:
        await asyncio.gather(writer.feed(order("frozen")), writer.feed(order("other")))
        filed = await writer.submit(create("frozen"))
        async with await psycopg.AsyncConnection[tuple[Any, ...]].connect(postgres_url) as holder:
            await holder.execute("SELECT 1 FROM order_lines WHERE order_id = 'frozen' FOR UPDATE")
            held_up = [
                asyncio.create_task(writer.submit(create("frozen"))),
                asyncio.create_task(writer.submit(RejectReturn(ACME, request(), _id(filed), Reason("NO")))),
                asyncio.create_task(writer.feed(order("frozen", 7))),
            ]
            others = [await writer.submit(create("other")) for _ in range(5)]
            assert all(isinstance(answer, ReturnDocument) for answer in others)
            assert not any(task.done() for task in held_up)
            await holder.rollback()
        await asyncio.gather(*held_up)
    await balanced(database)
    await database.close()


def _id(answer: Answer) -> ReturnId:
    assert isinstance(answer, ReturnDocument)
    return ReturnId(f"return-{answer.document.split(b'return-')[1].split(bytes((0x12,)))[0].decode()}")


async def test_rows_that_stay_frozen_are_a_conflict_in_the_end(postgres_url: str) -> None:
    migrations.upgrade(postgres_url)
    database = await open_database(postgres_url)
    async with writing(database) as writer:
        await writer.feed(order("frozen"))
        async with await psycopg.AsyncConnection[tuple[Any, ...]].connect(postgres_url) as holder:
            await holder.execute("SELECT 1 FROM order_lines WHERE order_id = 'frozen' FOR UPDATE")
            with pytest.raises(Conflict):
                await writer.submit(create("frozen"))
    assert (await balanced(database)).returns == 0
    await database.close()


async def test_an_import_does_not_hold_up_a_return(database: Database) -> None:
    """Calls go before the feed: a return filed behind a long import is answered before the import is done."""
    async with writing(database, Bounds(max_batch_rows=50)) as writer:
        await writer.feed(order("o1"))
        feeding = [asyncio.create_task(writer.feed(order(f"f{i}"))) for i in range(500)]
        await asyncio.sleep(0)
        assert isinstance(await writer.submit(create("o1")), ReturnDocument)
        assert not all(task.done() for task in feeding)
        await asyncio.gather(*feeding)

    async def orders(session: Session) -> int:
        return int((await session.fetch("SELECT count(*) FROM orders"))[0][0])

    assert await database.read(orders, heavy=True) == 501
