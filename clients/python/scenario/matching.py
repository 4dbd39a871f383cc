"""Variables and matching, as clients/scenario/README.md says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"\$\{(\w+)\}")


class Mismatch(Exception):
    """What was expected did not come; the message says where and what."""


def filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """The value with variables put in; raises Mismatch for one that is not set."""
    match value:
        case str():
            whole = _NAME.fullmatch(value)
            if whole:
                return _valued(whole[1], variables)
            return _NAME.sub(lambda found: str(_valued(found[1], variables)), value)
        case list():
            return [filled(each, variables) for each in value]
        case dict():
            return {name: filled(each, variables) for name, each in value.items()}
        case _:
            return value


def matched(expected: Any, given: Any, place: str = "answer") -> None:
    """Raises Mismatch unless what is given is as expected."""
    match expected:
        case dict():
            if not isinstance(given, Mapping):
                raise Mismatch(f"{place} is {given!r}, expected an object")
            for name, each in expected.items():
                matched(each, given.get(name), f"{place}.{name}")
        case list():
            there = [] if given is None else given
            if not isinstance(there, list) or len(there) != len(expected):
                raise Mismatch(f"{place} is {there!r}, expected {len(expected)} elements: {expected!r}")
            for number, (each, found) in enumerate(zip(expected, there, strict=True)):
                matched(each, found, f"{place}[{number}]")
        case _:
            same_kind = isinstance(expected, bool) == isinstance(given, bool)
            if not same_kind or expected != given:
                raise Mismatch(f"{place} is {given!r}, expected {expected!r}")


def _valued(name: str, variables: Mapping[str, Any]) -> Any:
    if name not in variables:
        raise Mismatch(f"the variable {name} is not set")
    return variables[name]
