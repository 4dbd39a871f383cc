"""A development server of one's own: started for a demonstration or a replay, stopped with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

_PROGRAM = Path(sys.executable).with_name("returns-server")
_READY = "returns-server ready: "
_START_SECONDS = 110
_STOP_SECONDS = 30
_LAST_LINES, _LINE = 10, 2000


class ServerFailed(Exception):
    """The server did not start, or one of its commands failed; the message has what it said."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server: where it listens, and the settings that its commands share with it."""

    target: str
    environment: Mapping[str, str]
    log: Path

    def token(self, tenant: str, subject: str, scopes: str, *options: str, ttl_seconds: int = 6 * 3600) -> str:
        """A bearer token; `options` are further ones of `returns-server token`."""
        said = self.command(
            *("token", "--tenant", tenant, "--subject", subject, "--scope", scopes, "--ttl", str(ttl_seconds), *options)
        )
        return said.strip()

    def command(self, *arguments: str) -> str:
        """What `returns-server ARGUMENTS` prints; raises ServerFailed if it ends with another code than 0."""
        return _command(self.environment, *arguments)

    def last_words(self) -> str:
        """The end of the server's log, which goes with its folder: what to read when something failed."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(line[:_LINE] for line in lines[-_LAST_LINES:])


@contextmanager
def local_server(database_url: str | None = None) -> Iterator[LocalServer]:
    """A server on a free port of this machine with a data folder of its own, which goes with it.

    SQLite in that folder, or the PostgreSQL database that the URL names. Stopped on leaving, also by SIGTERM.
    """
    # Settings of the person who runs this (a port, a log level, an auth file) are not this server's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
    with tempfile.TemporaryDirectory(prefix="returns-") as folder, terminable():
        environment["RETURNS_DATA_DIR"] = str(Path(folder, "data"))
        if database_url:
            environment["RETURNS_DATABASE_URL"] = database_url
            _command(environment, "migrate")
        log = Path(folder, "server.log")
        process = started(environment, log)
        try:
            yield LocalServer(ready_address(process, log), environment, log)
        finally:
            stop(process)


def started(environment: Mapping[str, str], log: Path, listen: str = "127.0.0.1:0") -> subprocess.Popen[bytes]:
    """A server that begins to serve with these settings; what it says goes to `log`, which is new."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [_PROGRAM, "serve", "--dev", "--listen", listen],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours: the server is stopped in order, on leaving
        )


def _command(environment: Mapping[str, str], *arguments: str) -> str:
    ended = subprocess.run([_PROGRAM, *arguments], env=dict(environment), capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise ServerFailed(f"returns-server {arguments[0]}: {ended.stderr.strip() or ended.stdout.strip()}")
    return ended.stdout


def ready_address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where a server serves that was started with this log, as soon as it does; else ServerFailed is raised."""
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up:
        said = log.read_text(errors="replace")
        for line in said.splitlines(keepends=True):
            if line.startswith(_READY) and line.endswith("\n"):
                return line.removeprefix(_READY).strip()
        if process.poll() is not None:
            raise ServerFailed(f"the server ended with code {process.returncode}:\n{said[-4000:]}")
        time.sleep(0.02)
    raise ServerFailed(f"the server was not ready after {_START_SECONDS} s:\n{log.read_text(errors='replace')[-4000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server in order, or at once where that takes too long."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM leaves this block as an exception, so that what was started is stopped."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
