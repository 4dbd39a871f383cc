"""A served service for each test, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.postgres import drop_database, new_database
from tests.support.service import MovableClock, Service, serving

NO_BRIDGE = {"bridge": False}
"""Nothing happens by itself: what these tests find in the database is what callers did."""
_FOR_MANY_TESTS = {**NO_BRIDGE, "max_endpoints": 100_000, "max_redeliveries": 10_000}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def service(tmp_path: Path, database_url: str | None, clock: MovableClock) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data", database_url, clock=clock, webhooks=NO_BRIDGE) as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """One service for all tests of a module, which keep to orders or tenants of their own.

    For long tables of cases; the module says `pytestmark = pytest.mark.asyncio(loop_scope="module")`.
    """
    with ExitStack() as stack:
        url = None
        if request.param == "postgres":
            server = request.getfixturevalue("postgres_shared_url")
            url = new_database(server)
            stack.callback(drop_database, server, url)
        data = tmp_path_factory.mktemp("shared") / "data"
        async with serving(data, url, clock=MovableClock(), webhooks=_FOR_MANY_TESTS) as service:
            yield service
