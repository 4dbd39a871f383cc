"""The benchmarks run: servers and databases start, calls are answered and looked at, nothing is left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("go") is None, reason="the load generator is built with Go, which this machine lacks"
    ),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that PostgreSQL's user may pass, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="returns-tests-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def _quick(folder: Path, *arguments: str) -> tuple[str, dict[str, Any]]:
    """What a quick run printed and measured; it leaves nothing else behind."""
    results = folder / "results.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--no-pin", "--callers", "4", "--json", results, *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [left.name for left in folder.iterdir()] == ["results.json"]
    return done.stdout, json.loads(results.read_text())


def test_a_quick_run_measures_the_product_beside_the_echo(folder: Path) -> None:
    said, found = _quick(folder, "--only", "get,create,limits,streams", "--databases", "sqlite")
    [catch], [lateness] = found["streams"]["catches"]["sqlite"], found["streams"]["lateness"]
    assert catch["ratio"] > 0
    assert len(lateness["rounds"][0]["decided"]) == 40
    measured = {(one["method"], one["returns"]): one for one in found["outcomes"]}
    assert measured.keys() == {("echo", 0), ("get", 500), ("get", 2000), ("create", 500), ("create", 2000)}
    assert all(one["rate"] > 0 and one["use"]["parties"]["server"] > 0 for one in measured.values())
    assert {one["batch"]: one["rate"] > 0 for one in found["limits"]} == {1: True, 32: True}
    assert "| at 4 callers | wanted | over 500 | over 2,000 |" in said
    assert "| GetReturn, SQLite, of the echo | 0.60 |" in said


def test_a_quick_run_compares_one_worker_with_two(folder: Path) -> None:
    said, found = _quick(folder, "--only", "workers", "--databases", "postgresql")
    measured = {(one["method"], one["workers"]): one for one in found["outcomes"] if one["workers"]}
    assert measured.keys() == {("get", 1), ("get", 2), ("create", 1), ("create", 2)}
    assert all(one["rate"] > 0 and one["use"]["parties"]["server"] > 0 for one in measured.values())
    assert "| CreateReturn, 3 items, PostgreSQL | 4 | 2 |" in said
