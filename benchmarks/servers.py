"""The servers that are measured: the product as an operator runs it, and the bare echo."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.machine import on_core
from benchmarks.seed.shop import SUBJECT, TENANT
from returns_server.clock import system_clock
from returns_server.devtokens import development_key, mint_token

_START_SECONDS = 60.0
_STOP_SECONDS = 60.0


class ServerFailed(Exception):
    """A server did not start, or did not end as it should; the message has what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `start_seconds` is from its launch until it said that it serves."""

    address: str
    pid: int
    token: str
    start_seconds: float

    def memory_bytes(self) -> int:
        """What it holds of the machine's memory now."""
        rss: int = psutil.Process(self.pid).memory_info().rss
        return rss


@contextmanager
def echo(core: int | None) -> Iterator[Server]:
    """The bare echo server."""
    with running([sys.executable, "-m", "benchmarks.echo_server"], {}, "echo ready: ", core) as (address, pid, took):
        yield Server(address, pid, "", took)


@contextmanager
def stream_server(file: Path, core: int | None) -> Iterator[Server]:
    """The bare server that streams the messages of a file."""
    command = [sys.executable, "-m", "benchmarks.stream_server", str(file)]
    with running(command, {}, "streams ready: ", core) as (address, pid, took):
        yield Server(address, pid, "", took)


@contextmanager
def product(database: str | Path, core: int | None, workers: int = 1) -> Iterator[Server]:
    """The product over a PostgreSQL database, or over the SQLite file in a folder, with everything on.

    With several workers its process id is that of their parent.
    """
    with tempfile.TemporaryDirectory(prefix="returns-bench-") as own:
        data = database if isinstance(database, Path) else Path(own)
        # A person's own settings are not this server's.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
        environment["RETURNS_DATA_DIR"] = str(data)
        if isinstance(database, str):
            environment["RETURNS_DATABASE_URL"] = database
        command = [sys.executable, "-m", "returns_server", "serve", "--dev", "--listen", "127.0.0.1:0"]
        command += ["--workers", str(workers)]
        with running(command, environment, "returns-server ready: ", core) as (address, pid, took):
            yield Server(address, pid, token(data), took)


def token(data: Path) -> str:
    """A token of a shop's backend, which the server on this data folder trusts for a day."""
    return mint_token(
        development_key(data),
        system_clock(),
        tenant=TENANT,
        scopes=["returns.returns_manage", "returns.webhooks_manage"],
        subject=SUBJECT,
        user_type="SERVICE",
        ttl_seconds=86_400,
    )


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], ready: str, core: int | None
) -> Iterator[tuple[str, int, float]]:
    """The address that the program says, its process id, and how long it took to say so."""
    with tempfile.TemporaryFile() as log:
        begin = time.perf_counter()
        with on_core(core):
            process = subprocess.Popen(
                command,
                env=dict(environment) or None,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours: the server is stopped in order, on leaving
            )
        try:
            line = _ready_line(process, ready)
            if line is None:
                log.seek(0)
                raise ServerFailed(f"{command} did not start:\n{log.read().decode(errors='replace')[-4000:]}")
            yield line, process.pid, time.perf_counter() - begin
        finally:
            _stop(process)


def _ready_line(process: subprocess.Popen[bytes], ready: str) -> str | None:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        ends = time.monotonic() + _START_SECONDS
        while selector.select(max(0.0, ends - time.monotonic())):
            line = process.stdout.readline().decode()
            if line.startswith(ready):
                return line.removeprefix(ready).strip()
            if not line:
                return None
    return None


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise ServerFailed(f"process {process.pid} did not end within {_STOP_SECONDS:g} s") from None
    finally:
        if process.stdout is not None:
            process.stdout.close()
