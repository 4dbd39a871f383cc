"""Seals what is stored of webhooks' secrets with the newest key, so that an older one can go.

One endpoint a transaction, under its lock, as a change by its owner: servers go on beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from returns_server.application.webhooks.commands import endpoint_name, secret_place
from returns_server.application.webhooks.drafts import header_place
from returns_server.application.webhooks.endpoints import EndpointId, Header
from returns_server.application.webhooks.sealing import Sealing
from returns_server.domain.ids import TenantId
from returns_server.storage.database import Database
from returns_server.storage.dialects import Dialect, Lock
from returns_server.storage.documents.webhooks import decode_settings, encode_settings
from returns_server.storage.session import Row, Session, WriteSession
from returns_server.storage.statements import built_once
from returns_server.storage.webhooks.retrying import committed
from returns_server.storage.webhooks.rows import ENDPOINT_KEY, SECRET_COLUMNS, secret_of
from returns_server.storage.webhooks.tables import webhook_endpoints, webhook_secrets

_AT_ONCE = 200
_SECRET_KEY = (*ENDPOINT_KEY, "secret_id")


@dataclass(frozen=True, slots=True)
class Resealed:
    """Signing secrets and values of headers: sealed anew, sealed with the newest key before, opened by none.

    `unopened` has the endpoints of the last, by name, once for each value.
    """

    anew: int = 0
    before: int = 0
    unopened: tuple[str, ...] = ()

    def __add__(self, other: Resealed) -> Resealed:
        """Both together."""
        return Resealed(self.anew + other.anew, self.before + other.before, self.unopened + other.unopened)


async def reseal(database: Database, sealing: Sealing) -> Resealed:
    """Seal everything anew that is not sealed with the newest key; raises Conflict, StorageUnavailable.

    What was done stays done; run again, it goes on. What no key opens is left as it is.
    """
    total, after = Resealed(), ("", "")
    while True:
        rows = await _endpoints_behind(database, after)
        for tenant, endpoint_id in rows:
            total += await _resealed(database, sealing, TenantId(tenant), EndpointId(endpoint_id))
        if not rows:
            return total
        after = (rows[-1][0], rows[-1][1])


async def _endpoints_behind(database: Database, after: tuple[str, str]) -> list[Row]:
    async def query(session: Session) -> list[Row]:
        values = {"tenant": after[0], "endpoint_id": after[1], "limit": _AT_ONCE}
        return await session.fetch(_endpoints(session.dialect), values)

    return await database.read(query, heavy=True)


async def _resealed(database: Database, sealing: Sealing, tenant: TenantId, endpoint_id: EndpointId) -> Resealed:
    key = (tenant, endpoint_id)

    def anew(sealed: bytes, place: str) -> tuple[bytes | None, Resealed]:
        """The content of what has to be sealed anew, None of what has not or cannot; and how it counts."""
        if sealing.is_newest(sealed):
            return None, Resealed(before=1)
        content = sealing.open(sealed, place)
        return content, Resealed(unopened=(endpoint_name(*key),)) if content is None else Resealed(anew=1)

    async def job(session: WriteSession) -> Resealed:
        dialect, counted = session.dialect, Resealed()
        select = dialect.select(webhook_endpoints, ENDPOINT_KEY, ("document", "headers", "delete_time"), Lock.WAIT)
        [endpoints] = await session.run([select([key])])
        [secrets] = await session.run([dialect.select(webhook_secrets, ENDPOINT_KEY, SECRET_COLUMNS)([key])])
        for secret in map(secret_of, secrets):
            place = secret_place(tenant, endpoint_id, secret.secret_id)
            content, count = anew(secret.sealed, place)
            counted += count
            if content is not None:
                sealed = (*key, secret.secret_id, sealing.seal(content, place))
                session.later(dialect.update(webhook_secrets, _SECRET_KEY, ("sealed",))([sealed]))
        for document, values, delete_time in endpoints:
            if delete_time is not None:  # meanwhile: it has nothing to say any more
                continue
            settings, headers = decode_settings(bytes(document), bytes(values)), list[Header]()
            for header in settings.headers:
                place = header_place(tenant, endpoint_id, header.name)
                content, count = anew(header.sealed, place)
                counted += count
                if content is not None:
                    header = Header(header.name, sealing.seal(content, place), sealing.mark(content, place))  # noqa: PLW2901
                headers.append(header)
            if any(now is not before for now, before in zip(headers, settings.headers, strict=True)):
                row = (*key, encode_settings(replace(settings, headers=tuple(headers)))[1])
                session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, ("headers",))([row]))
        return counted

    return await committed(database, job)


@built_once
def _endpoints(dialect: Dialect) -> str:
    sql = (
        "SELECT tenant, endpoint_id FROM webhook_endpoints WHERE (tenant, endpoint_id) > (:tenant, :endpoint_id)"
        " AND delete_time IS NULL ORDER BY tenant, endpoint_id LIMIT :limit"
    )
    return dialect.prepare(sa.text(sql))
