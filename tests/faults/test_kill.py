"""A server that is killed at any moment loses nothing that it acknowledged, and does nothing by halves."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from returns_server.config import DATABASE_FILE
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from tests.support.load import Acknowledged, change_until_cut, check_acknowledged, stock
from tests.support.process import ServerProcess

KILLS = 20
CALLERS = 16


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_kill_9_under_load_loses_nothing_acknowledged(tmp_path: Path, database_url: str | None) -> None:
    chance = random.Random(20)
    known = Acknowledged()
    server = ServerProcess(tmp_path / "data", database_url)
    with server:
        service = server.service()
        await stock(service)
        await service.close()
        for kill in range(KILLS):
            service = server.service()
            load = asyncio.create_task(change_until_cut(service, known, CALLERS, chance))
            acknowledged = len(known.answers)
            while len(known.answers) < acknowledged + 20 and not load.done():
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(0.0, 0.2))
            server.kill()
            await load
            await service.close()
            server.start()
            service = server.service()
            await check_acknowledged(service, known)
            if kill % 5 == 0:
                await _repeats_answer_as_before(service, known)
            await service.close()
        await _books_balance(tmp_path / "data" / DATABASE_FILE if database_url is None else database_url)
    assert len(known.answers) >= KILLS * 20


async def _repeats_answer_as_before(service: object, known: Acknowledged) -> None:
    """The same requests again, after the restart: the answers that were given, and no new returns."""
    client = service.client()  # type: ignore[attr-defined]
    for request, answer in known.answers[-20:]:
        again = await client.returns.CreateReturn(request)
        again.ClearField("allowed_actions")
        said = type(answer).FromString(answer.SerializeToString())
        said.ClearField("allowed_actions")
        assert again == said


async def _books_balance(target: str | Path) -> None:
    database = await open_for_reading(target)
    try:
        report = await database.read(audit, heavy=True)
    finally:
        await database.close()
    assert report.findings == ()
    assert report.events > 0
