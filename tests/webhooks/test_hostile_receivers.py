"""Receivers that send without end, drip, lie or break off cost bounded time and memory, and are told apart."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from returns_server.application.webhooks.deliveries import Attempt
from returns_server.application.webhooks.ports import TOTAL_SECONDS, Message
from returns_server.clock import system_clock
from returns_server.webhooks.egress.addresses import Reach
from returns_server.webhooks.egress.posting import BODY_SECONDS, KEPT_ANSWER_BYTES, HttpPost
from returns_server.webhooks.egress.targets import Guard
from returns_server.webhooks.signing import new_secret
from tests.support.proxy import reset_connection
from tests.support.receiver import receiving

Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SHORT_SECONDS = 1.0
"""In place of 15 where it is all that ends an attempt, so that the test is shorter: deliveries have the default."""
PATIENCE_SECONDS = 8.0
"""For a machine that stands still meanwhile; without the bound that is tried it would be 15 s, or for ever."""


@pytest.fixture
async def post() -> AsyncIterator[HttpPost]:
    post = HttpPost(Guard(Reach(loopback=True)), system_clock, ssl.create_default_context())
    yield post
    await post.close()


def message(url: str) -> Message:
    return Message(url, "id-1", "application/json", b'{"type":"x"}', (new_secret(secrets.token_bytes),))


async def _without_end(prefix: bytes, chunk: bytes, writer: asyncio.StreamWriter, pause: float = 0.0) -> None:
    with suppress(ConnectionError):
        writer.write(prefix)
        while True:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(pause)


def sends(prefix: bytes, chunk: bytes = b"", pause: float = 0.0, *, close: bool = False, reset: bool = False) -> Raw:
    async def raw(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Closing before all was read might reset the connection, or not.
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(message("").body))
        if reset:
            reset_connection(writer)
        elif close or not chunk:
            writer.write(prefix)
            with suppress(ConnectionError):
                await writer.drain()
            if not close:
                with suppress(ConnectionError):
                    await reader.read(-1)
        else:
            await _without_end(prefix, chunk, writer, pause)

    return raw


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
CASES: dict[str, tuple[Raw, int, str]] = {
    "gigabytes": (sends(OK + b"content-length: 9999999999\r\n\r\n", b"x" * 65_536), 200, ""),
    "gigabytes in chunks": (sends(CHUNKED, b"10000\r\n" + b"x" * 65_536 + b"\r\n"), 200, ""),
    "a byte now and then": (sends(OK + b"content-length: 100000\r\n\r\n", b"x", 0.05), 200, ""),
    "a header now and then": (sends(OK, b"x-a: b\r\n", 0.05), 0, "timeout"),
    "headers without end": (sends(OK, b"x-a: " + b"b" * 8_000 + b"\r\n"), 0, "no valid http"),
    "one header without end": (sends(OK + b"x-a: ", b"b" * 65_536), 0, "no valid http"),
    "a status line without end": (sends(b"HTTP/1.1 200 ", b"x" * 65_536), 0, "no valid http"),
    "nothing": (sends(b""), 0, "timeout"),
    "nothing, and closes": (sends(b"", close=True), 0, "no valid http"),
    "nothing, and resets": (sends(b"", close=True, reset=True), 0, "connection lost"),
    "less than it said": (sends(OK + b"content-length: 100\r\n\r\nshort", close=True), 200, ""),
    "more than it said": (sends(OK + b"content-length: 2\r\n\r\nmuch more", close=True), 200, ""),
    "a length that is none": (sends(OK + b"content-length: many\r\n\r\n", close=True), 0, "no valid http"),
    "two lengths": (sends(OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\nx", close=True), 0, "no valid http"),
    "a chunk that is none": (sends(CHUNKED + b"zz\r\nabc\r\n", close=True), 200, ""),
    "a chunk of terabytes": (sends(CHUNKED + b"ffffffffff\r\n", b"x" * 65_536), 200, ""),
    "closes in the middle of a header": (sends(OK + b"content-le", close=True), 0, "no valid http"),
    "another protocol": (sends(b"SSH-2.0-OpenSSH_9.6\r\n", close=True), 0, "no valid http"),
    "HTTP/2 at once": (sends(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", close=True), 0, "no valid http"),
    "continue without end": (sends(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001), 0, "timeout"),
    "a switch of protocols": (sends(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"), 0, "no valid http"),
    "a status that is none": (sends(b"HTTP/1.1 999999 X\r\n\r\n", close=True), 0, "no valid http"),
    "a zip bomb": (
        sends(OK + b"content-encoding: gzip\r\ncontent-length: 9999999\r\n\r\n", b"\x1f\x8b" * 32_768),
        200,
        "",
    ),
}


@pytest.mark.parametrize("kind", CASES)
async def test_a_hostile_receiver_costs_little(post: HttpPost, kind: str) -> None:
    raw, status, error = CASES[kind]
    async with receiving() as receiver:
        receiver.raw = raw
        tracemalloc.start()
        began = time.monotonic()
        total = SHORT_SECONDS if error == "timeout" else TOTAL_SECONDS
        attempt: Attempt = await post.post(message(receiver.url), total_seconds=total)
        took = time.monotonic() - began
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (attempt.status, attempt.error) == (status, error)
    assert len(attempt.answer) <= KEPT_ANSWER_BYTES
    bound = SHORT_SECONDS if error == "timeout" else BODY_SECONDS
    assert took < bound + PATIENCE_SECONDS < TOTAL_SECONDS
    # The receiver of this test runs in the same process, with its own buffers.
    assert peak < 4 * 1024 * 1024


async def test_a_connection_is_used_again_and_one_that_a_receiver_spoiled_is_not(post: HttpPost) -> None:
    async with receiving() as receiver:
        for _ in range(5):
            assert (await post.post(message(receiver.url))).arrived
        assert receiver.connections == 1
        receiver.raw = sends(OK + b"content-length: 9999999999\r\n\r\n", b"x" * 65_536)
        # The one that is open still has the manners of before.
        assert (await post.post(message(receiver.url))).arrived


async def test_a_receiver_that_hangs_up_between_two_messages_is_reached_anew(post: HttpPost) -> None:
    async with receiving() as receiver:
        receiver.respond = lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        for _ in range(3):
            assert (await post.post(message(receiver.url))).arrived
        assert receiver.connections == 3


async def test_no_proxy_of_the_environment_is_asked(post: HttpPost, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        fresh = HttpPost(Guard(Reach(loopback=True)), system_clock, ssl.create_default_context())
        assert (await fresh.post(message(receiver.url))).arrived
        await fresh.close()
        assert (proxy.connections, receiver.connections) == (0, 1)
