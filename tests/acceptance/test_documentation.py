"""What the documentation shows works as it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.process import ServerProcess
from tests.support.service import ALL

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_tables_that_follow_from_the_code_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_first_call_of_the_readme_works(tmp_path: Path) -> None:
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    with ServerProcess(tmp_path / "data") as server:
        token = server.service().token(*ALL)
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "TOKEN": token, "RETURNS_ADDRESS": server.address},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, "R-000001 6 670000000\n"), done.stderr


def test_the_readme_names_every_command_and_no_other() -> None:
    shown = set(re.findall(r"^\| `returns-server ([a-z-]+)", README, re.MULTILINE))
    done = subprocess.run(
        [sys.executable, "-m", "returns_server", "--help"], capture_output=True, text=True, check=True
    )
    commands = set(re.findall(r"^  ([a-z-]+)  ", done.stdout.partition("Commands:")[2], re.MULTILINE))
    assert shown == commands
