"""`python -m scenario sync|async CONTEXT`: plays the scenario that a context file names; clients/scenario/README.md."""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from returns_client import ReturnsError
from scenario.faces import AsyncFace, Face, Following, SynchronousFace
from scenario.matching import Mismatch, filled, matched

WAIT_SECONDS = 120.0
MORE_SECONDS = 1.0


class Follower:
    """What came to one follower so far."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.error: Exception | None = None
        self.following: Following | None = None
        self._changed = threading.Condition()

    def add(self, event: Any) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def end(self, error: Exception) -> None:
        with self._changed:
            self.error = error
            self._changed.notify_all()

    def wait_for(self, count: int, seconds: float) -> bool:
        """Whether that many have come, or it has ended."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.events) >= count or self.error is not None, seconds)


class Player:
    """Plays the steps of a scenario."""

    def __init__(self, context: Mapping[str, Any], face: Callable[[str, str, str], Face]) -> None:
        self._context = context
        self._variables: dict[str, Any] = dict(context["variables"])
        self._tenant = self._variables["parent"].partition("/")[2]
        self._face = face
        self._faces: dict[str, Face] = {}
        self._followers: dict[str, Follower] = {}

    def play(self, steps: Sequence[Mapping[str, Any]]) -> bool:
        """Whether all went well; a line is printed for each step."""
        for step in steps:
            try:
                if not self._played(step):
                    return False
            except Exception as error:  # noqa: BLE001 — a step that fails is told, whatever it fails with
                print(f"FAILED {step['step']}: {type(error).__name__}: {error}", flush=True)
                return False
            print(f"ok {step['step']}", flush=True)
        return True

    def close(self) -> None:
        for follower in self._followers.values():
            if follower.following is not None:
                follower.following.stop()
        for face in self._faces.values():
            face.close()

    def _played(self, step: Mapping[str, Any]) -> bool:
        match step["op"]:
            case "call":
                self._call(step)
            case "list":
                self._list(step)
            case "follow":
                self._follow(step)
            case "followed":
                self._followed(step)
            case "restart":
                self._restart()
            case "repeat":
                for number in range(1, int(filled(step["times"], self._variables)) + 1):
                    self._variables["round"] = str(number)
                    if not self.play(step["steps"]):
                        return False
            case other:
                raise Mismatch(f"unknown op {other}")
        return True

    def _caller(self, name: str) -> Face:
        if name not in self._faces:
            self._faces[name] = self._face(self._context["address"], self._tenant, self._context["tokens"][name])
        return self._faces[name]

    def _call(self, step: Mapping[str, Any]) -> None:
        request = filled(step["request"], self._variables)
        try:
            answer = self._caller(step["as"]).call(step["call"], request)
        except ReturnsError as error:
            if "expect_error" not in step:
                raise
            self._failed_as(step, error)
            return
        if "expect_error" in step:
            raise Mismatch(f"no error, but {answer!r}")
        matched(filled(step["expect"], self._variables), answer)
        for variable, field in step.get("save", {}).items():
            self._variables[variable] = answer[field]

    def _list(self, step: Mapping[str, Any]) -> None:
        items = self._caller(step["as"]).items(step["call"], filled(step["request"], self._variables))
        if "expect_items" in step:
            matched(filled(step["expect_items"], self._variables), items, "items")
        if "save_items" in step:
            self._variables[step["save_items"]] = items

    def _follow(self, step: Mapping[str, Any]) -> None:
        follower = self._followers[step["follower"]] = Follower()
        request = filled(step["request"], self._variables)
        follower.following = self._caller(step["as"]).follow(request, follower.add, follower.end)

    def _followed(self, step: Mapping[str, Any]) -> None:
        follower = self._followers[step["follower"]]
        if "expect_error" in step:
            follower.wait_for(sys.maxsize, WAIT_SECONDS)
            if not isinstance(follower.error, ReturnsError):
                raise Mismatch(f"no typed error, but {follower.error!r} and {len(follower.events)} events")
            self._failed_as(step, follower.error)
            return
        expected = filled(step["expect_events"], self._variables)
        follower.wait_for(len(expected), WAIT_SECONDS)
        follower.wait_for(len(expected) + 1, MORE_SECONDS)
        if follower.following is not None:
            follower.following.stop()
            follower.following = None
        if follower.error is not None:
            raise follower.error
        matched(expected, follower.events, "events")
        sequences = [int(event["sequence"]) for event in follower.events]
        if sequences != sorted(set(sequences)) or len({event["id"] for event in follower.events}) != len(sequences):
            raise Mismatch(f"not each once and in order: {sequences}")

    def _restart(self) -> None:
        request = urllib.request.Request(f"{self._context['control']}/restart", data=b"", method="POST")  # noqa: S310 — the harness says where
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:  # noqa: S310
            if answer.status != 204:
                raise Mismatch(f"restart answered {answer.status}")

    def _failed_as(self, step: Mapping[str, Any], error: ReturnsError) -> None:
        given = {"code": error.code, "reason": error.reason, "metadata": dict(error.metadata)}
        matched(filled(step["expect_error"], self._variables), given, "error")


def main(arguments: Sequence[str]) -> int:
    """0 if the scenario went well."""
    kind, path = arguments
    faces: Mapping[str, Callable[[str, str, str], Face]] = {"sync": SynchronousFace, "async": AsyncFace}
    context = json.loads(Path(path).read_text(encoding="utf-8"))
    scenario = json.loads(Path(context["scenario"]).read_text(encoding="utf-8"))
    player = Player(context, faces[kind])
    began = time.monotonic()
    try:
        well = player.play(scenario["steps"])
    finally:
        player.close()
    print(f"{'done' if well else 'stopped'} after {time.monotonic() - began:.1f} s ({kind})")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
