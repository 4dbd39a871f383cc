"""Another system of the shop: a web server that takes webhooks, verifies them, and is out of order now and then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


@dataclass
class Hooked:
    """What came in: every post by what became of it, and the events that were taken, in the order of their coming.

    `failures` are the answers to the first posts; after them everything is taken whose signature is right.
    """

    secret: str = ""
    failures: list[int] = field(default_factory=list)
    posts: list[tuple[str, int]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    wrong: int = 0
    url: str = ""
    _lock: threading.Condition = field(default_factory=threading.Condition)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Answer a post with a status."""
        with self._lock:
            try:
                said = Webhook(self.secret).verify(body, headers)
            except WebhookVerificationError:
                self.wrong += 1
                return 401
            known = {one["data"]["id"] for one in self.taken if "id" in one["data"]}
            status = self.failures.pop(0) if self.failures else 204
            self.posts.append((f"{said['type']} {said['data'].get('returnVersion', '')}".strip(), status))
            if status == 204 and said["data"].get("id") not in known:
                self.taken.append(said)
            self._lock.notify_all()
            return status

    def wait(self, count: int, seconds: float) -> bool:
        """Wait until so many events were taken, at most so long; whether they were."""
        with self._lock:
            return self._lock.wait_for(lambda: len(self.taken) >= count, seconds)


@contextmanager
def listening(hooked: Hooked) -> Iterator[None]:
    """The web server, on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(hooked.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class says so)
            """Not on the transcript."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hooked.url = f"http://127.0.0.1:{server.server_port}/returns"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
