"""What there is of a client in a language, and whether this machine can build and run it.

A language is a folder in clients/ with a client.toml; clients/scenario/README.md says what may stand in it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
_COMMANDS = ("generate", "build", "check", "scenario", "example")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Maven prints its name in bold, also where nobody sees it."""
_VERSION = re.compile(r"(\d+(?:\.\d+)*)")

Command = Sequence[str]


class EntryInvalid(Exception):
    """A client.toml is not as it should be; the message names file and member."""


@dataclass(frozen=True, slots=True)
class Need:
    """A program that a client's commands call, and the oldest version that will do."""

    ask: Command
    at_least: str

    def lacking(self) -> str:
        """What is wrong with the program on this machine; empty if nothing is."""
        program = Path(self.ask[0]).name
        try:
            said = subprocess.run(self.ask, capture_output=True, text=True, check=False, timeout=60)
        except FileNotFoundError:
            return f"{program} is not installed (needs {self.at_least} or newer)"
        found = _VERSION.search(_COLOURS.sub("", said.stdout + said.stderr))
        if said.returncode != 0 or found is None:
            return f"{program} does not tell its version (needs {self.at_least} or newer)"
        if _parts(found[1]) < _parts(self.at_least):
            return f"{program} is {found[1]} (needs {self.at_least} or newer)"
        return ""


@dataclass(frozen=True, slots=True)
class Language:
    """A client: where it is, what it needs, and its commands by purpose."""

    id: str
    name: str
    folder: Path
    needs: Sequence[Need]
    commands: Mapping[str, Sequence[Command]]

    def lacking(self) -> Sequence[str]:
        """What this machine lacks of what it needs."""
        return [lack for need in self.needs if (lack := need.lacking())]


def languages(folder: Path = ROOT / "clients") -> Sequence[Language]:
    """All clients, by their folders' names; raises EntryInvalid."""
    return [_language(path) for path in sorted(folder.glob("*/client.toml"))]


def _language(path: Path) -> Language:
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise EntryInvalid(f"{path}: {error}") from None
    unknown = [*(entry.keys() - {"name", "needs", "commands"}), *(entry.get("commands", {}).keys() - set(_COMMANDS))]
    if unknown:
        raise EntryInvalid(f"{path}: unknown member {min(unknown)}")
    places = {"{python}": sys.executable, "{out}": str(ROOT / "build" / "clients" / path.parent.name)}

    def command(given: Any, where: str) -> Command:
        if not (isinstance(given, list) and given and all(isinstance(word, str) for word in given)):
            raise EntryInvalid(f"{path}: {where} is a list of words")
        return [places.get(str(word), str(word)) for word in given]

    needs = entry.get("needs", [])
    if not isinstance(entry.get("name"), str) or not all("ask" in need and "at_least" in need for need in needs):
        raise EntryInvalid(f"{path}: name, and in each of needs ask and at_least, are required")
    commands = {
        purpose: [command(given, f"commands.{purpose}") for given in entry.get("commands", {}).get(purpose, [])]
        for purpose in _COMMANDS
    }
    if not commands["scenario"]:
        raise EntryInvalid(f"{path}: commands.scenario is missing")
    asked = [Need(command(need["ask"], "needs.ask"), str(need["at_least"])) for need in needs]
    return Language(path.parent.name, entry["name"], path.parent, asked, commands)


def _parts(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
