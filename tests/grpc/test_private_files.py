"""What the embedded database holds is nobody else's on a machine that several people share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from returns_server.storage import migrations
from tests.support.messages import feed, order
from tests.support.service import ALL, serving


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


async def test_others_can_neither_enter_the_folder_nor_read_the_database(tmp_path: Path, usual_umask: None) -> None:
    async with serving(tmp_path / "new" / "data") as service:
        await feed(service.client(*ALL), order("o1"))
        folder = tmp_path / "new" / "data"
        assert folder.stat().st_mode & 0o777 == 0o700
        files = {path.name: path.stat().st_mode & 0o077 for path in folder.glob("returns.db*")}
        assert {"returns.db", "returns.db-wal", "returns.db-shm"} <= files.keys()
        assert not any(rights for name, rights in files.items() if name != "returns.db.lock")


async def test_a_folder_that_is_there_keeps_its_rights_and_the_database_is_private_all_the_same(
    tmp_path: Path, usual_umask: None
) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    migrations.upgrade(folder / "returns.db")
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "returns.db").stat().st_mode & 0o077 == 0
