"""What `make test-clients` passes on may stand in any order: the Makefile's own options come first."""

from __future__ import annotations

import pytest

from tools.clients.__main__ import _arguments, main


@pytest.mark.parametrize(
    "given",
    [
        ["test", "--rough", "go", "python", "--rounds", "5"],
        ["test", "go", "--rounds", "5", "python", "--rough"],
    ],
)
def test_languages_may_stand_behind_options(given: list[str]) -> None:
    asked = _arguments(given)
    assert (asked.what, asked.languages, asked.rounds, asked.rough) == ("test", ["go", "python"], 5, True)


def test_a_language_without_a_client_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "--rough", "klingon"]) == 2
    assert "no client is called klingon; there are go, java, python, typescript" in capsys.readouterr().err
