"""Databases on a disk that takes its time: a commit is acknowledged so much later, and nobody sees it before.

SQLite gets a file system whose syncs last. PostgreSQL gets a standby that its commits wait for, and whose word that it
has them comes late: the server waits in the same place, holding the same locks, as for a disk of its own.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import apsw
import pytest

from returns_server.storage import migrations, sqlite
from tests.support.postgres import PostgresServer
from tests.support.power import Connection
from tests.support.proxy import Proxy, proxied
from tests.support.standby import standby_of


@dataclass
class SlowDisk:
    """How long a commit takes at least, beyond what the machine needs; and whether it takes until this is over."""

    _seconds: float = 0.0
    _held: bool = False
    _proxy: Proxy | None = None

    @property
    def seconds(self) -> float:
        return self._seconds

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        self._seconds = seconds
        if self._proxy is not None:
            self._proxy.faults.questions_delay_seconds = seconds

    @property
    def held(self) -> bool:
        return self._held

    @held.setter
    def held(self, held: bool) -> None:
        self._held = held
        if self._proxy is not None:
            self._proxy.faults.questions_held = held


class _File(apsw.VFSFile):
    def __init__(self, disk: SlowDisk, base: str, filename: Any, flags: list[int]) -> None:
        super().__init__(base, filename, flags)
        self._disk = disk

    def xSync(self, flags: int) -> None:  # noqa: N802
        time.sleep(self._disk.seconds)
        while self._disk.held:
            time.sleep(0.01)
        super().xSync(flags)


class _Files(apsw.VFS):
    NAME = "slow"

    def __init__(self, disk: SlowDisk) -> None:
        self._disk = disk
        self._base = apsw.vfs_names()[0]
        super().__init__(self.NAME, self._base)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self._disk, self._base, name, flags)


@asynccontextmanager
async def slow_sqlite(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlowDisk]:
    """SQLite files that this process opens meanwhile are on such a disk."""
    disk = SlowDisk()
    files = _Files(disk)
    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "_connected", lambda target, **_: Connection(target, files=files.NAME))
        yield disk
    files.unregister()


@asynccontextmanager
async def slow_postgres(primary: PostgresServer) -> AsyncIterator[tuple[str, SlowDisk]]:
    """The URL of a migrated database, and its disk."""
    url = primary.new_database()
    migrations.upgrade(url)
    async with proxied(f"127.0.0.1:{primary.port}") as proxy:
        with standby_of(primary, through=proxy.address):
            yield url, SlowDisk(_proxy=proxy)
