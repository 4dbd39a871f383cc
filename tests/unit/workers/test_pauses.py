"""When a worker that died is started again."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from returns_server.config import Settings
from returns_server.workers.hand_over import Orders
from returns_server.workers.supervisor import STEADY_SECONDS, Worker, WorkerFailed, pause_before


def test_a_worker_that_served_for_a_while_is_started_again_at_once() -> None:
    assert pause_before(30.0, STEADY_SECONDS) == 0.0


def test_one_that_dies_young_again_and_again_is_started_ever_more_rarely() -> None:
    pauses = [0.0]
    for _ in range(8):
        pauses.append(pause_before(pauses[-1], 1.0))
    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


async def test_one_that_never_served_has_not_lived_however_long_it_tried(tmp_path: Path) -> None:
    """It can take its time where nobody answers for the database; it would be started again at once."""
    url = SecretStr("postgresql://postgres@127.0.0.1:9/none")
    worker = Worker(Orders(1, Settings(data_dir=tmp_path, database_url=url), dev=True, people=False))
    with pytest.raises(WorkerFailed, match="the database cannot be used"):
        await worker.start()
    assert await worker.ended() == (0.0, "exit code 1")
