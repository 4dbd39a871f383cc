"""The Python client plays the scenarios that every language's client plays, with both its faces, against a real server.

Clients in other languages do so in `make test-clients`; what keeps one of them from it here is told by the same words.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.clients.languages import EntryInvalid, languages
from tools.clients.stage import SCENARIOS, staged

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 2


def steps(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SCENARIOS / name).read_text())["steps"]
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_both_faces_of_the_python_client_play_the_scenarios() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.clients", "test", "python", "--no-build", "--rounds", str(ROUNDS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
    played = [line.removeprefix("ok ") for line in done.stdout.splitlines() if line.startswith("ok ")]
    restarts = steps("restarts.json")
    inside = next(step["steps"] for step in restarts if step["op"] == "repeat")
    assert len(played) == 2 * (len(steps("scenario.json")) + len(restarts) + ROUNDS * len(inside))
    assert "clients: test: Python ok" in done.stdout


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"expect": {"state": "STATE_APPROVED"}}, "answer.state is 'STATE_PENDING', expected 'STATE_APPROVED'"),
    ({"expect": {"orders": []}}, "answer.orders is"),
    ({"expect": {"version": None}}, "answer.version is '1', expected None"),
    ({"expect_error": {"code": "ABORTED"}}, "no error, but"),
    ({"request": {"parent": "${nothing}"}}, "the variable nothing is not set"),
    ({"op": "dance"}, "unknown op dance"),
]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_runner_fails_where_the_answer_is_another(tmp_path: Path) -> None:
    """The control: a runner that lets everything pass would keep no promise."""
    wanted = steps("scenario.json")
    filed = next(number for number, step in enumerate(wanted) if step.get("call", "").endswith("CreateReturn"))
    before = [step for step in wanted[:filed] if step["op"] == "call"]
    with staged() as stage:
        for number, (change, said) in enumerate(BROKEN):
            path = tmp_path / f"scenario{number}.json"
            path.write_text(json.dumps({"steps": [*before, wanted[filed] | change]}))
            done = subprocess.run(
                [sys.executable, "-m", "scenario", "sync", stage.context(path, f"broken{number}")],
                cwd=ROOT / "clients" / "python",
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 1
            assert f"FAILED {wanted[filed]['step']}: " in done.stdout
            assert said in done.stdout


def entry(folder: Path, text: str) -> Path:
    path = folder / "klingon" / "client.toml"
    path.parent.mkdir()
    path.write_text(text)
    return folder


def test_what_a_language_lacks_is_said_plainly(tmp_path: Path) -> None:
    text = """
        name = "Klingon"
        needs = [
            {ask = ["no-such-program-1", "--version"], at_least = "3"},
            {ask = ["{python}", "--version"], at_least = "999.1"},
            {ask = ["{python}", "--version"], at_least = "3.9"},
        ]
        commands.scenario = [["{python}", "-V"]]
    """
    [language] = languages(entry(tmp_path, text))
    missing, old = language.lacking()
    assert missing == "no-such-program-1 is not installed (needs 3 or newer)"
    assert old.endswith("(needs 999.1 or newer)")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "K"', "commands.scenario is missing"),
        ('name = "K"\ncolour = 1\ncommands.scenario = [["a"]]', "unknown member colour"),
        ('commands.scenario = [["a"]]', "name"),
        ('name = "K"\ncommands.scenario = ["a b"]', "a list of words"),
        ('name = "K"\ncommands.scenario = [["a"]]\nneeds = [{ask = ["a"]}]', "at_least"),
        ("name = ", "Invalid value"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EntryInvalid, match=said):
        languages(entry(tmp_path, text))


def test_every_client_of_this_repository_has_a_valid_entry() -> None:
    assert "python" in [language.id for language in languages()]
    for language in languages():
        assert language.needs, language.id
