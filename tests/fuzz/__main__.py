"""`python -m tests.fuzz TARGET [OPTIONS OF LIBFUZZER] [FOLDERS]`: the target with inputs that cover ever more of it."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["returns_server"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    name = sys.argv.pop(1)
    # What is built with its first use is no input's fault.
    TARGETS[name](b"")
    TARGETS[name](b"state=PENDING")
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()
