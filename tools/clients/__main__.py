"""`make clients` and `make test-clients`: builds the clients of all languages, and lets each play the scenarios.

python -m tools.clients build [LANGUAGE ...]     generates and builds; generated code must show no diff
python -m tools.clients test [LANGUAGE ...]      builds, checks, and plays the scenarios against a real server

A language whose toolchain is missing is left out and named; named on the command line, it is an error.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.clients.languages import ROOT, Command, EntryInvalid, Language, languages
from tools.clients.rough import rough, through
from tools.clients.stage import EXAMPLE_SCOPES, SCENARIOS, Stage, staged
from tools.local_server import ServerFailed

ROUNDS = 50
_PLAY_SECONDS = 1_800


class Failed(Exception):
    """A command of a client failed; what it said is on the terminal already."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all that could be done went well, 1 if something failed, 2 if it cannot be done."""
    asked = _arguments(arguments)
    try:
        chosen, lacking = _chosen(asked.languages)
    except (EntryInvalid, Failed) as error:
        print(f"clients: {error}", file=sys.stderr)
        return 2
    failed = []
    for language in chosen:
        try:
            if asked.what == "build":
                _build(language)
            else:
                _test(language, asked.scenario, asked.rounds, asked.build, asked.rough)
        except (Failed, ServerFailed) as error:
            print(f"clients: {language.name}: {error}", file=sys.stderr, flush=True)
            failed.append(language.name)
    done = [language.name for language in chosen if language.name not in failed]
    print(f"\nclients: {asked.what}: {', '.join(done) or 'none'} ok" + _said("FAILED", failed))
    for name, why in lacking:
        print(f"clients: {name} was left out: {why}")
    return 1 if failed else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.clients", description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["build", "test"])
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="a folder in clients/; by default all")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"restarts in restarts.json (default {ROUNDS})")
    parser.add_argument(
        "--scenario", type=Path, action="append", help="play this file alone; may be given several times"
    )
    parser.add_argument(
        "--no-build", dest="build", action="store_false", help="test what was built before, without check"
    )
    parser.add_argument("--rough", action="store_true", help="play once more over a slow and lossy network")
    return parser.parse_intermixed_args(arguments)


def _chosen(named: Sequence[str]) -> tuple[list[Language], list[tuple[str, str]]]:
    """Those that can be built here, and those that cannot with the reason."""
    there = {language.id: language for language in languages()}
    unknown = [name for name in named if name not in there]
    if unknown:
        raise Failed(f"no client is called {unknown[0]}; there are {', '.join(there)}")
    chosen, lacking = list[Language](), list[tuple[str, str]]()
    for language in there.values():
        if named and language.id not in named:
            continue
        lacks = "; ".join(language.lacking())
        if lacks and named:
            raise Failed(f"{language.name}: {lacks}")
        if lacks:
            lacking.append((language.name, lacks))
        else:
            chosen.append(language)
    return chosen, lacking


def _build(language: Language) -> None:
    before = _changes(language)
    for command in language.commands["generate"]:
        _ran(language, command)
    if language.commands["generate"] and _changes(language) != before:
        subprocess.run(["git", "diff", "--stat", "--", "."], cwd=language.folder, check=False)
        raise Failed("the generated code is not what protos/ say: it has been written anew; look at it and commit it")
    for command in language.commands["build"]:
        _ran(language, command)


def _test(language: Language, scenarios: Sequence[Path] | None, rounds: int, build: bool, over_rough: bool) -> None:
    if build:
        for command in (*language.commands["build"], *language.commands["check"]):
            _ran(language, command)
    with staged() as stage:
        for number, command in enumerate(language.commands["scenario"]):
            for context in _contexts(stage, number, scenarios, rounds):
                _ran(language, [*command, str(context)])
            if over_rough:
                with rough(stage.address) as address:
                    context = stage.context(SCENARIOS / "scenario.json", f"rough{number + 1}")
                    _ran(language, [*command, str(through(context, address))])
        for command in language.commands["example"]:
            _ran(language, command, RETURNS_ADDRESS=stage.address, TOKEN=stage.token("acme", *EXAMPLE_SCOPES))


def _contexts(stage: Stage, number: int, scenarios: Sequence[Path] | None, rounds: int) -> Iterator[Path]:
    for scenario in scenarios or (SCENARIOS / "scenario.json", SCENARIOS / "restarts.json"):
        # Every play is a tenant's of its own: it finds nothing that another one left.
        tenant = f"{scenario.stem.lower()[:8]}{number + 1}".replace("-", "")
        yield stage.context(scenario.resolve(), tenant, rounds=str(rounds))


def _ran(language: Language, command: Command, **environment: str) -> None:
    print(f"clients: {language.name}: {' '.join(_short(word) for word in command)}", flush=True)
    began = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=language.folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=_PLAY_SECONDS,
        )
    except FileNotFoundError as error:
        raise Failed(f"{command[0]} cannot be started: {error}") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"{_short(command[0])} did not end within {_PLAY_SECONDS} s") from None
    if done.returncode != 0:
        raise Failed(f"{_short(command[0])} ended with code {done.returncode}, {time.monotonic() - began:.0f} s")


def _changes(language: Language) -> str:
    """What git sees changed in the client's folder, content and all."""
    said = [
        subprocess.run(command, cwd=language.folder, capture_output=True, text=True, check=False).stdout
        for command in (["git", "status", "--porcelain", "--", "."], ["git", "diff", "HEAD", "--", "."])
    ]
    return "".join(said)


def _short(word: str) -> str:
    return Path(word).name if word.startswith(str(ROOT)) or word == sys.executable else word


def _said(word: str, names: Sequence[str]) -> str:
    return f"; {word}: {', '.join(names)}" if names else ""


if __name__ == "__main__":
    sys.exit(main())
