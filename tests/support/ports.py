"""Ports that stay a test's own while nothing listens there: from a look at them to a start, and through restarts."""

from __future__ import annotations

import os
import random
import socket
from contextlib import ExitStack, suppress

# Below what the kernel gives to whoever asks for any port, and to connections: Linux from 32,768 on, others higher.
# Each process that runs tests has its share.
_FIRST, _END = 20_000, 32_768
_PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_SHARE = (_END - _FIRST) // _PROCESSES
_MINE = _FIRST + _SHARE * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def lasting_port(in_a_row: int = 1) -> int:
    """A port of 127.0.0.1 that no program gets unless it asks for this very one; the first of so many."""
    for port in random.SystemRandom().sample(range(_MINE, _MINE + _SHARE - in_a_row + 1), 100):
        with ExitStack() as probes, suppress(OSError):
            for beside in range(in_a_row):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port + beside))
            return port
    raise AssertionError("no port is free")
