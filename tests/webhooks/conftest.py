"""A served service with its bridge at work, or standing still under a test's own clock; receivers; both databases."""

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
    """A service whose bridge works by itself."""
    async with serving(tmp_path / "data", database_url, clock=clock) as service:
        yield service


@pytest.fixture
async def stepped(tmp_path: Path, database_url: str | None, clock: MovableClock) -> AsyncIterator[Service]:
    """A service whose bridge does nothing but what the test has it do (`hooks.caught_up`)."""
    async with serving(tmp_path / "data", database_url, clock=clock, webhooks={"bridge": False}) as service:
        yield service


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver
