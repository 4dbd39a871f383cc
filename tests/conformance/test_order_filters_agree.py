"""Every filter over orders means the same to SQLite, to PostgreSQL and to the predicate over messages.

ORDER_FILTER_EXAMPLES sets how many filters are tried on each database (default 500), FILTER_SEED makes others.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from commerce.returns.v1.order_pb2 import Order as Message
from returns_server.application.listing import Viewer
from returns_server.domain.ids import TenantId
from returns_server.filtering.fields import ORDERS
from returns_server.filtering.language import parse_orders_filter
from returns_server.filtering.predicate import compiled
from returns_server.storage import tables
from returns_server.storage.reads import StoredReads
from tests.support import filter_cases as cases
from tests.support.databases import opened, put
from tests.support.postgres import drop_database, new_database

ACME = TenantId("acme")
STAFF = Viewer(everything=True)
EXAMPLES = int(os.environ.get("ORDER_FILTER_EXAMPLES", "500"))
SEED = int(os.environ.get("FILTER_SEED", "1"))
STORED = 200
FILTERS = cases.filters(ORDERS, {"lines.product_id": 3, "lines.quantity": 3, "deliver_time": 2})


class Stored:
    """Orders in a database, and beside it as the messages that it answers."""

    def __init__(self, runner: asyncio.Runner, reads: StoredReads) -> None:
        self._runner = runner
        self._reads = reads
        self._messages = [Message.FromString(document) for document in self._listed("")]

    def _listed(self, text: str) -> list[bytes]:
        where = parse_orders_filter(text, ACME)
        page = self._runner.run(self._reads.list_orders(ACME, STAFF, where, None, 1_000, count=True))
        assert page.next is None
        assert page.total_size == len(page.orders)
        return list(page.orders)

    def listed(self, text: str) -> list[str]:
        """The names of what the database finds."""
        return sorted(Message.FromString(document).name for document in self._listed(text))

    def matched(self, text: str) -> list[str]:
        """The names of what the predicate holds of."""
        holds = compiled(parse_orders_filter(text, ACME), Message.DESCRIPTOR)
        return sorted(message.name for message in self._messages if holds(message))


def _order(number: int, chance: random.Random) -> dict[str, Any]:
    customer = chance.choice(cases.TEXTS)
    return {
        "tenant": ACME,
        "order_id": f"o{number}",
        "customer_id": customer,
        "guest_email": "" if customer else chance.choice(cases.EMAILS),
        "currency": chance.choice(("GBP", "EUR")),
        "place_time": chance.choice(cases.TIMES),
        "deliver_time": chance.choice((None, *cases.TIMES)),
        "create_time": chance.choice(cases.TIMES),
        "update_time": chance.choice(cases.TIMES),
        "etag": "tag",
    }


def _line(order: dict[str, Any], position: int, line_id: str, chance: random.Random) -> dict[str, Any]:
    return {
        "tenant": ACME,
        "order_id": order["order_id"],
        "line_id": line_id,
        "position": position,
        "product_id": chance.choice(cases.TEXTS),
        "product_name": chance.choice(cases.TEXTS),
        "quantity": chance.choice((1, 2, 5, 2**31 - 1)),
        "gross": 100,
        "final_sale": chance.random() < 0.3,
    }


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
    chance = random.Random(SEED)
    orders = [_order(number, chance) for number in range(STORED)]
    lines = [
        _line(order, position, line_id, chance)
        for order in orders
        for position, line_id in enumerate(chance.sample(cases.LINES, chance.choice((1, 1, 2))))
    ]
    with asyncio.Runner() as runner:
        context = opened(target, search_seconds=600)  # what is answered is the matter here
        database = runner.run(context.__aenter__())
        runner.run(put(database, tables.orders, orders))
        runner.run(put(database, tables.order_lines, lines))
        yield Stored(runner, StoredReads(database))
        runner.run(context.__aexit__(None, None, None))


def test_the_samples_tell_filters_apart(stored: Stored) -> None:
    """Else agreement would mean nothing."""
    for text in ("customer_id>a", "guest_email:*", "deliver_time:*", "lines.quantity>2", "lines.final_sale=true",
                 "lines.product_id=ab", "lines.product_name=*a*", "currency_code=GBP", "name=o7"):  # fmt: skip
        assert 0 < len(stored.listed(text)) < STORED, text


LARGEST = [
    " OR ".join(f'lines.product_name="*{n}*"' for n in range(100)),
    "NOT (" * 20 + " ".join(f"-lines.quantity={n}" for n in range(100)) + ")" * 20,
    " ".join(f"lines.product_id=p{n}" for n in range(100)),
]


@pytest.mark.parametrize("number", range(len(LARGEST)))
def test_filters_as_large_as_they_may_be_are_answered(stored: Stored, number: int) -> None:
    assert stored.listed(LARGEST[number]) == stored.matched(LARGEST[number])


@pytest.mark.slow
@pytest.mark.timeout(0)
@settings(
    max_examples=EXAMPLES,
    derandomize=SEED == 1,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(FILTERS)
def test_a_filter_over_orders_finds_the_same_everywhere(stored: Stored, text: str) -> None:
    assert stored.listed(text) == stored.matched(text)
