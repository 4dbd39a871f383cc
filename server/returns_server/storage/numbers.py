"""Return numbers: short, unique in a tenant, taken from blocks that a process reserves, so that gaps are normal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
        self._blocks: dict[TenantId, range] = {}

    async def take(self, wanted: Mapping[TenantId, int]) -> dict[TenantId, Iterator[str]]:
        """So many numbers for each tenant, for one transaction alone; makes sure that each tenant has a log head."""
        short = sorted(tenant for tenant, count in wanted.items() if len(self._blocks.get(tenant, ())) < count)
        new = sorted(tenant for tenant in wanted if tenant not in self._blocks)
        if short or new:
            counts = {tenant: max(wanted[tenant], _BLOCK) for tenant in {*short, *new}}
            self._blocks.update(await self._database.write(lambda session: _reserved(session, counts)))
        return {tenant: self._taken(tenant, count) for tenant, count in wanted.items()}

    def _taken(self, tenant: TenantId, count: int) -> Iterator[str]:
        block = self._blocks[tenant]
        self._blocks[tenant] = block[count:]
        return (f"R-{number:06d}" for number in block[:count])


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


async def _reserved(session: WriteSession, counts: Mapping[TenantId, int]) -> dict[TenantId, range]:
    blocks = {}
    for tenant, count in sorted(counts.items()):
        await session.execute(session.dialect.prepare(_NEW_HEAD), {"tenant": tenant})
        [(end,)] = await session.fetch(session.dialect.prepare(_TAKE), {"of_tenant": tenant, "count": count})
        blocks[tenant] = range(end - count, end)
    return blocks
