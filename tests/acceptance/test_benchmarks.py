"""The benchmarks run: servers and databases start, calls are answered and looked at, nothing is left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("go") is None, reason="the load generator is built with Go, which this machine lacks")
def test_a_quick_run_measures_the_product_beside_the_echo(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "--quick", "--no-pin", "--only", "get,create,streams"),
            *("--databases", "sqlite", "--callers", "4", "--json", results),
        ],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(results.read_text())
    [catch], [lateness] = found["streams"]["catches"]["sqlite"], found["streams"]["lateness"]
    assert catch["ratio"] > 0
    assert len(lateness["rounds"][0]["decided"]) == 40
    measured = {one["method"]: one for one in found["outcomes"]}
    assert measured.keys() == {"echo", "get", "create"}
    assert all(one["rate"] > 0 and one["use"]["parties"]["server"] > 0 for one in measured.values())
    assert "| GetReturn, SQLite, of the echo |" in done.stdout
    assert [left.name for left in tmp_path.iterdir()] == ["results.json"]
