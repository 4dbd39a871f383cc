"""Servers that start in a moment, for tests that kill hundreds: forked from a process that has imported everything.

Each is a process of its own, with the command line's own `serve`; only the second that Python takes to import the
program is spent once. Run as a program this is the parent: it starts a server for each line that it reads, and ends,
and all servers with it, when whoever writes those lines is gone.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from returns_server.storage import migrations
from tests.support.ports import lasting_port
from tests.support.service import Service

_START_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1


class Nursery:
    """The parent of servers; a context manager that leaves none behind. `program` is a folder whose `returns_server`
    they run, in place of this release's.
    """

    def __init__(self, program: Path | None = None) -> None:
        self._program = program

    def __enter__(self) -> Self:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
        if self._program is not None:
            inherited["PYTHONPATH"] = str(self._program)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery"],
            env=inherited,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)

    def fork(self, output: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """The process id of a new `returns-server` with these arguments, whose output goes to a file."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            asked = {"output": str(output), "arguments": list(arguments), "environment": dict(environment)}
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def server(self, data_dir: Path, database_url: str | None = None, **environment: str) -> Forked:
        """A server that is not started yet."""
        return Forked(self, data_dir, database_url, environment)

    def relay(self, data_dir: Path, database_url: str | None = None, **environment: str) -> ForkedRelay:
        """A relay that is not started yet."""
        return ForkedRelay(self, data_dir, database_url, environment)


class Forked:
    """A server process; started again it listens where it did before."""

    ready = "returns-server ready: "

    def __init__(self, nursery: Nursery, data_dir: Path, database_url: str | None, environment: dict[str, str]) -> None:
        self.data_dir = data_dir
        self.address = f"127.0.0.1:{lasting_port()}"
        self.pid = 0
        self.lives = 0
        self._nursery = nursery
        self._environment = {**environment, "RETURNS_DATA_DIR": str(data_dir)}
        if database_url is not None:
            migrations.upgrade(database_url)
            self._environment["RETURNS_DATABASE_URL"] = database_url
        data_dir.mkdir(parents=True, exist_ok=True)

    @property
    def output(self) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}-{id(self)}-{self.lives}.log")

    def start(self) -> Self:
        """Start, and return when it says that it serves."""
        self.lives += 1
        self.pid = self._nursery.fork(self.output, self._arguments(), self._environment)
        ends = time.monotonic() + _START_SECONDS
        while time.monotonic() < ends:
            for line in self.output.read_text().splitlines() if self.output.exists() else ():
                if line.startswith(self.ready):
                    self.address = line.removeprefix(self.ready).strip() or self.address
                    return self
            if not _lives(self.pid):
                break
            time.sleep(0.005)
        self.kill()
        raise AssertionError(f"the server did not start:\n{self.output.read_text()[-4000:]}")

    def _arguments(self) -> Sequence[str]:
        return ("serve", "--dev", "--listen", self.address)

    def service(self) -> Service:
        """Clients of this server."""
        return Service(self.address, self.data_dir)

    def kill(self) -> None:
        """End it at once, as the kernel's out-of-memory killer would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        pid, self.pid = self.pid, 0
        if pid and _lives(pid):
            os.kill(pid, number)
        ends = time.monotonic() + _START_SECONDS
        while pid and _lives(pid):
            assert time.monotonic() < ends, "the server does not end"
            time.sleep(0.005)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


class ForkedRelay(Forked):
    """A relay process."""

    ready = "returns-server relay ready"

    def _arguments(self) -> Sequence[str]:
        return ("relay",)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _become(asked: dict[str, Any], environment: dict[str, str]) -> None:
    """In the child: become what is asked for."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, number in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, number)
    os.environ.update(environment)
    from returns_server.cli import main

    main(asked["arguments"])


def _parent() -> None:
    import uvloop  # noqa: F401  (imported for the children)

    import returns_server.bootstrap
    import returns_server.cli
    import returns_server.relay_assembly
    import returns_server.telemetry.logs  # noqa: F401

    # Nobody waits for the children: the kernel takes them away.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            try:
                _become(asked, asked["environment"])
            finally:
                os._exit(1)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _parent()
