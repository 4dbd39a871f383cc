"""Makes the synchronous Python client from the asyncio one: `clients/python/src/returns_client/_sync` from `_async`.

`python -m tools.make_sync` writes it, `--check` only says what is out of date (exit 1). Words are replaced, nothing is
understood: what needs more than that stands in `ground.py`, which both folders have by hand.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "clients" / "python" / "src" / "returns_client"
BY_HAND = {"__init__.py", "ground.py"}
HEAD = "# Made from _async/{name} by tools/make_sync.py. Do not edit.\n"

WORDS = (
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable\[([A-Za-z]+)\]", r"\1"),
    (r"\b(from collections\.abc import .*)Awaitable, ", r"\1"),
    (r"\bimport grpc\.aio\n", ""),
    (r"\bgrpc\.aio\.", "grpc."),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\b__a(iter|next|enter|exit)__\b", r"__\1__"),
    (r"\baclose\b", "close"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b_async\b", "_sync"),
    (r"\basyncio\b", "synchronous"),
)


def made(name: str, source: str) -> str:
    """The synchronous module, formatted as the project's own code."""
    for pattern, replacement in WORDS:
        source = re.sub(pattern, replacement, source)
    return _formatted(name, HEAD.format(name=name) + source)


def _formatted(name: str, source: str) -> str:
    as_named = ["--stdin-filename", str(CLIENT / "_sync" / name), "-"]
    for command in (["check", "--fix-only", "--select", "I", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [Path(sys.executable).with_name("ruff"), *command, *as_named],
            cwd=ROOT,
            input=source,
            capture_output=True,
            text=True,
            check=True,
        )
        source = done.stdout
    return source


def main() -> int:
    """Write or check."""
    check = "--check" in sys.argv[1:]
    wanted = {
        source.name: made(source.name, source.read_text())
        for source in sorted((CLIENT / "_async").glob("*.py"))
        if source.name not in BY_HAND
    }
    there = {path.name: path.read_text() for path in (CLIENT / "_sync").glob("*.py") if path.name not in BY_HAND}
    for name in sorted(wanted.keys() | there.keys()):
        if wanted.get(name) == there.get(name):
            continue
        print(f"_sync/{name} {'is out of date: run python -m tools.make_sync' if check else 'written'}")
        path = CLIENT / "_sync" / name
        if check:
            continue
        if name in wanted:
            path.write_text(wanted[name])
        else:
            path.unlink()
    return 1 if check and wanted != there else 0


if __name__ == "__main__":
    sys.exit(main())
