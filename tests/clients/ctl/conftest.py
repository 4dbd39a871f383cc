"""One server for all tests of a file; each test has a tenant and a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ctl import Desk
from tests.support.process import ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("ctl") / "data") as running:
        yield running


@pytest.fixture
def desk(server: ServerProcess, tmp_path: Path) -> Desk:
    return Desk(server, tmp_path)


@pytest.fixture
def shop(desk: Desk) -> Desk:
    return desk.with_orders()
