"""A power cut loses nothing that SQLite acknowledged with our settings, and with others it does: so this test bites."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from returns_server.storage import migrations, sqlite
from returns_server.storage.audit import audit
from returns_server.storage.opening import open_for_reading
from returns_server.storage.sqlite import SqliteDatabase
from returns_server.storage.writer import Writer
from tests.conformance.test_writer import writing
from tests.support.commands import create, order
from tests.support.power import Connection, Disk, NotingFiles

CHANGES = 300
CALLERS = 4
CUTS = 120
# Small, so that cuts hit checkpoints too.
CHECKPOINT_PAGES = 60


@dataclass
class Run:
    """A disk, and the returns that were acknowledged, each with how much had been done to the disk by then."""

    disk: Disk
    acknowledged: list[tuple[str, int]] = field(default_factory=list)

    def lost(self, moment: int, found: set[str]) -> int:
        return sum(return_id not in found for return_id, at in self.acknowledged if at <= moment)


async def test_our_settings_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await changed_under(synchronous=None, folder=tmp_path / "data", monkeypatch=monkeypatch)
    assert any(op.name.endswith(".db") and op.kind == "sync" for op in run.disk.operations), "no checkpoint"
    looked = 0
    for moment, survives, folder in cuts(run, tmp_path):
        run.disk.after_a_cut(moment, survives, folder)
        assert run.lost(moment, found_in(folder)) == 0, (moment, survives)
        looked += 1
        if looked % 10 == 0:
            database = await open_for_reading(folder / "returns.db")
            report = await database.read(audit, heavy=True)
            await database.close()
            assert report.findings == ()
    assert looked >= CUTS


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
async def test_weaker_settings_lose_acknowledged_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synchronous: str
) -> None:
    """The control: what is written down here would show a loss."""
    run = await changed_under(synchronous, tmp_path / "data", monkeypatch)
    lost = 0
    for moment, survives, folder in cuts(run, tmp_path):
        run.disk.after_a_cut(moment, survives, folder)
        lost += run.lost(moment, found_in(folder))
    assert lost > 0


def cuts(run: Run, tmp_path: Path) -> list[tuple[int, Literal["nothing", "something", "everything"], Path]]:
    """Moments right after an acknowledgement, and any others; each with three kinds of luck."""
    chance = random.Random(7)
    moments = [at for _, at in chance.sample(run.acknowledged, CUTS // 6)]
    moments += [chance.randrange(1, len(run.disk.operations)) for _ in range(CUTS // 6)]
    luck: tuple[Literal["nothing", "something", "everything"], ...] = ("nothing", "something", "everything")
    return [(moment, kind, tmp_path / f"cut-{number}-{kind}") for number, moment in enumerate(moments) for kind in luck]


def found_in(folder: Path) -> set[str]:
    """The returns of an image, as SQLite finds them after the cut; none where it cannot read the file."""
    try:
        with closing(sqlite3.connect(folder / "returns.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            found = connection.execute("SELECT e.return_id FROM events e JOIN returns r USING (tenant, return_id)")
            return {return_id for (return_id,) in found}
    except (sqlite3.DatabaseError, AssertionError):
        return set()


async def changed_under(synchronous: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Returns filed through the product's own writer, over files that note what is done to them."""
    path = folder / "returns.db"
    migrations.upgrade(path)
    run = Run(Disk(folder))
    files = NotingFiles(run.disk)

    def connected(target: str, **_: Any) -> Connection:
        return Connection(target, synchronous=synchronous, checkpoint_pages=CHECKPOINT_PAGES)

    monkeypatch.setattr(sqlite, "_connected", connected)
    database = SqliteDatabase(path)
    async with writing(database) as writer:
        await writer.feed(order("o1", CHANGES * 2))
        await asyncio.gather(*(_caller(writer, run) for _ in range(CALLERS)))
    await database.close()
    del files
    monkeypatch.undo()
    return run


async def _caller(writer: Writer, run: Run) -> None:
    while len(run.acknowledged) < CHANGES:
        command = create("o1")
        await writer.submit(command)
        run.acknowledged.append((str(command.return_id), len(run.disk.operations)))
