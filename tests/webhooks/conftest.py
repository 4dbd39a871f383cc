"""A served service with its bridge at work, and receivers, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.receiver import Receiver, receiving
from tests.support.service import MovableClock, Service, serving


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def service(tmp_path: Path, database_url: str | None, clock: MovableClock) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data", database_url, clock=clock) as service:
        yield service


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver
