"""A server under more load than it can take refuses with OVERLOADED, answers the rest in bounded time, and is as
before when the load ends: all rows right, nothing left behind. For ten minutes with `make soak`, for seconds in
`make test`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path

import pytest

from returns_server.config import DATABASE_FILE
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from tests.support.databases import frozen
from tests.support.process import ServerProcess
from tests.support.service import serving
from tests.support.siege import DEADLINE_EXCEEDED, OVERLOADED, WRITER, Siege, Watch, growth
from tests.support.soak import MINUTES

_P99_SECONDS = 5.0
"""What callers of an accepted call may see at most: the server allows for half a second of waiting for its writer;
then there are calls that gRPC has not handed over yet, and others use the machine as well."""

_P99_SECONDS_SHORT = 8.0
"""The same within `make test`, where other tests run beside it: still below the deadline of ten seconds."""

_MEMORY_MIB = 40.0
_STRETCH_SECONDS = 15.0

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None, reason="the load generator is built with Go, which this machine lacks"
)


def _check_answers(stretches: Sequence[Watch], p99_seconds: float) -> None:
    """It was too much, and what was accepted was not drawn out by that."""
    assert sum(one.outcomes["CreateReturn"].statuses.get(OVERLOADED, 0) for one in stretches) > 0
    for one in stretches:
        said = one.outcomes["CreateReturn"].messages.get(OVERLOADED, "too many changes are waiting")
        assert said.startswith("too many changes are waiting"), one
        for outcome in one.outcomes.values():
            assert outcome.p99 / 1e6 <= p99_seconds, one


@pytest.mark.slow
async def test_a_short_siege_is_refused_in_part_answered_in_time_and_forgotten(
    tmp_path: Path, database_url: str | None
) -> None:
    (folder := tmp_path / "generator").mkdir()
    async with serving(tmp_path / "data", database_url, writer=WRITER) as service:
        # Not as many as `make soak` brings, beside whom two seconds may pass without any answer to those who read.
        siege = Siege(service, os.getpid(), folder, callers=250)
        await siege.prepare()
        tasks = len(asyncio.all_tasks())
        # One stretch, so long that a machine that stands still for a second or two is not all of it.
        stretch = asyncio.create_task(siege.stretch(5))
        for _ in range(2):
            # However fast the machine is: for a moment the database takes nothing, and what comes does not fit.
            await asyncio.sleep(1.5)
            async with frozen(tmp_path / "data", database_url):
                await asyncio.sleep(0.4)
        watch = await stretch
        await siege.file_alone(20)
        _check_answers([watch], _P99_SECONDS_SHORT)
        assert await siege.total() == siege.filed
        while len(asyncio.all_tasks()) > tasks + 2:
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_reads_whose_time_is_over_before_they_are_taken_up_cost_the_others_little(
    tmp_path: Path, database_url: str | None
) -> None:
    """What expired in front of us is not worked off; that it came costs some time, so fewer than usual may be left."""
    (folder := tmp_path / "generator").mkdir()
    with ServerProcess(tmp_path / "data", database_url) as server:
        service = server.service()
        siege = Siege(service, server.pid, folder)
        await siege.prepare()
        few = await siege.reads(callers=32, seconds=2)
        many = await siege.reads(callers=3_000, seconds=3)
        assert many.statuses.keys() <= {"0", DEADLINE_EXCEEDED}, many.statuses
        assert many.rate > few.rate / 20, (many.rate, few.rate)
        assert many.p99 / 1e6 <= 5, many.p99  # their second, and what the machine stood still
        # Long enough that a machine that stands still for a second or two neither ends a call nor is most of the time.
        again = await siege.reads(callers=32, seconds=4, deadline_seconds=10)
        assert (set(again.statuses), again.rate > few.rate / 6) == ({"0"}, True), (again.rate, few.rate)
        await service.close()


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_a_long_siege_leaves_memory_files_and_threads_as_they_were(
    tmp_path: Path, database_url: str | None
) -> None:
    (folder := tmp_path / "generator").mkdir()
    settings = {f"RETURNS_WRITER_{name.upper()}": str(value) for name, value in WRITER.items()}
    with ServerProcess(tmp_path / "data", database_url, **settings) as server:
        service = server.service()
        siege = Siege(service, server.pid, folder)
        await siege.prepare()
        stretches: list[Watch] = []
        ends = asyncio.get_running_loop().time() + 60 * MINUTES
        while asyncio.get_running_loop().time() < ends:
            stretches.append(await siege.stretch(_STRETCH_SECONDS))
            print(stretches[-1], flush=True)
            await siege.file_alone(5)
        steady = stretches[len(stretches) // 4 :]
        assert len(steady) >= 3, "a soak takes two minutes at least"
        _check_answers(steady, _P99_SECONDS)
        rates = [one.outcomes["CreateReturn"].rate for one in steady]
        assert min(rates) > statistics.median(rates) / 4, rates
        memory = [one.memory / 2**20 for one in steady]
        print(f"{siege.filed} filed; memory grew by {growth(memory):.1f} MiB of {memory[0]:.0f} after the warm-up")
        assert growth(memory) <= _MEMORY_MIB
        # Not the most at any time: right after a stretch, connections of the generator may not be closed yet.
        for held in ([one.files for one in steady], [one.threads for one in steady]):
            assert growth(held) <= 3, held
        assert await siege.total() == siege.filed
        assert server.logged("incident") == []
        await service.close()
        assert server.stop() == 0
    database = await open_for_reading(tmp_path / "data" / DATABASE_FILE if database_url is None else database_url)
    report = await database.read(audit, heavy=True)
    await database.close()
    assert (report.findings, report.returns, report.events) == ((), siege.filed, siege.filed)
