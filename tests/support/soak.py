"""How long the long forms of tests run: marked `soak`, run by `make soak`, left out by `make test`."""

from __future__ import annotations

import os

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
"""Of each long test."""
