"""The Dockerfile is built from what the tests run with, and its image keeps what `docs/deploying.md` says of it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.specifiers import SpecifierSet

from returns_server.cli import main
from returns_server.config import Settings, leaves, variable
from tools.sbom import bill_file

ROOT = Path(__file__).parents[3]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


class Step(NamedTuple):
    stage: int
    word: str
    rest: str

    @property
    def parts(self) -> list[str]:
        """What an exec form says; what a shell form says, word by word."""
        return json.loads(self.rest) if self.rest.startswith("[") else self.rest.split()


def steps() -> list[Step]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    found, stage = [], 0
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            stage += word == "FROM"
            found.append(Step(stage, word, rest.strip()))
    return found


def said(word: str, stage: int | None = None) -> list[Step]:
    return [step for step in steps() if step.word == word and stage in {None, step.stage}]


def last(word: str) -> Step:
    [step] = said(word, stage=2)
    return step


def pins(lock: str) -> dict[str, tuple[str, int]]:
    """Version and number of hashes of each distribution, by name and environment marker."""
    found: dict[str, tuple[str, int]] = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / "requirements" / lock).read_text().strip()):
        match = re.match(r"([\w.\[\]-]+)==([^\s;\\]+)", entry)
        assert match, entry
        found[match[1]] = (match[2], entry.count("--hash=sha256:"))
    return found


def variables() -> set[str]:
    return {variable(path) for path, _ in leaves(Settings)}


def test_both_stages_stand_on_one_base_that_a_digest_may_name() -> None:
    assert [step.rest for step in said("ARG", stage=0)] == ["BASE=python:3.11-slim-bookworm"]
    assert [step.rest for step in said("FROM")] == ["${BASE} AS build", "${BASE}"]


def test_its_python_is_the_one_that_the_locks_and_types_are_for() -> None:
    match = re.match(r"BASE=python:(3\.\d+)-", said("ARG", stage=0)[0].rest)
    assert match
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(match[1])
    assert f"--python-version {match[1]} " in (ROOT / "tools/lock").read_text()
    assert PROJECT["tool"]["mypy"]["python_version"] == match[1]


def test_what_comes_from_an_index_is_hashed_and_of_the_versions_that_are_tested() -> None:
    installs = [step.parts for step in said("RUN") if "install" in step.parts and "/tools/bin/pip" in step.parts[0]]
    from_index = [parts for parts in installs if "--no-index" not in parts]
    assert len(from_index) == 2
    assert all({"--require-hashes", "--only-binary"} <= set(parts) for parts in from_index)
    locks = {parts[parts.index("-r") + 1] for parts in from_index}
    assert locks == {"requirements/build.txt", "requirements/runtime.txt"}
    assert "requirements/dev.txt" in (ROOT / "tools/setup").read_text()
    tested = pins("dev.txt")
    for lock in ("build.txt", "runtime.txt"):
        assert pins(lock)
        assert {name: tested.get(name) for name in pins(lock)} == pins(lock)
        assert all(hashes for _, hashes in pins(lock).values())


def test_our_wheels_are_built_with_the_locked_tools_and_no_others() -> None:
    [build] = [step.parts for step in said("RUN") if "wheel" in step.parts]
    assert {"--no-deps", "--no-index", "--no-build-isolation", "./clients/python", "."} <= set(build)
    client = tomllib.loads((ROOT / "clients/python/pyproject.toml").read_text())
    for project in (PROJECT, client):
        assert project["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]
    assert PROJECT["dependency-groups"]["build"] == ["setuptools>=80"]
    assert "setuptools" in pins("build.txt")


def test_what_is_copied_is_there_and_let_through_and_nothing_else_is() -> None:
    copied = {source for step in said("COPY", stage=1) for source in step.parts[:-1]}
    assert all((ROOT / source).exists() for source in copied)
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line[0] == "!"} == copied
    assert PROJECT["tool"]["setuptools"]["packages"]["find"]["where"] == ["server"]


def test_it_runs_as_nobody_that_this_machine_knows() -> None:
    user = last("USER")
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", user.rest)
    after = steps()[steps().index(user) :]
    assert not {step.word for step in after} & {"RUN", "COPY", "ADD"}
    owner = f'"-o", "{user.rest.split(":")[0]}", "-g", "{user.rest.split(":")[1]}"'
    assert owner in said("RUN", stage=2)[0].rest


def test_it_starts_our_own_command_without_a_shell_so_that_signals_reach_it() -> None:
    entry, command = last("ENTRYPOINT"), last("CMD")
    assert (entry.rest[0], command.rest[0]) == ("[", "[")
    assert entry.parts == ["returns-server"]
    assert entry.parts[0] in PROJECT["project"]["scripts"]
    assert command.parts == ["serve"]
    assert command.parts[0] in main.commands
    assert last("STOPSIGNAL").rest == "SIGTERM"


def test_its_health_check_is_our_own_command_too() -> None:
    options, _, command = last("HEALTHCHECK").rest.partition(" CMD ")
    assert command[0] == "["
    program, name, *arguments = json.loads(command)
    assert program == last("ENTRYPOINT").parts[0]
    with main.commands[name].make_context(name, arguments, resilient_parsing=False) as context:
        waits = float(context.params["timeout"])
    given = dict(re.findall(r"--([a-z-]+)=(\d+)", options))
    # Starting Python takes a second or two where processors are busy.
    assert waits + 2 <= float(given["timeout"]) < float(given["interval"])


def test_it_writes_to_its_volumes_alone() -> None:
    environment = dict(re.findall(r"(\w+)=(\S+)", last("ENV").rest))
    volumes = last("VOLUME").parts
    assert volumes == [environment["RETURNS_DATA_DIR"], "/tmp"]
    assert (environment["HOME"], last("WORKDIR").rest) == (volumes[0], volumes[0])
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"


def test_its_variables_are_settings_and_its_port_is_the_one_it_opens() -> None:
    environment = dict(re.findall(r"(\w+)=(\S+)", last("ENV").rest))
    ours = {name for name in environment if name.startswith("RETURNS_")}
    assert ours <= variables()
    assert environment["RETURNS_LISTEN"] == f"0.0.0.0:{last('EXPOSE').rest}"


def test_it_says_where_its_bill_of_materials_is() -> None:
    assert 'commerce.returns.sbom="${SBOM}"' in last("LABEL").rest
    (name,) = [step.rest.partition("=")[2] for step in said("ARG", stage=2) if step.rest.startswith("SBOM=")]
    assert name.replace("${VERSION}", PROJECT["project"]["version"]) == bill_file().name


@pytest.mark.parametrize("label", ["title", "description", "version", "revision", "created", "documentation"])
def test_it_says_what_it_is(label: str) -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]+)"', last("LABEL").rest))
    arguments = dict(step.rest.split("=", 1) for step in said("ARG", stage=2))
    value = re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], labels[label])
    expected = {
        "title": PROJECT["project"]["name"],
        "description": PROJECT["project"]["description"],
        "version": PROJECT["project"]["version"],
        "documentation": "docs/deploying.md",
    }
    assert value == expected.get(label, value)
    assert value
    assert (ROOT / expected["documentation"]).is_file()
