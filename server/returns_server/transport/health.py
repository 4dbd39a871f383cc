"""The health that probes and load balancers ask for, by the name of a service of the gRPC health protocol.

| name | NOT_SERVING means |
| --- | --- |
| empty, or a service of the contract | the server is being stopped: send calls elsewhere |
| `readiness` | that, or its database has not answered for some seconds |
| `liveness` | never: no answer at all means that the process hangs, and should be started anew |

A server that is being stopped still answers what is under way, and so lives: a liveness probe must not end it. One
without its database says so with every call (STORAGE_UNAVAILABLE), which is more than a balancer without servers
says: clients that watch the empty name stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import grpc.aio
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from returns_server.domain.errors import ReturnsError
from returns_server.ending import ended
from returns_server.transport.probe import LIVENESS, READINESS

_LOOK_SECONDS = 2.0
_FAILURES = 3
"""In a row, before the database counts as gone: a restart of it, or a failover, is over sooner or worth telling."""

_log = structlog.get_logger(__name__)
_SERVING, _NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


class Health:
    """What is told, and the look at the database behind it."""

    def __init__(self, services: Sequence[str], look: Callable[[], Awaitable[object]]) -> None:
        """Takes the services' full names, and a question to the database that raises ReturnsError where it fails."""
        self._names = ("", *services)
        self._look = look
        self._servicer = health.aio.HealthServicer()
        self._looking: asyncio.Task[None] | None = None

    def add_to(self, server: grpc.aio.Server) -> None:
        """Have a server answer for its health."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def serving(self) -> None:
        """The server serves, on a database that was opened."""
        for name in (LIVENESS, READINESS, *self._names):
            await self._servicer.set(name, _SERVING)
        self._looking = asyncio.create_task(self._look_on(), name="readiness")

    async def stopping(self) -> None:
        """The server is being stopped, and lives until it is."""
        if self._looking is not None:
            await ended(self._looking)
        for name in (READINESS, *self._names):
            await self._servicer.set(name, _NOT_SERVING)

    async def _look_on(self) -> None:
        failures = 0
        while True:
            answered = await self._answered()
            if answered and failures >= _FAILURES:
                _log.info("the database answers again")
                await self._servicer.set(READINESS, _SERVING)
            failures = 0 if answered else failures + 1
            if failures == _FAILURES:
                _log.warning("the database does not answer")
                await self._servicer.set(READINESS, _NOT_SERVING)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _answered(self) -> bool:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._look()
        except (ReturnsError, TimeoutError):
            return False
        except Exception:  # noqa: BLE001  (whatever it is, the next look may succeed; this one must not be the last)
            _log.exception("the database could not be asked")
            return False
        return True
