"""What the bridge works on: fan-out, claims and results, jobs, tidying; one transaction each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from returns_server.application.webhooks.endpoints import Endpoint
from returns_server.application.webhooks.ports import (
    Advance,
    Backlog,
    Candidate,
    Claimed,
    Followers,
    Judge,
    Result,
    Settled,
)
from returns_server.domain.errors import StorageUnavailable
from returns_server.domain.ids import Micros, TenantId
from returns_server.storage.database import Database
from returns_server.storage.failures import Conflicting, Unavailable
from returns_server.storage.session import Session, WriteSession
from returns_server.storage.webhooks import fan_out, jobs, statements, tidying
from returns_server.storage.webhooks.claiming import claim, limits, rehearse_claim
from returns_server.storage.webhooks.retrying import committed
from returns_server.storage.webhooks.settling import rehearse_settle, settle

T = TypeVar("T")


class StoredBridge:
    """The port BridgeStore over a database; every method raises StorageUnavailable where it fails."""

    def __init__(self, database: Database, judge: Judge) -> None:
        """Takes an open database, which the caller closes, and who decides what an attempt leads to."""
        self._database = database
        self._judge = judge

    async def followed(self) -> frozenset[TenantId]:
        """The tenants that have an enabled endpoint."""
        return await self._read(fan_out.followed)

    async def followers(
        self, tenants: frozenset[TenantId] | None, now: Micros, limit: int, needs_document: Callable[[Endpoint], bool]
    ) -> Sequence[Followers]:
        """Enabled endpoints whose log has grown past their cursor, with up to `limit` events for each place."""
        return await self._read(lambda session: fan_out.followers(session, tenants, now, limit, needs_document))

    async def advance(self, moves: Sequence[Advance], now: Micros) -> int:
        """In one transaction, insert the deliveries and move the cursors; how many deliveries there were."""
        return await committed(self._database, lambda session: fan_out.advance(session, moves, now))

    async def settle(self, results: Sequence[Result], now: Micros) -> Settled:
        """In one transaction, write results under their fences."""
        return await committed(self._database, lambda session: settle(session, results, self._judge, now))

    async def claim(self, now: Micros, lease_until: Micros, slots: int) -> Sequence[Claimed]:
        """In one transaction, claim up to `slots` deliveries that are due."""

        async def anything(session: Session) -> bool:
            return bool(await session.fetch(statements.anything_due(session.dialect), {"now": now, **limits()}))

        if self._database.lanes == 1 and not await self._read(anything):
            return []  # nobody's write waits for a look at nothing
        return await committed(self._database, lambda session: claim(session, now, lease_until, slots))

    async def warm(self, now: Micros) -> None:
        """Connect and prepare: what the first results would else wait for, and a kill would make come twice."""

        async def job(session: WriteSession) -> None:
            await fan_out.rehearse(session)
            await rehearse_claim(session, now)
            await rehearse_settle(session)

        await committed(self._database, job)

    async def reclaim(self, now: Micros) -> int:
        """Make every leased delivery due at once: for a bridge that knows that it is the only one."""

        async def job(session: WriteSession) -> int:
            return await session.execute(statements.reclaim(session.dialect), {"now": now})

        return await committed(self._database, job)

    async def jobs(self, limit: int) -> Sequence[tuple[TenantId, str, str]]:
        """Redelivery jobs at work: tenant, endpoint and job."""

        async def query(session: Session) -> list[tuple[TenantId, str, str]]:
            rows = await session.fetch(statements.running_jobs(session.dialect), {"limit": limit})
            return [(row[0], row[1], row[2]) for row in rows]

        return await self._read(query)

    async def work(
        self,
        job: tuple[TenantId, str, str],
        now: Micros,
        limit: int,
        wanted: Callable[[TenantId, Endpoint, Candidate], bool],
    ) -> bool:
        """Requeue the next events of a job; whether there may be more to do."""
        step = await self._read(lambda session: jobs.next_step(session, job, limit, wanted))
        if step is None:
            return False
        await committed(self._database, lambda session: jobs.take(session, job, step, now))
        return not step.last

    async def tidy(self, before: Micros, answers_before: Micros, limit: int) -> int:
        """Delete what ended before a time, secrets that nobody asks for any more, and what deleted endpoints left."""
        found = await self._read(lambda session: tidying.found(session, before, answers_before, limit))
        if not found:
            return 0
        return await committed(self._database, lambda session: tidying.remove(session, found))

    async def backlog(self) -> Backlog:
        """What waits."""

        async def query(session: Session) -> Backlog:
            [(pending, oldest)] = await session.fetch(statements.backlog(session.dialect))
            [(off,)] = await session.fetch(statements.turned_off(session.dialect))
            return Backlog(int(pending), oldest, int(off))

        return await self._read(query)

    async def _read(self, query: Callable[[Session], Awaitable[T]]) -> T:
        try:
            return await self._database.read(query, heavy=True)
        except (Unavailable, Conflicting) as error:
            raise StorageUnavailable from error
