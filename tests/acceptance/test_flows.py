"""The pages that walk through something are true: their commands are run, in order, and say what the page says.

Of a page, blocks marked `sh` are one shell session against a server of the page's own; a block marked `text` behind one
is what it must print (`…` stands for anything, blanks count once). Code behind `<!-- file: NAME -->` is that file.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ports import lasting_port
from tests.support.process import ServerProcess

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted({*(DOCS / "flows").glob("*.md"), *DOCS.glob("getting-started*.md"), DOCS / "returnsctl.md"})
BLOCK = re.compile(r"^```(sh|text|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page: Path) -> list[tuple[str, str | None]]:
    """Commands, and what they must print where that is shown."""
    found: list[tuple[str, str | None]] = []
    for kind, content in BLOCK.findall(page.read_text()):
        if kind == "sh":
            found.append((content, None))
        elif kind == "text":
            assert found, f"{page.name}: output of nothing"
            assert found[-1][1] is None, f"{page.name}: two outputs of one block"
            found[-1] = (found[-1][0], content)
    return found


def fits(shown: str, printed: str) -> bool:
    """Whether what was printed is what the page shows."""
    words = [re.escape(" ".join(part.split())) for part in " ".join(shown.split()).split("…")]
    return re.fullmatch(r" ?.*? ?".join(words), " ".join(printed.split()), re.DOTALL) is not None


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)], ids=lambda page: page.stem)
def test_a_page_is_true(page: Path, tmp_path: Path) -> None:
    session = [f"{{ {commands}\n}} > {number}.out 2>&1\n" for number, (commands, _) in enumerate(steps(page))]
    for name, content in FILE.findall(page.read_text()):
        (tmp_path / name).write_text(content)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS")}
    inherited.pop("XDG_CONFIG_HOME", None)
    with ServerProcess(tmp_path / "data") as server:
        environment = {
            **inherited,
            "HOME": str(tmp_path),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "RETURNSCTL_ADDRESS": server.address,
            "RECEIVER_PORT": str(lasting_port()),
        }
        ran = subprocess.Popen(
            ["bash", "-eu", "-c", "".join(session)], cwd=tmp_path, env=environment, start_new_session=True
        )
        try:
            code = ran.wait(280)
        finally:
            # What the page left running, too.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(ran.pid, signal.SIGKILL)
    for number, (commands, shown) in enumerate(steps(page)):
        output = tmp_path / f"{number}.out"
        assert output.exists(), f"not run:\n{commands}"
        printed = output.read_text()
        assert shown is None or fits(shown, printed), f"{commands}\n--- shown\n{shown}\n--- printed\n{printed}"
    assert code == 0, (tmp_path / f"{len(session) - 1}.out").read_text()


def test_each_page_of_a_flow_has_commands_and_is_listed() -> None:
    index = (DOCS / "flows" / "README.md").read_text()
    for page in (DOCS / "flows").glob("*.md"):
        if page.name != "README.md":
            assert len(steps(page)) >= 3, page.name
            assert f"]({page.name})" in index


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a … c", "a b c", True),
        ("a … c", "a c", True),
        ("a   b", "a b\n", True),
        ("a b", "a c", False),
        ("a b", "a b c", False),
        ("…", "", True),
    ],
)
def test_what_a_page_shows_is_compared(shown: str, printed: str, same: bool) -> None:
    assert fits(shown, printed) is same
