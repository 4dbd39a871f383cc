"""`returnsctl`: the Returns Service from the command line, over the Python client."""

from __future__ import annotations

import sys

_NEEDED = {"click", "rich", "tomlkit"}


def main() -> None:
    """Run the command line; say what to install where only the library is there."""
    try:
        from returnsctl.cli import cli
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        sys.exit(f"returnsctl needs {error.name}: pip install 'returns-client[cli]'")
    cli(prog_name="returnsctl")
