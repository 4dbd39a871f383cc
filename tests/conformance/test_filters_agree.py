"""Every filter means the same to SQLite, to PostgreSQL and to the predicate over messages.

FILTER_EXAMPLES sets how many filters are tried on each database (default 1,500), FILTER_SEED makes other returns and
other filters.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from commerce.returns.v1.return_pb2 import Return as Message
from returns_server.application.books import Books
from returns_server.application.listing import Order, Viewer
from returns_server.domain.events import EventType, decided
from returns_server.domain.ids import TenantId
from returns_server.domain.returns import Return
from returns_server.filtering.fields import RETURNS
from returns_server.filtering.language import parse_returns_filter
from returns_server.filtering.predicate import compiled
from returns_server.storage.documents.returns import encode_return
from returns_server.storage.reads import StoredReads
from returns_server.storage.saving import save
from returns_server.storage.session import WriteSession
from tests.support.databases import opened
from tests.support.filter_cases import filters, sample_return
from tests.support.postgres import drop_database, new_database

ACME = TenantId("acme")
STAFF = Viewer(everything=True)
EXAMPLES = int(os.environ.get("FILTER_EXAMPLES", "1500"))
SEED = int(os.environ.get("FILTER_SEED", "1"))
STORED = 250
FILTERS = filters(RETURNS, {"attributes": 12, "orders.items.reason.code": 3, "orders.items.product_id": 3})


class Stored:
    """Returns in a database, and beside it as the messages that it holds."""

    def __init__(self, runner: asyncio.Runner, reads: StoredReads, documents: dict[bytes, Message]) -> None:
        self._runner = runner
        self._reads = reads
        self._documents = documents

    def listed(self, text: str) -> set[str]:
        """The names of what the database finds."""
        where = parse_returns_filter(text, ACME, sees_all=True)
        asked = self._reads.list_returns(ACME, STAFF, where, Order(), None, 1_000, count=True)
        page = self._runner.run(asked)
        assert page.next is None
        assert page.total_size == len(page.returns)
        return {self._documents[document].name for document, *_ in page.returns}

    def matched(self, text: str) -> set[str]:
        """The names of what the predicate holds of."""
        holds = compiled(parse_returns_filter(text, ACME, sees_all=True), Message.DESCRIPTOR)
        return {message.name for message in self._documents.values() if holds(message)}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | Path]:
    """An empty database of each kind, for all tests of the module."""
    if request.param == "sqlite":
        yield tmp_path_factory.mktemp("filters") / "returns.db"
        return
    server: str = request.getfixturevalue("postgres_shared_url")
    url = new_database(server)
    yield url
    drop_database(server, url)


@pytest.fixture(scope="module")
def stored(target: str | Path) -> Iterator[Stored]:
    """Many returns, written as the product writes them."""
    chance = random.Random(SEED)
    returns = [sample_return(number, chance) for number in range(STORED)]
    documents = {encode_return(ACME, ret): Message() for ret in returns}
    for document, message in documents.items():
        message.ParseFromString(document)

    async def put(session: WriteSession) -> None:
        save(session, [_books(returns)], encode_return, lambda: b"")

    with asyncio.Runner() as runner:
        context = opened(target, search_seconds=600)  # what is answered is the matter here
        database = runner.run(context.__aenter__())
        runner.run(database.write(put))
        yield Stored(runner, StoredReads(database), documents)
        runner.run(context.__aexit__(None, None, None))


def _books(returns: Iterable[Return]) -> Books:
    """Books in which all of the returns are new."""
    books = Books(ACME)
    for ret in returns:
        books.put_decision(decided(EventType.CREATED, None, ret, {}))
    return books


LARGEST = [
    " OR ".join(f"attributes.k{n}.b.c.d=5" for n in range(100)),
    " AND ".join(f'attributes."c d"!="*{n}*"' for n in range(100)),
    " OR ".join(f'orders.items.line_id="*{n}*"' for n in range(100)),
    "NOT (" * 20 + " ".join(f"-version={n}" for n in range(100)) + ")" * 20,
    " ".join(f"orders.order!=o{n}" for n in range(100)),
    " ".join(f"orders.order=o{n}" for n in range(100)),
    " OR ".join(f"orders.items.product_id=p{n}" for n in range(100)),
]


@pytest.mark.parametrize("number", range(len(LARGEST)))
def test_filters_as_large_as_they_may_be_are_answered(stored: Stored, number: int) -> None:
    assert stored.listed(LARGEST[number]) == stored.matched(LARGEST[number])


def test_the_samples_tell_filters_apart(stored: Stored) -> None:
    """Else agreement would mean nothing: most kinds of terms find some of the returns and not all."""
    telling = [
        "attributes.a=5", "attributes.a>5", "attributes.b:*", "attributes.a=a*", "attributes.a!=true", "number=R-1*",
        "create_time>1970-01-01T00:00:00.0000015Z", "rejection.code!=BROKEN", "orders.items.reason.code=BROK*",
        "requestor.customer_id>a", "approved_total.gross.units>=10", "submitter.email=*example*", "received=true",
        "orders.items.product_id=ab", "approver.id:*", "requestor.guest_email:*", "attributes:*", "reason.details=*a",
    ]  # fmt: skip
    for text in telling:
        assert 0 < len(stored.listed(text)) < STORED, text


@pytest.mark.slow
@pytest.mark.timeout(0)
@settings(
    max_examples=EXAMPLES,
    derandomize=SEED == 1,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(FILTERS)
def test_a_filter_finds_the_same_everywhere(stored: Stored, text: str) -> None:
    assert stored.listed(text) == stored.matched(text)
