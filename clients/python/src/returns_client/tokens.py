"""Where bearer tokens come from: a text, a function, or a file that somebody keeps fresh."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

TokenSource = str | Callable[[], str]
"""A token, or a function that answers the current one; it is asked for every call, so it should remember it."""

AsyncTokenSource = TokenSource | Callable[[], Awaitable[str]]
"""The same for asyncio clients, whose function may be a coroutine function."""


class TokenFile:
    """The token in a file, read again when the file changes; OSError where it cannot be read, ValueError if empty.

    For files that a platform replaces before the token in it expires, such as Kubernetes' projected tokens.
    """

    def __init__(self, path: str | Path) -> None:
        """Takes the file's name; the file need not exist yet."""
        self._path = Path(path)
        self._seen: tuple[int, int, int] | None = None
        self._token = ""

    def __call__(self) -> str:
        """The token that is in the file now."""
        found = self._path.stat()
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen != self._seen:
            token = self._path.read_text(encoding="utf-8").strip()
            if not token:
                raise ValueError(f"{self._path} has no token in it")
            self._token, self._seen = token, seen
        return self._token

    def __repr__(self) -> str:
        """The file's name; never the token."""
        return f"TokenFile({str(self._path)!r})"
