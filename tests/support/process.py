"""A server as an operator runs it: a process of its own, which a test may kill."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import psutil

from returns_server.storage import migrations
from tests.support.ports import lasting_port
from tests.support.service import UNHURRIED, Service

_START_SECONDS = 60.0


class ServerProcess:
    """`returns-server serve --dev`, on a port of its own unless told; what it logs goes to `log`."""

    command: ClassVar[Sequence[str]] = ("serve", "--dev")
    ready: ClassVar[str] = "returns-server ready: "

    def __init__(self, data_dir: Path, database_url: str | None = None, **environment: str) -> None:
        self.data_dir = data_dir
        self.log = data_dir.with_name(data_dir.name + ".log")
        self.address = ""
        self._environment = {"RETURNS_RATE_PER_CUSTOMER": str(UNHURRIED["per_customer"]), **environment}
        if database_url is not None:
            migrations.upgrade(database_url)
            self._environment["RETURNS_DATABASE_URL"] = database_url
        self._process: subprocess.Popen[str] | None = None

    def start(self, listen: str = "") -> Self:
        """Start, and return when it says that it serves; on a port of its own unless an address is given."""
        listen = listen or f"127.0.0.1:{lasting_port()}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
        environment: Mapping[str, str] = {**inherited, **self._environment, "RETURNS_DATA_DIR": str(self.data_dir)}
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "returns_server", *self.command, *self._where(listen)],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.address = self._ready_line().removeprefix(self.ready).strip()
        return self

    def _where(self, listen: str) -> Sequence[str]:
        return ("--listen", listen)

    def _ready_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            ends = time.monotonic() + _START_SECONDS
            while selector.select(max(0.0, ends - time.monotonic())):
                line = self._process.stdout.readline()
                if line.startswith(self.ready):
                    return line
                if not line:
                    break
        self.kill()
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def service(self) -> Service:
        """Clients of this server."""
        return Service(self.address, self.data_dir)

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[psutil.Process]:
        """The processes that it started and that live."""
        children = psutil.Process(self.pid).children()
        return [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """What it has logged under this name so far."""
        lines = (line for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [entry for entry in map(json.loads, lines) if entry["event"] == event]

    def kill(self) -> None:
        """End it at once, as the kernel's out-of-memory killer would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            code = process.wait(60)
            if code > 0:  # for the report of a test that fails for it
                print(f"the server ended with {code}:\n{self.log.read_text()[-8000:]}")
            return code
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


class BridgeProcess(ServerProcess):
    """`returns-server webhooks --dev`, beside a server that posts nothing."""

    command: ClassVar[Sequence[str]] = ("webhooks", "--dev")
    ready = "returns-server webhooks ready"

    def _where(self, listen: str) -> Sequence[str]:
        return ()


class RelayProcess(BridgeProcess):
    """`returns-server relay`, beside the servers of a database."""

    command = ("relay",)
    ready = "returns-server relay ready"
