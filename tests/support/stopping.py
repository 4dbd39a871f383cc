"""Callers of a server that is told to stop under them: every call is done, or told to come back later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
import grpc.aio
from grpc_status import rpc_status

from tests.support.messages import create, new_request_id
from tests.support.service import Client, refusal_of

_NO_WORD = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
"""What a client's own library says where nothing came of the server."""
_TURN_SECONDS = 0.01
_HELD_UP_SECONDS = 0.1
"""Half of what a server waits for calls that were on their way when its last one ended."""


@dataclass
class Callers:
    """What came of their calls. `unanswered` says when those began that got no word of the server's."""

    filed: int = 0
    told: set[tuple[grpc.StatusCode, str]] = field(default_factory=set)
    unanswered: list[float] = field(default_factory=list)
    _asked: float = 0.0
    _stood_still: float = 0.0

    async def file(self, client: Client) -> None:
        """File returns of the order o1 one after the other until one is not done."""
        while True:
            began = time.monotonic()
            try:
                await client.returns.CreateReturn(create(("o1", "1", 1), request_id=new_request_id()), timeout=20)
            except grpc.aio.AioRpcError as error:
                if error.code() in _NO_WORD and rpc_status.from_call(error) is None:  # type: ignore[arg-type]
                    self.unanswered.append(began)
                    return
                refusal = refusal_of(error)
                self.told.add((refusal.code, refusal.reason))
                return
            self.filed += 1

    async def reach(self, count: int) -> None:
        """Wait until so many returns were filed."""
        async with asyncio.timeout(60):
            while self.filed < count:
                await asyncio.sleep(_TURN_SECONDS)

    @asynccontextmanager
    async def stopping(self) -> AsyncIterator[None]:
        """The server is told to stop within this; notes how long this process stood still meanwhile."""
        self._asked = time.monotonic()
        turning = asyncio.create_task(self._turn())
        try:
            yield
        finally:
            turning.cancel()
            await asyncio.gather(turning, return_exceptions=True)

    async def _turn(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(_TURN_SECONDS)
            self._stood_still = max(self._stood_still, time.monotonic() - began - _TURN_SECONDS)

    def check(self) -> None:
        """All were told that the server stops; only who was held up himself may have come when nobody was there."""
        assert self.told or self.unanswered
        assert self.told <= {(grpc.StatusCode.UNAVAILABLE, "DRAINING")}
        assert not self.unanswered or self._stood_still > _HELD_UP_SECONDS, self._stood_still
        assert all(began > self._asked for began in self.unanswered), "a call under way was not answered"
