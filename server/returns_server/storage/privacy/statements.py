"""How what tells of a person is found: at once where an index knows, and behind that by looking at everything.

Addresses stand in documents under no index. A text field of an encoded message is its length and its bytes: the
database looks for these, and what it finds is then read properly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from returns_server.application.privacy import Place, Stage
from returns_server.domain.ids import TenantId
from returns_server.domain.people import Person
from returns_server.domain.returns import UserType
from returns_server.storage.dialects import Dialect
from returns_server.storage.session import Row, Session
from returns_server.storage.statements import built_once

WALKED = 5_000
"""Rows that one step looks at, at most: some milliseconds, and a fraction of a second where documents are large."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A table that tells of people: its key below the tenant, columns by index, other columns, and its documents."""

    table: str
    key: tuple[str, ...]
    indexed: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    documents: bool = False


_OWNERS = (("customer_id", "customer"), ("guest_email", "email"))
_SOURCES = {
    Stage.ORDERS: _Source("orders", ("order_id",), _OWNERS),
    Stage.RETURNS: _Source(
        "returns",
        ("return_id",),
        _OWNERS,
        (("requestor_email", "email"), ("submitter_email", "email")),
    ),
    Stage.EVENTS: _Source("events", ("sequence",), _OWNERS, documents=True),
    Stage.ANSWERS: _Source(
        "idempotency_keys", ("issuer", "subject", "request_id"), (), (("subject", "customer"),), documents=True
    ),
}
_SUBMITTED = f"submitter_type = {int(UserType.CUSTOMER)} AND submitter_subject <> '' AND submitter_subject = :customer"


async def indexed(session: Session, tenant: TenantId, person: Person, stage: Stage, limit: int) -> list[Row]:
    """Keys of what the indexes of a stage's table find."""
    if not _SOURCES[stage].indexed:
        return []
    return await session.fetch(_indexed(session.dialect, stage), {**_values(tenant, person), "limit": limit})


async def walked(
    session: Session, tenant: TenantId, person: Person, place: Place, limit: int
) -> tuple[list[Row], tuple[int | str, ...] | None]:
    """Keys of what tells of a person behind a place, and up to where was looked, None at the end of the table."""
    dialect, stage = session.dialect, place.stage
    after = {f"after{i}": part for i, part in enumerate(place.key)}
    ends = await session.fetch(_end(dialect, stage, bool(after)), {"tenant": tenant, **after, "walked": WALKED - 1})
    until = {f"until{i}": part for i, part in enumerate(ends[0])} if ends else {}
    values = {**_values(tenant, person), **after, **until, "limit": limit}
    variant = _Variant(stage, bool(after), bool(until), bool(person.customer_id), bool(person.email))
    rows = await session.fetch(_matching(dialect, variant), values)
    if len(rows) == limit:
        return rows, tuple(rows[-1])
    return rows, tuple(ends[0]) if ends else None


def _values(tenant: TenantId, person: Person) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "customer": person.customer_id,
        "email": person.email,
        "customer_field": _field(person.customer_id),
        "email_field": _field(person.email),
    }


def _field(text: str) -> bytes:
    """A text as it stands in an encoded message, without its tag."""
    content, length, size = text.encode(), bytearray(), len(text.encode())
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*length, size]) + content


@dataclass(frozen=True, slots=True)
class _Variant:
    stage: Stage
    after: bool
    until: bool
    customer: bool
    email: bool


@built_once
def _indexed(dialect: Dialect, stage: Stage) -> str:
    source = _SOURCES[stage]
    selects = [
        f"SELECT {', '.join(source.key)} FROM {source.table}"  # noqa: S608  (our own names)
        f" WHERE tenant = :tenant AND {column} <> '' AND {column} = :{parameter}"
        for column, parameter in source.indexed
    ]
    return dialect.prepare(sa.text(" UNION ALL ".join(selects) + " LIMIT :limit"))


@built_once
def _end(dialect: Dialect, stage: Stage, after: bool) -> str:
    """The key so many rows further on."""
    source = _SOURCES[stage]
    key = ", ".join(source.key)
    behind = f" AND ({key}) > ({_marks(source, 'after')})" if after else ""
    sql = f"SELECT {key} FROM {source.table} WHERE tenant = :tenant{behind} ORDER BY {key} LIMIT 1 OFFSET :walked"  # noqa: S608
    return dialect.prepare(sa.text(sql))


@built_once
def _matching(dialect: Dialect, variant: _Variant) -> str:
    source = _SOURCES[variant.stage]
    key = ", ".join(source.key)
    bounds = f" AND ({key}) > ({_marks(source, 'after')})" if variant.after else ""
    bounds += f" AND ({key}) <= ({_marks(source, 'until')})" if variant.until else ""
    told = [f"{column} <> '' AND {column} = :{parameter}" for column, parameter in (*source.indexed, *source.columns)]
    if variant.stage is Stage.RETURNS:
        told.append(_SUBMITTED)
    if source.documents:
        # A document may be null: of an answer that is an event.
        given = {"customer_field": variant.customer, "email_field": variant.email}
        told += [dialect.contains_bytes("document", name) for name, is_given in given.items() if is_given]
    sql = f"SELECT {key} FROM {source.table} WHERE tenant = :tenant{bounds} AND ({' OR '.join(told)})"  # noqa: S608
    return dialect.prepare(sa.text(f"{sql} ORDER BY {key} LIMIT :limit"))


def _marks(source: _Source, name: str) -> str:
    return ", ".join(f":{name}{i}" for i in range(len(source.key)))
