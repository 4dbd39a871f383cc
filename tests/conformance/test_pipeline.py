"""PostgreSQL's pipeline: answers in turn, failures where they belong, connections renewed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from returns_server.storage import pipeline as pipelines
from returns_server.storage.dialects import Query
from returns_server.storage.pipeline import Pipeline
from returns_server.storage.postgresql import PostgresDatabase
from returns_server.storage.session import Row

SERIES = "SELECT n::bigint, repeat('x', %(width)s) FROM generate_series(1, %(rows)s::bigint) AS n"


@pytest.fixture
async def pipeline(postgres_url: str) -> AsyncIterator[Pipeline]:
    connection = await psycopg.AsyncConnection[Row].connect(postgres_url, autocommit=True)
    opened = Pipeline(connection)
    yield opened
    await opened.close()


def one(value: object) -> Query:
    return Query("SELECT %(value)s::text", {"value": value})


async def sleeps(url: str, pid: int) -> None:
    """Wait until the server's process of this connection is within pg_sleep; before that, nothing ends what it runs."""
    query = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other, asyncio.timeout(30):
        while not await (await other.execute(query, (pid,))).fetchone():
            await asyncio.sleep(0.01)


async def test_many_who_ask_at_once_are_answered_each_with_its_own(pipeline: Pipeline) -> None:
    answers = await asyncio.gather(*(pipeline.run([one(f"a{n}"), one(f"b{n}")]) for n in range(500)))

    assert answers == [[[(f"a{n}",)], [(f"b{n}",)]] for n in range(500)]


async def test_answers_larger_than_any_buffer_arrive_whole(pipeline: Pipeline) -> None:
    asked = Query(SERIES, {"width": 10_000, "rows": 2_000})
    sent = "y" * 20_000_000
    [rows], [[(echoed,)]] = await asyncio.gather(pipeline.run([asked]), pipeline.run([one(sent)]))

    assert (len(rows), rows[-1]) == (2_000, (2_000, "x" * 10_000))
    assert echoed == sent


async def test_a_statement_without_rows_says_how_many_it_changed(pipeline: Pipeline) -> None:
    made, filled, emptied = await pipeline.run([
        Query("CREATE TEMPORARY TABLE things (n int)"),
        Query("INSERT INTO things SELECT generate_series(1, 7)"),
        Query("DELETE FROM things WHERE n > %(most)s", {"most": 4}),
    ])  # fmt: skip

    assert (made, filled, emptied) == ([(0,)], [(7,)], [(3,)])


async def test_who_fails_fails_alone_and_what_it_skipped_is_prepared_anew(pipeline: Pipeline) -> None:
    skipped = Query("SELECT %(n)s::int + 1", {"n": 1})
    bad = pipeline.run([Query("SELECT 1 / %(zero)s::int", {"zero": 0}), skipped])
    outcomes = await asyncio.gather(pipeline.run([one("before")]), bad, return_exceptions=True)

    assert outcomes[0] == [[("before",)]]
    assert isinstance(outcomes[1], psycopg.errors.DivisionByZero)
    assert await pipeline.run([skipped]) == [[(2,)]]


async def test_without_begin_what_is_sent_together_is_one_transaction(pipeline: Pipeline) -> None:
    await pipeline.run([Query("CREATE TEMPORARY TABLE things (n int)")])
    with pytest.raises(psycopg.errors.SyntaxError):
        await pipeline.run([Query("INSERT INTO things VALUES (1)"), Query("NONSENSE")])

    assert await pipeline.run([Query("SELECT count(*) FROM things")]) == [[(0,)]]
    assert not pipeline.in_transaction


async def test_who_goes_away_disturbs_nobody(pipeline: Pipeline) -> None:
    waiting = asyncio.create_task(pipeline.run([Query("SELECT pg_sleep(0.2)"), one("lost")]))
    other = asyncio.create_task(pipeline.run([one("mine")]))
    await asyncio.sleep(0)
    waiting.cancel()

    assert await other == [[("mine",)]]
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_statements_beyond_what_a_connection_keeps_are_forgotten_and_prepared_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines, "_MOST_PREPARED", 5)
    for _ in range(2):
        for n in range(12):
            assert await pipeline.run([Query(f"SELECT {n}::int")]) == [[(n,)]]
    [[(prepared,)]] = await pipeline.run([Query("SELECT count(*) FROM pg_prepared_statements")])

    assert prepared <= 6


@pytest.mark.parametrize("waiting", [0, 3])
async def test_a_connection_that_is_ended_tells_all_who_wait(
    pipeline: Pipeline, postgres_url: str, waiting: int
) -> None:
    [[(pid,)]] = await pipeline.run([Query("SELECT pg_backend_pid()")])
    asked = [asyncio.create_task(pipeline.run([Query("SELECT pg_sleep(30)")])) for _ in range(waiting)]
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as other:
        await other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)

    assert all(isinstance(outcome, psycopg.OperationalError) for outcome in outcomes)
    with pytest.raises(psycopg.OperationalError):
        await pipeline.run([one("too late")])
    assert not pipeline.usable


async def test_letting_go_of_a_broken_connection_leaves_the_next_one_with_its_number_alone(
    pipeline: Pipeline, postgres_url: str
) -> None:
    number = pipeline._socket
    [[(pid,)]] = await pipeline.run([Query("SELECT pg_backend_pid()")])
    other = await psycopg.AsyncConnection[Row].connect(postgres_url, autocommit=True)
    await other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    while pipeline.usable:
        await asyncio.sleep(0.01)
    # The least number that is free comes first, and there may be lesser ones, of what other tests left.
    others = [other]
    while others[-1].fileno() != number:
        others.append(await psycopg.AsyncConnection[Row].connect(postgres_url, autocommit=True))
    successor = Pipeline(others.pop())
    await pipeline.close()

    async with asyncio.timeout(10):
        assert await successor.run([one("heard")]) == [[("heard",)]]
    await successor.close()
    for connection in others:
        await connection.close()


async def test_what_nobody_waits_for_any_more_can_be_interrupted(pipeline: Pipeline, postgres_url: str) -> None:
    [[(pid,)]] = await pipeline.run([Query("SELECT pg_backend_pid()")])
    waiting = asyncio.create_task(pipeline.run([Query("SELECT pg_sleep(30)")]))
    await sleeps(postgres_url, pid)
    waiting.cancel()
    async with asyncio.timeout(10):
        await pipeline.interrupt()
        assert await pipeline.run([one("next")]) == [[("next",)]]


async def test_reads_go_on_over_new_connections_when_all_were_ended(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url)
    await database.open()
    try:
        for heavy in (False, True, False, True):
            assert await database.read(lambda session: session.fetch("SELECT 1"), heavy=heavy) == [(1,)]
            async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as other:
                await other.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
    finally:
        await database.close()


async def test_a_read_in_a_snapshot_leaves_no_transaction_behind_even_if_it_is_given_up(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url)
    await database.open()
    try:
        for _ in range(8):
            reading = asyncio.create_task(
                database.read(lambda session: session.fetch("SELECT pg_sleep(30)"), heavy=True)
            )
            await asyncio.sleep(0.02)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
        idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
        [(others,)] = await database.read(lambda session: session.fetch(f"{idle} AND pid <> pg_backend_pid()"))
        assert others == 0
    finally:
        await database.close()


async def test_a_read_that_is_cancelled_ends_however_far_it_got(postgres_url: str) -> None:
    """A task that only ends by being cancelled, such as a timer, would otherwise go on, and its server never stop."""
    database = PostgresDatabase(postgres_url)
    await database.open()

    async def for_ever() -> None:
        while True:
            await database.read(lambda session: session.fetch("SELECT 1"), heavy=True)

    try:
        for rounds in range(60):
            reading = asyncio.create_task(for_ever())
            for _ in range(rounds):
                await asyncio.sleep(0)
            reading.cancel()
            async with asyncio.timeout(10):
                await asyncio.wait([reading])
            assert reading.cancelled()
    finally:
        await database.close()


async def test_a_session_that_is_ended_is_noticed_by_whoever_waits(pipeline: Pipeline, postgres_url: str) -> None:
    [[(pid,)]] = await pipeline.run([Query("SELECT pg_backend_pid()")])
    waiting = asyncio.create_task(pipeline.run([Query("SELECT pg_sleep(60)"), one("after")]))
    await sleeps(postgres_url, pid)
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
    async with asyncio.timeout(10):
        with pytest.raises(psycopg.errors.AdminShutdown):
            await waiting
    assert not pipeline.usable


async def test_an_answer_that_nobody_told_of_arrives_nevertheless(pipeline: Pipeline) -> None:
    """As with uvloop, whose sockets go deaf at the first error."""
    asked = asyncio.create_task(pipeline.run([Query("SELECT pg_sleep(0.1)"), one("heard")]))
    await asyncio.sleep(0)
    assert pipeline._loop.remove_reader(pipeline._socket)
    async with asyncio.timeout(10):
        assert (await asked)[1] == [("heard",)]
