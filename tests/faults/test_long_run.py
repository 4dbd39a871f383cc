"""Days of a shop's traffic in minutes, by a clock that is moved: what the server holds of the machine stays flat.

Returns are filed, changed, closed and deleted, streams come and go, webhooks are posted, answers and logs expire. For
minutes with `make soak`; `make test` has one day of it, to see that what should go goes.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from returns_client import AsyncReturnsClient
from returns_server.config import DATABASE_FILE
from returns_server.storage.audit import audit
from tests.support.faces import asynchronous
from tests.support.hooks import everything, made
from tests.support.messages import draft, line, order
from tests.support.receiver import receiving
from tests.support.service import ALL, MovableClock, Service, serving
from tests.support.shop import Follower, followed
from tests.support.siege import growth
from tests.support.soak import MINUTES

_HOURS = 6
"""How far the clock is moved between two stretches."""
_RETURNS = 20
"""Filed in each stretch, and gone a day later."""
_STREAMS = 10
_DAY = 24 // _HOURS
_YEAR_SECONDS = 365 * 86_400
_FOR_EVER = ("deleted_returns",)
"""Tables that grow by design: numbers and ids of returns that are gone are never given again."""


@dataclass(frozen=True)
class Held:
    """After a stretch: memory in MiB, counts of this process, and KiB or rows of the database, by name."""

    memory: float
    files: int
    threads: int
    tasks: int
    database: dict[str, float]

    def __str__(self) -> str:
        of_database = ", ".join(f"{name} {value:.0f}" for name, value in sorted(self.database.items()))
        process = f"{self.memory:.0f} MiB, {self.files} files, {self.threads} threads, {self.tasks} tasks"
        return f"{process}; {of_database}"


async def _lived(tmp_path: Path, url: str | None, *, stretches: int = 0, minutes: float = 0.0) -> list[Held]:
    """Stretch after stretch, for so many and so long."""
    clock, found = MovableClock(), list[Held]()
    given: dict[str, Any] = {"events": {"retention": "1d"}, "webhooks": {"history_days": 1}}
    async with receiving() as receiver, serving(tmp_path / "data", url, clock=clock, **given) as service:
        token = service.token(*ALL, ttl_seconds=_YEAR_SECONDS)
        await made(everything(service), receiver.url)
        async with asynchronous(service, token=token, timeout_seconds=60) as client:
            await client.orders.upsert(order("o1", line("1", 10_000_000, 10_000_000)))
            lasting = Follower(client)
            async with followed(lasting):
                ends = asyncio.get_running_loop().time() + 60 * minutes
                while len(found) < stretches or asyncio.get_running_loop().time() < ends:
                    await _stretch(client, random.Random(len(found)))
                    await lasting.reached(6 * _RETURNS * (len(found) + 1))
                    await receiver.has(6 * _RETURNS, seconds=120)
                    receiver.received.clear()
                    receiver.accepted.clear()
                    lasting.events = lasting.events[-1:]
                    clock.forward(_HOURS * 3600)
                    await _kept_up(service)
                    found.append(await _held(service, tmp_path, url))
                    print(found[-1], flush=True)
        assert service.app is not None
        assert (await service.app.database.read(audit, heavy=True)).findings == ()
    return found


async def _stretch(client: AsyncReturnsClient, chance: random.Random) -> None:
    """Returns from their beginning to their end, six events each, while streams come and go."""

    async def story() -> None:
        calls = client.returns
        filed = await calls.create(draft(("o1", "1", chance.randint(1, 3))))
        await calls.update(filed.name, draft(code="OTHER"), update_mask="reason")
        await calls.approve(filed.name)
        await calls.close(filed.name)
        await calls.reopen(filed.name)
        await calls.get(filed.name)
        await calls.list(filter='reason.code="OTHER"', page_size=10).first()
        await calls.delete(filed.name)

    async def visit() -> None:
        visitor = Follower(client)
        async with followed(visitor):
            await visitor.reached(1)

    for _ in range(_RETURNS // 10):
        await asyncio.gather(*(story() for _ in range(10)), *(visit() for _ in range(_STREAMS * 10 // _RETURNS + 1)))


async def _kept_up(service: Service) -> None:
    """What the server does now and then by itself, done now."""
    app = service.app
    assert app is not None
    assert app.retention is not None
    assert app.bridge is not None
    await app.timer.tick()
    await app.retention.tick()
    while await app.bridge.tidy():
        pass


async def _held(service: Service, tmp_path: Path, url: str | None) -> Held:
    gc.collect()
    process = psutil.Process()
    return Held(
        process.memory_info().rss / 2**20,
        process.num_fds(),
        process.num_threads(),
        len(asyncio.all_tasks()),
        await asyncio.to_thread(_of_postgres, url) if url else await asyncio.to_thread(_of_sqlite, tmp_path / "data"),
    )


def _of_sqlite(data: Path) -> dict[str, float]:
    with closing(sqlite3.connect(data / DATABASE_FILE)) as connection:
        [[pages]], [[free]], [[size]] = (
            connection.execute(f"PRAGMA {name}").fetchall() for name in ("page_count", "freelist_count", "page_size")
        )
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    wal = (data / f"{DATABASE_FILE}-wal").stat().st_size
    return {"file": pages * size / 1024, "used": (pages - free) * size / 1024, "wal": wal / 1024, **_telling(rows)}


def _of_postgres(url: str) -> dict[str, float]:
    """As after an autovacuum, which comes by itself when there is time."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM")
        sizes = connection.execute(
            "SELECT relname, pg_total_relation_size(relid) / 1024, n_live_tup FROM pg_stat_user_tables"
        ).fetchall()
        dead = connection.execute("SELECT sum(n_dead_tup) FROM pg_stat_user_tables").fetchone()
        rows = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # type: ignore[index]
            for name, _, _ in sizes
        }
    kept = sum(float(size) for name, size, _ in sizes if name not in _FOR_EVER)
    return {"size": kept, "dead": float(dead[0] if dead else 0), **_telling(rows)}


def _telling(rows: dict[str, int]) -> dict[str, float]:
    return {f"{name} rows": float(count) for name, count in rows.items() if count > 1 and name not in _FOR_EVER}


def _check_flat(found: Sequence[Held]) -> None:
    """Rows by what expires with them: a day later there are as many as before."""
    steady = found[2 * _DAY :]
    for name in steady[-1].database:
        values = [one.database.get(name, 0.0) for one in steady]
        if name.endswith(" rows"):
            assert max(values) <= 1.5 * max(min(values), _RETURNS), (name, values)
    for held in ([one.files for one in steady], [one.threads for one in steady], [one.tasks for one in steady]):
        assert growth(held) <= 4, held


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_what_should_be_gone_after_a_day_is_gone(tmp_path: Path, database_url: str | None) -> None:
    _check_flat(await _lived(tmp_path, database_url, stretches=3 * _DAY))


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_what_a_server_holds_stays_flat_over_weeks(tmp_path: Path, database_url: str | None) -> None:
    found = await _lived(tmp_path, database_url, stretches=4 * _DAY, minutes=MINUTES)
    _check_flat(found)
    steady = found[2 * _DAY :]
    for name in {"file", "used", "wal", "size"} & steady[0].database.keys():
        values = [one.database[name] for one in steady]
        assert growth(values) <= max(0.25 * values[0], 1024), (name, values)
    memory = [one.memory for one in steady]
    days = len(found) / _DAY
    print(f"{days:.1f} days: memory grew by {growth(memory):.1f} MiB of {memory[0]:.0f} in the last {len(steady)}")
    assert growth(memory) <= 30
