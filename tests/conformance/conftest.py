"""Every test here that asks for `target` or `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from returns_server.storage.database import Database
from tests.support.databases import opened


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """An empty database of each kind, as a path or a libpq URL."""
    if request.param == "sqlite":
        return tmp_path / "data" / "returns.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def database(target: str | Path) -> AsyncIterator[Database]:
    """A migrated and open database of each kind."""
    async with opened(target) as database:
        yield database
