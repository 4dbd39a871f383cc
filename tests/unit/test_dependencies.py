"""What a server is made of: as locked, under licences that we may pass on, and told in a bill of materials."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cyclonedx.validation.json import JsonStrictValidator

from tools.sbom import LOCK, SERVER, VERSION, Part, locked, main, parts, sbom, spdx

ROOT = Path(__file__).parents[2]
OURS = {SERVER, "returns-client"}
# Each may be shipped, unchanged and as a distribution of its own, whatever the licence of the whole.
PERMITTED = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "LGPL-3.0-only",  # psycopg: imported as it is, and anybody can put another in its place
    "MIT",
    "MIT-0",
    "MPL-2.0",  # certifi: a list of certificates, unchanged
    "PSF-2.0",
}


@pytest.fixture(scope="module")
def found() -> dict[str, Part]:
    return parts()


def permitted(licence: str) -> bool:
    """Whether all licences of the expression are, or of an `OR` one."""
    if not licence:
        return False
    licensing = spdx()
    terms = licensing.dnf(licensing.parse(licence, validate=True))
    choices = terms.args if isinstance(terms, licensing.OR) else [terms]
    return any(all(str(one) in PERMITTED for one in licensing.license_symbols(choice)) for choice in choices)


@pytest.mark.parametrize(
    ("licence", "good"),
    [
        ("MIT", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only AND MIT", False),
        ("MIT AND (GPL-3.0-only OR AGPL-3.0-only)", False),
        ("", False),
    ],
)
def test_an_expression_is_permitted_where_one_choice_is(licence: str, good: bool) -> None:
    assert permitted(licence) is good


def test_every_locked_distribution_has_a_licence_that_is_permitted(found: dict[str, Part]) -> None:
    refused = {
        part.name: part.licence for part in found.values() if part.name not in OURS and not permitted(part.licence)
    }
    assert not refused


def test_the_lock_holds_what_is_needed_and_nothing_else(found: dict[str, Part]) -> None:
    assert {name: part.version for name, part in found.items() if name not in OURS} == locked()
    assert len(locked()) > 40


def test_a_lock_that_is_not_installed_makes_no_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "runtime.txt"
    changed.write_text(re.sub(r"^certifi==\S+", "certifi==1.0", LOCK.read_text(), flags=re.MULTILINE))
    monkeypatch.setattr("tools.sbom.LOCK", changed)
    assert main() == 1
    assert "certifi" in capsys.readouterr().err


def test_the_bill_of_materials_is_cyclonedx_and_complete(found: dict[str, Part]) -> None:
    text = sbom(found)
    assert JsonStrictValidator(VERSION).validate_str(text) is None
    bill = json.loads(text)
    assert {entry["name"]: entry["version"] for entry in bill["components"]} == {
        name: part.version for name, part in found.items() if name != SERVER
    }
    assert bill["metadata"]["component"]["name"] == SERVER
    theirs = [entry for entry in bill["components"] if entry["name"] not in OURS]
    assert all(entry["purl"] == f"pkg:pypi/{entry['name']}@{entry['version']}" for entry in theirs)
    assert all(entry["licenses"] for entry in theirs)
    # Nobody's advisory about a namesake of ours is about ours.
    assert not any(
        "purl" in entry for entry in [*bill["components"], bill["metadata"]["component"]] if entry not in theirs
    )
    needs = {entry["ref"].partition("==")[0]: entry.get("dependsOn", []) for entry in bill["dependencies"]}
    assert any(ref.startswith("grpcio==") for ref in needs[SERVER])
    assert any(ref.startswith("psycopg-binary==") for ref in needs["psycopg"])  # of an extra
