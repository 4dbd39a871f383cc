"""What runs beside the calls: the policy, leases of periodic jobs, and answers that nobody will ask for again."""

from __future__ import annotations

import sqlalchemy as sa

from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.policy import Policy
from returns_server.storage import tables
from returns_server.storage.dialects import Dialect
from returns_server.storage.documents.policy import decode_policy, encode_policy
from returns_server.storage.reads.paging import first
from returns_server.storage.session import Session, WriteSession
from returns_server.storage.statements import built_once


async def policy(session: Session, tenant: TenantId) -> Policy:
    """The tenant's policy, or the default one."""
    document = await _stored_policy(session, tenant)
    return Policy() if document is None else decode_policy(document)


async def policy_document(session: Session, tenant: TenantId) -> bytes:
    """The tenant's policy, or the default one, as an encoded `ReturnPolicy` message."""
    document = await _stored_policy(session, tenant)
    return encode_policy(tenant, Policy()) if document is None else document


async def acquire(session: WriteSession, name: str, holder: str, now: Micros, until: Micros) -> bool:
    """Take or renew a lease; False while somebody else's has not run out."""
    values = {"name": name, "holder": holder, "now": now, "until": until}
    return await session.execute(_acquire(session.dialect), values) == 1


async def release(session: WriteSession, name: str, holder: str) -> None:
    """Give a lease back, if it is still the holder's."""
    await session.execute(_release(session.dialect), {"name": name, "holder": holder})


async def forget_answers(session: WriteSession, now: Micros, limit: int) -> int:
    """Delete up to `limit` remembered answers whose time is over; how many there were."""
    return await session.execute(_forget(session.dialect), {"now": now, "limit": limit})


async def _stored_policy(session: Session, tenant: TenantId) -> bytes | None:
    rows = await session.fetch(_policy(session.dialect), {"tenant": tenant})
    return rows[0][0] if rows else None


@built_once
def _policy(dialect: Dialect) -> str:
    policies = tables.return_policies.c
    of_tenant = policies.tenant == sa.bindparam("tenant", type_=sa.Text())
    return dialect.prepare(sa.select(policies.document).where(of_tenant))


@built_once
def _acquire(dialect: Dialect) -> str:
    # Core knows no upsert common to both databases; both know this one.
    taken = sa.text(
        "INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
        " WHERE leases.holder = excluded.holder OR leases.until <= :now"
    )
    return dialect.prepare(taken)


@built_once
def _release(dialect: Dialect) -> str:
    leases = tables.leases.c
    held = sa.and_(
        leases.name == sa.bindparam("name", type_=sa.Text()), leases.holder == sa.bindparam("holder", type_=sa.Text())
    )
    return dialect.prepare(sa.delete(tables.leases).where(held))


@built_once
def _forget(dialect: Dialect) -> str:
    answers = tables.idempotency_keys
    key = list(answers.primary_key.columns)
    over = answers.c.expire_time <= sa.bindparam("now", type_=sa.BigInteger())
    oldest = first(sa.select(*key).where(over).order_by(answers.c.expire_time))
    # A selection of its own: a DELETE with its own LIMIT is not everybody's SQL.
    chosen = oldest.subquery()
    return dialect.prepare(sa.delete(answers).where(sa.tuple_(*key).in_(sa.select(chosen))))
