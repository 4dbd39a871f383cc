"""The nastiest filters that fit cost little: time and memory, down to the SQL of both databases and the predicate."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
import sqlalchemy as sa

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.return_pb2 import Return
from returns_server.domain.errors import FilterInvalid
from returns_server.domain.ids import TenantId
from returns_server.filtering.language import parse_events_filter, parse_returns_filter
from returns_server.filtering.predicate import compiled
from returns_server.storage import filters, tables
from returns_server.storage.dialects.postgresql import PostgresDialect
from returns_server.storage.dialects.sqlite import SqliteDialect
from returns_server.storage.shapes import parametrised

ACME = TenantId("acme")
SECONDS = 0.5
BYTES = 4 * 2**20

NASTY = {
    "attributes": " OR ".join(f"attributes.k{n}.b.c.d=5" for n in range(100)),
    "stars": " AND ".join(f'number="*{n}*"' for n in range(100)),
    "nested": "NOT (" * 20 + " ".join(f"-version={n}" for n in range(100)) + ")" * 20,
    "too deep": "(" * 4_096,
    "negations": "-" * 4_096,
    "words": "a " * 2_048,
    "dots": "attributes" + ".a" * 2_000 + "=1",
    "quoted parts": "a" + '."b"' * 1_000 + "=1",
    "open parts": "a" + '."' * 2_000,
    "quotes": '"' * 4_096,
    "backslashes": 'a="' + "\\" * 4_000 + '"',
    "backslashes in a part": 'a."' + "\\" * 4_000,
    "only stars": 'number="' + "*" * 4_000 + '"',
    "comparisons": "=" * 4_096,
    "blanks": " " * 4_096,
    "a long name": "x" * 4_090 + "=1",
}


def listed(text: str) -> None:
    where = parse_returns_filter(text, ACME, sees_all=True)
    for dialect in (SqliteDialect(), PostgresDialect()):
        condition = filters.condition(parametrised(where).shape, filters.RETURNS, dialect)
        dialect.prepare(sa.select(tables.returns.c.return_id).where(condition))


def matched(text: str) -> None:
    # Without its memory of filters that were compiled before.
    compiled.__wrapped__(parse_returns_filter(text, ACME, sees_all=True), Return.DESCRIPTOR)(Return())


def streamed(text: str) -> None:
    compiled.__wrapped__(parse_events_filter(text, ACME, sees_all=True), ReturnEvent.DESCRIPTOR)(ReturnEvent())


USES: dict[str, Callable[[str], None]] = {"listed": listed, "matched": matched, "streamed": streamed}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", NASTY)
def test_the_nastiest_text_costs_little(name: str, use: str) -> None:
    USES[use]("")  # the parser is made with its first use
    # Of three, because Python may take out the garbage of all other tests within one of them.
    assert min(_seconds(USES[use], NASTY[name]) for _ in range(3)) < SECONDS
    tracemalloc.start()
    try:
        with suppress(FilterInvalid):
            USES[use](NASTY[name])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < BYTES


def _seconds(use: Callable[[str], None], text: str) -> float:
    began = time.thread_time()
    with suppress(FilterInvalid):
        use(text)
    return time.thread_time() - began
