"""A connection to NATS. It is never mended: when it breaks it is over, and what was on its way with it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from returns_server.relay.credentials import jwt_of, signer_of
from returns_server.relay.troubles import BrokerAway, Unfit

ANSWER_SECONDS = 10.0
"""How long NATS may take for an answer before it counts as away."""
_CONNECT_SECONDS = 10.0
_CLOSE_SECONDS = 2.0
_PING_SECONDS = 10
_OLDEST = (2, 12)


@dataclass(frozen=True, slots=True)
class Access:
    """Where NATS is and who the relay is there."""

    urls: tuple[str, ...]
    credentials_file: Path | None = None
    user: str | None = None
    password: str | None = None
    token: str | None = None
    tls: ssl.SSLContext | None = None


class Refused(Exception):
    """JetStream's own answer to a question: an error of its."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        """Takes the error as JetStream writes it."""
        self.status = int(error.get("code", 0))
        self.code = int(error.get("err_code", 0))
        self.description = str(error.get("description", ""))
        super().__init__(self.description)


class Connection:
    """What the relay does with a connection; everything raises BrokerAway where it broke."""

    def __init__(self, client: Client) -> None:
        """Takes a client that is or will be connected."""
        self._client = client
        self._watchers: list[Callable[[], None]] = []

    @property
    def max_bytes(self) -> int:
        """The largest message that this NATS takes, headers included."""
        return self._client.max_payload

    @property
    def broken(self) -> bool:
        """Whether it is over."""
        return not self._client.is_connected

    async def closed(self) -> None:
        """Called when it is over."""
        for watcher in self._watchers:
            watcher()

    async def asked(self, subject: str, question: Mapping[str, Any]) -> dict[str, Any]:
        """JetStream's answer; raises Refused where it is an error."""
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS):
                request = self._client.request(subject, json.dumps(question).encode(), timeout=ANSWER_SECONDS)
                answer: dict[str, Any] = json.loads((await request).data)
        except nats.errors.NoRespondersError:
            raise BrokerAway("nobody answers for JetStream: it is off there, or not for this user") from None
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise BrokerAway(cause_of(error)) from error
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    async def listen(self, heard: Callable[[Msg], Awaitable[None]], broke: Callable[[], None]) -> str:
        """A new inbox, below which everything is heard; `broke` is called when the connection is over."""
        inbox = self._client.new_inbox()
        self._watchers.append(broke)
        await self._sent(self._client.subscribe(f"{inbox}.*", cb=heard))
        return inbox

    async def publish(self, subject: str, body: bytes, reply: str, headers: dict[str, str]) -> None:
        """Send a message on its way."""
        await self._sent(self._client.publish(subject, body, reply, headers))

    async def _sent(self, sending: Awaitable[Any]) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await sending
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise BrokerAway(cause_of(error)) from error


@asynccontextmanager
async def connected(access: Access) -> AsyncIterator[Connection]:
    """A new connection; raises BrokerAway where there is none to be had, Unfit where NATS is too old."""
    client = Client()
    connection = Connection(client)
    causes: list[Exception] = []

    async def told(error: Exception) -> None:
        causes.append(error)
        del causes[:-1]

    try:
        await _connect(client, access, connection, told, causes)
        version = client.connected_server_version
        if (version.major, version.minor) < _OLDEST:
            needed = ".".join(map(str, _OLDEST))
            raise Unfit(f"this NATS is of version {version.major}.{version.minor}; the relay needs {needed} or newer")
        yield connection
    finally:
        with suppress(Exception):  # of a connection that nobody needs any more
            async with asyncio.timeout(_CLOSE_SECONDS):
                await client.close()


async def _connect(
    client: Client,
    access: Access,
    connection: Connection,
    told: Callable[[Exception], Awaitable[None]],
    causes: list[Exception],
) -> None:
    file = access.credentials_file
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            await client.connect(
                list(access.urls),
                name="returns-relay",
                error_cb=told,
                closed_cb=connection.closed,
                allow_reconnect=False,
                # Each server of the pool is tried, and then tried again at most once.
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                ping_interval=_PING_SECONDS,
                user_jwt_cb=jwt_of(file) if file else None,
                signature_cb=signer_of(file) if file else None,
                user=access.user,
                password=access.password,
                token=access.token,
                tls=access.tls,
            )
    except Exception as error:
        # Whatever it is: files that cannot be read, names that are not found, a NATS that does not know this user.
        raise BrokerAway(cause_of(causes[-1] if causes else error)) from error


def cause_of(error: BaseException) -> str:
    """What went wrong, short, for a log."""
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text and text[0] else type(error).__name__
