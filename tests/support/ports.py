"""Ports that stay a test's own while nothing listens there: from a look at them to a start, and through restarts."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

# Below what the kernel gives to whoever asks for any port, and to connections: Linux from 32,768 on, others higher.
_LASTING = range(20_000, 32_768)


def lasting_port() -> int:
    """A free port of 127.0.0.1 that no program gets unless it asks for this very one."""
    for port in random.SystemRandom().sample(_LASTING, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
