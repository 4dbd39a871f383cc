"""Posts messages: no redirects, no proxies, no decoding; whatever a receiver does costs bounded time and memory."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

import anyio
import httpcore
import structlog

from returns_server.application.webhooks.deliveries import Attempt
from returns_server.application.webhooks.ports import TOTAL_SECONDS, Message
from returns_server.domain.ids import SECOND, Micros
from returns_server.webhooks.egress.pools import Pools
from returns_server.webhooks.egress.targets import Guard, Refused
from returns_server.webhooks.signing import signed

_log = structlog.get_logger(__name__)

CONNECT_SECONDS = 5.0
BODY_SECONDS = 2.0
"""What a receiver says after its status is only for people to read: nobody waits longer for it."""
MAX_ANSWER_BYTES = 16 * 1024
KEPT_ANSWER_BYTES = 1024
_USER_AGENT = "returns-service-webhooks/1"
_URLS = 1_024
_MAX_SECONDS_ASKED = 7 * 86_400


class HttpPost:
    """The one HTTP client of the bridge; see the port `Post`."""

    def __init__(self, guard: Guard, clock: Callable[[], Micros], tls: ssl.SSLContext) -> None:
        """Takes the guard, the clock that stamps messages, and whose certificates are trusted."""
        # The form of a URL is judged once; where its name leads, at every connection.
        self._parsed = lru_cache(maxsize=_URLS)(guard.parsed)
        self._clock = clock
        self._pools = Pools(guard, tls)

    async def close(self) -> None:
        """Close all connections."""
        await self._pools.close()

    async def post(self, message: Message, *, total_seconds: float = TOTAL_SECONDS) -> Attempt:
        """What came of posting a message once; never raises for anything that a receiver or the network does."""
        began, start = self._clock(), time.perf_counter()

        def latency() -> Micros:
            return Micros(round((time.perf_counter() - start) * SECOND))

        try:
            async with asyncio.timeout(total_seconds):
                status, answer, retry_after = await self._posted(message, began)
        except Refused as refused:
            _log.warning("a message was refused", message_id=message.message_id, detail=refused.detail)
            return Attempt(began, latency(), error="refused", refused=True)
        except TimeoutError:
            return Attempt(began, latency(), error="timeout")
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            return Attempt(began, latency(), error=_named(error))
        except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream) as error:
            return Attempt(began, latency(), error=_named(error))
        return Attempt(began, latency(), status, answer, retry_after=retry_after)

    async def _posted(self, message: Message, now: Micros) -> tuple[int, bytes, Micros | None]:
        url = self._parsed(message.url).url
        timeouts = {"connect": CONNECT_SECONDS, "read": TOTAL_SECONDS, "write": TOTAL_SECONDS}
        headers = _headers(message, now)
        async with self._pools.posted(url, headers, message.body, timeouts) as response:
            answer = await _begin_of(response)
            return response.status, answer[:KEPT_ANSWER_BYTES], _retry_after(response, now)


def _headers(message: Message, now: Micros) -> list[tuple[str, str]]:
    own = {
        "content-type": message.content_type,
        "content-length": str(len(message.body)),
        "user-agent": _USER_AGENT,
        **signed(message.message_id, now // SECOND, message.body, message.secrets),
    }
    if message.span or message.trace_parent:
        own["traceparent"] = message.span or _child(message.trace_parent)
    return [*message.headers, *own.items()]


def _child(trace_parent: str) -> str:
    """The W3C `traceparent` of an attempt: a span of its own in the trace of the change."""
    version, trace_id, _, flags = trace_parent.split("-", 3)
    return f"{version}-{trace_id}-{secrets.token_hex(8)}-{flags[:2]}"


async def _begin_of(response: httpcore.Response) -> bytes:
    """The first bytes of an answer, as many as come in time; what is wrong with the rest is nobody's trouble."""
    answer = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in response.aiter_stream():
                answer += chunk[: MAX_ANSWER_BYTES - len(answer)]
                if len(answer) >= MAX_ANSWER_BYTES:
                    break
    except (TimeoutError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    return bytes(answer)


def _retry_after(response: httpcore.Response, now: Micros) -> Micros | None:
    """How long the receiver asks to be left alone: seconds, or a date."""
    values = [value for name, value in response.headers if name.lower() == b"retry-after"]
    if len(values) != 1:
        return None
    text = values[0].decode("latin-1").strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return Micros(min(int(text), _MAX_SECONDS_ASKED) * SECOND)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now / SECOND
    return Micros(round(min(max(seconds, 0.0), _MAX_SECONDS_ASKED) * SECOND))


def _named(error: Exception) -> str:
    """What went wrong in a word or two, without anything that the other side wrote."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "tls: the certificate is not trusted"
        if isinstance(cause, ssl.SSLError):
            return "tls"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        cause = cause.__cause__ or cause.__context__
    names: tuple[tuple[type[Exception], str], ...] = (
        (httpcore.ConnectTimeout, "connect timeout"),
        (httpcore.TimeoutException, "timeout"),
        (httpcore.ConnectError, "connection failed"),
        (httpcore.ProtocolError, "no valid http"),
    )
    return next((name for kind, name in names if isinstance(error, kind)), "connection lost")
