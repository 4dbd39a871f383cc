"""Return numbers: short, unique in a tenant, taken from blocks that a process reserves, so that gaps are normal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from returns_server.domain.ids import TenantId
from returns_server.storage import tables
from returns_server.storage.database import Database
from returns_server.storage.session import WriteSession

_BLOCK = 500


class NumberBlocks:
    """The numbers that this process may give out; what it has not used when it ends is never used."""

    def __init__(self, database: Database) -> None:
        """Takes the database that reserves the blocks."""
        self._database = database
        self._blocks: dict[TenantId, tuple[int, int]] = {}

    async def reserve(self, wanted: Iterable[tuple[TenantId, int]]) -> None:
        """Make sure that each tenant has a log head and so many numbers at hand."""
        short = sorted(
            (tenant, max(count, _BLOCK))
            for tenant, count in wanted
            if tenant not in self._blocks or self._left(tenant) < count
        )
        if not short:
            return

        async def job(session: WriteSession) -> list[tuple[TenantId, int, int]]:
            return [await _reserved(session, tenant, count) for tenant, count in short]

        for tenant, first, end in await self._database.write(job):
            self._blocks[tenant] = (first, end)

    def of(self, tenant: TenantId) -> Iterator[str]:
        """The tenant's next numbers."""
        while self._left(tenant):
            number, end = self._blocks[tenant]
            self._blocks[tenant] = (number + 1, end)
            yield f"R-{number:06d}"

    def _left(self, tenant: TenantId) -> int:
        number, end = self._blocks[tenant]
        return end - number


_heads = tables.event_heads
_NEW_HEAD = sa.text(
    "INSERT INTO event_heads (tenant, last_sequence, next_number) VALUES (:tenant, 0, 1) ON CONFLICT DO NOTHING"
)
_TAKE = (
    sa.update(_heads)
    .where(_heads.c.tenant == sa.bindparam("of_tenant"))
    .values(next_number=_heads.c.next_number + sa.bindparam("count", type_=sa.BigInteger))
    .returning(_heads.c.next_number)
)


async def _reserved(session: WriteSession, tenant: TenantId, count: int) -> tuple[TenantId, int, int]:
    await session.fetch(session.dialect.prepare(_NEW_HEAD), {"tenant": tenant})
    [(end,)] = await session.fetch(session.dialect.prepare(_TAKE), {"of_tenant": tenant, "count": count})
    return tenant, end - count, end
