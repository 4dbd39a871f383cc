"""What a client's scenario runner is given: a real server, tokens, a way to restart the server, and where that is told.

The file that `Stage.context` writes is the contract with the runners; clients/scenario/README.md describes it.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from returns_server.clock import system_clock
from returns_server.devtokens import development_key, mint_token
from tools.local_server import ServerFailed, ready_address, started, stop, terminable

ROOT = Path(__file__).resolve().parent.parent.parent
SCENARIOS = ROOT / "clients" / "scenario"

_GUEST = "robin@example.com"
CALLERS: Mapping[str, Mapping[str, Any]] = {
    "feed": {"scopes": ["returns.orders_manage"], "user_type": "SERVICE"},
    "staff": {"scopes": ["returns.returns_manage", "returns.policy_manage"], "user_type": "EMPLOYEE"},
    "reader": {"scopes": ["returns.returns_read"], "user_type": "SERVICE"},
    "customer": {"scopes": ["returns.returns_manage_own"], "customer_id": "c-1"},
    "stranger": {"scopes": ["returns.returns_manage_own"], "customer_id": "c-2"},
    "guest": {
        "scopes": ["returns.returns_manage_own"],
        "customer_id": "c-3",
        "email": _GUEST,
        "email_verified": True,
    },
    "unverified": {"scopes": ["returns.returns_manage_own"], "customer_id": "c-4", "email": _GUEST},
}
"""Who acts in the scenarios, and what is in their tokens."""
EXAMPLE_SCOPES = ("returns.returns_manage", "returns.orders_manage")
"""What a README's examples may do."""


class Stage:
    """A server with SQLite in a folder of its own, which can be killed and started again on the same address."""

    def __init__(self, folder: Path) -> None:
        """Starts it; `folder` is empty."""
        self.folder = folder
        self.address = "127.0.0.1:0"
        self.control = ""
        self.restarts = 0
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RETURNS_")}
        self._environment = {**inherited, "RETURNS_DATA_DIR": str(folder / "data")}
        self._logs = 0
        self._start()

    def restart(self) -> None:
        """Kill the server without a warning, and start it again; returns when it serves."""
        self._process.kill()
        self._process.wait()
        self.restarts += 1
        self._start()

    def close(self) -> None:
        """Stop the server."""
        stop(self._process)

    def context(self, scenario: Path, tenant: str, **variables: str) -> Path:
        """Write what a runner needs to play this scenario as this tenant; answers the file."""
        key = development_key(self.folder / "data")
        tokens = {
            name: mint_token(key, system_clock(), tenant=tenant, subject=name, **claims)
            for name, claims in CALLERS.items()
        }
        told = {
            "address": self.address,
            "control": self.control,
            "scenario": str(scenario),
            "tokens": tokens,
            "variables": {"parent": f"tenants/{tenant}", **variables},
        }
        path = self.folder / f"{scenario.stem}-{tenant}.json"
        path.write_text(json.dumps(told, indent=2))
        return path

    def token(self, tenant: str, *scopes: str) -> str:
        """A token of somebody with these scopes."""
        key = development_key(self.folder / "data")
        return mint_token(key, system_clock(), tenant=tenant, subject="me", scopes=scopes)

    def log(self) -> str:
        """What the server said since its last start."""
        return (self.folder / f"server-{self._logs}.log").read_text(errors="replace")

    def _start(self) -> None:
        self._logs += 1
        log = self.folder / f"server-{self._logs}.log"
        self._process = started(self._environment, log, self.address)
        try:
            self.address = ready_address(self._process, log)
        except BaseException:
            stop(self._process)  # Nobody else knows of it yet.
            raise


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage with its control open on a port of this machine; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="returns-clients-") as folder, terminable():
        stage = Stage(Path(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _control(stage))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        stage.control = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield stage
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            stage.close()


def _control(stage: Stage) -> type[BaseHTTPRequestHandler]:
    one_at_a_time = threading.Lock()

    class Control(BaseHTTPRequestHandler):
        """`POST /restart`: kills the server, starts it, and answers 204 when it serves again."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path != "/restart":
                self.send_error(404)
                return
            try:
                with one_at_a_time:
                    stage.restart()
            except ServerFailed as error:
                self.send_error(500, explain=str(error))
                return
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name is the library's
            """Nothing: the runner's own lines are what is read."""

    return Control
