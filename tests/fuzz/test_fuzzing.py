"""Whatever bytes come, a caller gets a result or a typed refusal, soon: tried with inputs that cover ever more code.

Seconds each in `make test`, minutes in `make soak`; what once failed belongs into the corpus, which is always tried.
"""

from __future__ import annotations

import gc
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS
from tests.support.soak import MINUTES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent
CORPUS = {name: sorted((FOLDER / "corpus" / name).iterdir()) for name in TARGETS}
CONTROL = "control"
_MEBIBYTES = 700
"""What a fuzzing process may hold; most of it is coverage counters and our own modules."""
_MEBIBYTES_AT_ONCE = 64
_SECONDS_AN_INPUT = 5
_LONGEST_INPUT = 5_000

coverage_guided = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheels for this platform"
)


def _fuzzed(name: str, seconds: float, scratch: Path) -> subprocess.CompletedProcess[str]:
    """A run of the fuzzer from a copy of the corpus; what made it fail is in `scratch`."""
    grown = scratch / "corpus"
    shutil.copytree(FOLDER / "corpus" / name, grown)
    options = {
        "max_total_time": max(1, round(seconds)),
        "timeout": _SECONDS_AN_INPUT,
        "rss_limit_mb": _MEBIBYTES,
        "malloc_limit_mb": _MEBIBYTES_AT_ONCE,
        "max_len": _LONGEST_INPUT,
        "artifact_prefix": f"{scratch}/",
    }
    if name == "filter":
        options["dict"] = str(FOLDER / "filter.dict")
    arguments = [f"-{option}={value}" for option, value in options.items()]
    # Linux counts the most memory that whoever starts a program ever had as the program's own; a shell has little.
    through_a_shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    return subprocess.run(
        [*through_a_shell, sys.executable, "-m", "tests.fuzz", name, *arguments, str(grown)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param(name, file, id=f"{name}-{file.name}")
        for name in TARGETS
        if name != CONTROL
        for file in CORPUS[name]
    ],
)
def test_what_was_found_before_holds(name: str, file: Path) -> None:
    gc.disable()  # the garbage of all other tests would be taken out within the bound of this input
    try:
        TARGETS[name](file.read_bytes())
    finally:
        gc.enable()


@coverage_guided
def test_the_fuzzer_tells_what_does_not_hold(tmp_path: Path) -> None:
    run = _fuzzed(CONTROL, 5, tmp_path)
    assert run.returncode != 0
    assert "AssertionError: the control" in run.stdout + run.stderr
    assert list(tmp_path.glob("crash-*"))


@coverage_guided
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TARGETS if name != CONTROL])
def test_no_input_that_seconds_find_breaks_a_promise(name: str, tmp_path: Path) -> None:
    run = _fuzzed(name, 4, tmp_path)
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]
    assert "Done " in run.stderr, run.stderr[-1000:]


@coverage_guided
@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", [name for name in TARGETS if name != CONTROL])
def test_no_input_that_minutes_find_breaks_a_promise(name: str, tmp_path: Path) -> None:
    run = _fuzzed(name, MINUTES * 15, tmp_path)
    print(name, run.stderr[-200:])
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]
