"""A NATS of each test's own, a served service on both databases, and relays beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.nats import NatsServer
from tests.support.service import Service, serving


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    with NatsServer(tmp_path / "nats") as server:
        yield server


@pytest.fixture
async def service(tmp_path: Path, database_url: str | None) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data", database_url) as service:
        yield service
