"""Statements are built with Core once for each shape, then run as text with other values."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, cast

P = ParamSpec("P")

_SHAPES_KEPT = 1_024


def built_once(build: Callable[P, str]) -> Callable[P, str]:
    """The function that builds a statement, run once for each combination of (hashable) arguments.

    Callers choose the shapes of filters, so that only the latest are kept.
    """
    return cast("Callable[P, str]", lru_cache(maxsize=_SHAPES_KEPT)(build))
