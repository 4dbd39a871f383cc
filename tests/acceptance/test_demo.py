"""The demonstration keeps its promises, and would notice if one were broken."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import grpc
import psutil
import pytest
from rich.console import Console

from tools.demo.stage import PromiseBroken, Stage

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def servers_with_data_under(folder: Path) -> list[int]:
    found: list[int] = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("RETURNS_DATA_DIR", "").startswith(str(folder)):
                found.append(process.pid)
        except psutil.Error:
            continue  # ended meanwhile, or another user's
    return found


def run_demo(scratch: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_the_demo_tells_a_day_and_leaves_nothing_behind(tmp_path: Path) -> None:
    played = run_demo(tmp_path)
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-2000:]
    assert "promises kept" in played.stdout
    assert "the books balance" in played.stdout
    assert "\x1b" not in played.stdout, "plain text where nobody looks"
    assert played.stderr == ""
    assert list(tmp_path.iterdir()) == []
    assert servers_with_data_under(tmp_path) == []


def test_the_demo_does_not_take_over_settings_of_its_surroundings(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    played = run_demo(scratch, RETURNS_DATA_DIR=str(elsewhere), RETURNS_LISTEN="nonsense")
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-2000:]
    assert not elsewhere.exists()


def test_a_broken_promise_stops_the_play() -> None:
    stage = Stage(Console(file=io.StringIO()))
    with pytest.raises(PromiseBroken, match="two and two are five"):
        stage.promise(2 + 2 == 5, "two and two are five")
    with pytest.raises(PromiseBroken, match="expected INVALID_STATE"):
        stage.refused(lambda: "accepted", "INVALID_STATE", "a closed return stays closed")
    assert stage.promises == 0


def test_a_refusal_for_another_reason_is_a_broken_promise_too() -> None:
    class Refused(grpc.RpcError):
        def code(self) -> grpc.StatusCode:
            return grpc.StatusCode.NOT_FOUND

        def details(self) -> str:
            return "not there"

        def trailing_metadata(self) -> tuple[()]:
            return ()

    def refuse() -> None:
        raise Refused

    with pytest.raises(PromiseBroken):
        Stage(Console(file=io.StringIO())).refused(refuse, "ORDER_NOT_FOUND", "no reason came with it")
