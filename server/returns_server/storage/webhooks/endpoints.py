"""Endpoints for callers: commands run in a transaction each, and everything that can be asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from returns_server.application.listing import MAX_PAGE_BYTES, Position
from returns_server.application.request import Request
from returns_server.application.webhooks.books import EndpointBook, EndpointCommand, Needs, SecretShown
from returns_server.application.webhooks.endpoints import EndpointId, Secret, Statistics
from returns_server.application.webhooks.ports import Answered, Page
from returns_server.domain.errors import Overloaded, RequestIdReused, StorageUnavailable
from returns_server.domain.ids import Micros, TenantId
from returns_server.filtering.tree import EVERYTHING, Expression
from returns_server.storage import tables
from returns_server.storage.database import Database
from returns_server.storage.documents.webhooks import (
    delivery_message,
    encode_outcome,
    endpoint_message,
    job_message,
)
from returns_server.storage.failures import Conflicting, TooBusy, TooSlow, Unavailable
from returns_server.storage.rows import ANSWER_KEY
from returns_server.storage.session import Row, Session, WriteSession
from returns_server.storage.webhooks import statements
from returns_server.storage.webhooks.delivery_pages import delivery_rows
from returns_server.storage.webhooks.loading import attempts_of, hold_counts, load, statistics, with_losses
from returns_server.storage.webhooks.retrying import committed
from returns_server.storage.webhooks.rows import (
    SECRET_COLUMNS,
    attempt_of,
    delivery_of,
    endpoint_of,
    job_of,
    secret_of,
)
from returns_server.storage.webhooks.saving import save
from returns_server.storage.webhooks.tables import webhook_secrets

T = TypeVar("T")

_ANSWER_COLUMNS = ("request_hash", "document", "endpoint_id", "secret_id")
_SECRET_KEY = ("tenant", "endpoint_id", "secret_id")
_TOO_SLOW = "the search takes too long: narrow the filter by event_sequence, or leave it out and page"


class StoredEndpoints:
    """The port EndpointStore over a database."""

    def __init__(self, database: Database, clock: Callable[[], Micros], answers_kept: Micros) -> None:
        """Takes an open database, which the caller closes, the time, and how long answers are remembered."""
        self._database = database
        self._clock = clock
        self._answers_kept = answers_kept

    async def said(self, request: Request, tenant: TenantId) -> Answered | None:
        """What the same request was answered before; raises RequestIdReused where it was another one."""
        if not request.given or request.validate_only:
            return None
        return await self._read(lambda session: _said(session, tenant, request))

    async def run(self, command: EndpointCommand) -> Answered:
        """Decide the command and save what it changed, with its answer, in one transaction."""
        now = self._clock()
        expire = Micros(now + self._answers_kept)
        endpoint_id, counted = command.needs.endpoint_id, Statistics()
        if endpoint_id is not None:
            # Counted beforehand: a long backlog must not hold up the transaction.
            counted = await self._read(lambda session: statistics(session, command.tenant, endpoint_id))
        return await committed(self._database, lambda session: _run(session, command, counted, now, expire))

    async def look(self, tenant: TenantId, needs: Needs) -> EndpointBook:
        """What a command would decide on, without any lock."""
        return await self._read(lambda session: load(session, tenant, needs))

    async def find(self, tenant: TenantId, endpoint_id: EndpointId) -> bytes | None:
        """The endpoint as an encoded message, or None."""

        async def query(session: Session) -> bytes | None:
            key = {"tenant": tenant, "endpoint_id": endpoint_id}
            rows = await session.fetch(statements.find_endpoint(session.dialect), key)
            return (await _endpoint(session, tenant, rows[0])) if rows else None

        return await self._read(query)

    async def list_endpoints(self, tenant: TenantId, after: Position | None, limit: int) -> Page:
        """A page of endpoints, the newest first."""

        async def query(session: Session) -> Page:
            values = {"tenant": tenant, "limit": limit + 1, **_after(after)}
            rows = await session.fetch(statements.list_endpoints(session.dialect, after is not None), values)
            documents = [await _endpoint(session, tenant, row) for row in rows[:limit]]
            ends = [(endpoint_of(row).create_time, row[1]) for row in rows]
            return _page(documents, ends)

        return await self._read(query)

    async def list_deliveries(
        self, tenant: TenantId, endpoint_id: EndpointId, where: Expression, after: Position | None, limit: int
    ) -> Page | None:
        """A page of deliveries with all attempts, the latest event first, ending early at 2 MiB; None: no endpoint."""

        async def query(session: Session) -> Page | None:
            key: dict[str, Any] = {"tenant": tenant, "endpoint_id": endpoint_id}
            if not await session.fetch(statements.find_endpoint(session.dialect), key):
                return None
            rows = await delivery_rows(session, key, where, after, limit + 1)
            attempts = await attempts_of(session, [row[:3] for row in rows[:limit]]) if rows else {}
            documents = [
                delivery_message(
                    delivery_of(row), [attempt_of(one) for one in attempts.get(row[:3], [])]
                ).SerializeToString()
                for row in rows[:limit]
            ]
            return _page(documents, [(row[2],) for row in rows])

        return await self._read(query, search=None if where == EVERYTHING else tenant)

    async def find_job(self, tenant: TenantId, endpoint_id: EndpointId, job_id: str) -> bytes | None:
        """The redelivery job as an encoded message, or None."""
        book = await self.look(tenant, Needs(endpoint_id, job_id=job_id))
        return None if book.job is None else job_message(tenant, book.job).SerializeToString()

    async def list_jobs(
        self, tenant: TenantId, endpoint_id: EndpointId, after: Position | None, limit: int
    ) -> Page | None:
        """A page of redelivery jobs, the newest first; None: no endpoint."""

        async def query(session: Session) -> Page | None:
            key: dict[str, Any] = {"tenant": tenant, "endpoint_id": endpoint_id}
            if not await session.fetch(statements.find_endpoint(session.dialect), key):
                return None
            values = {**key, "limit": limit + 1, **_after(after)}
            rows = await session.fetch(statements.list_jobs(session.dialect, after is not None), values)
            jobs = [job_of(row) for row in rows]
            documents = [job_message(tenant, job).SerializeToString() for job in jobs[:limit]]
            return _page(documents, [(job.job_id,) for job in jobs])

        return await self._read(query)

    async def _read(self, query: Callable[[Session], Awaitable[T]], *, search: TenantId | None = None) -> T:
        try:
            return await self._database.read(query, heavy=True, search=search)
        except TooSlow as error:
            raise Overloaded(_TOO_SLOW, "filter") from error
        except TooBusy as error:
            raise Overloaded("too many searches are waiting; try again later, or narrow the filter") from error
        except (Unavailable, Conflicting) as error:
            raise StorageUnavailable from error


async def _run(
    session: WriteSession, command: EndpointCommand, counted: Statistics, now: Micros, expire: Micros
) -> Answered:
    tenant, request = command.tenant, command.request
    if command.needs.counted is not None:
        # Before the look for an answer: who repeats a call that is just being done waits for it.
        await hold_counts(session, tenant)
    if not request.validate_only:
        # Also for ids that we minted: an earlier run may have been committed unnoticed.
        said = await _said(session, tenant, request)
        if said is not None:
            return said
    book = await load(session, tenant, command.needs, write=session)
    book.statistics = counted
    outcome = command.decide(book, now)
    document = encode_outcome(tenant, outcome)
    endpoint_id, secret = command.needs.endpoint_id, None
    if isinstance(outcome, SecretShown):
        endpoint_id, secret = outcome.endpoint.endpoint_id, outcome.secret
    if not request.validate_only:
        if endpoint_id is not None:
            save(session, tenant, endpoint_id, book, now)
        key = (tenant, request.key.issuer, request.key.subject, request.key.request_id)
        shown = (endpoint_id, secret.secret_id) if secret else (None, None)
        insert = session.dialect.insert(tables.idempotency_keys, (*ANSWER_KEY, *_ANSWER_COLUMNS, "expire_time"))
        session.later(insert([(*key, request.request_hash, document or None, *shown, expire)]))
    return Answered(document, secret, endpoint_id)


async def _said(session: Session, tenant: TenantId, request: Request) -> Answered | None:
    key = (tenant, request.key.issuer, request.key.subject, request.key.request_id)
    select = session.dialect.select(tables.idempotency_keys, ANSWER_KEY, _ANSWER_COLUMNS)([key])
    rows = await session.fetch(select.statement, select.parameters)
    if not rows:
        return None
    request_hash, document, endpoint_id, secret_id = rows[0]
    if bytes(request_hash) != request.request_hash:
        raise RequestIdReused
    secret = await _secret(session, tenant, endpoint_id, secret_id) if secret_id is not None else None
    return Answered(bytes(document or b""), secret, endpoint_id)


async def _secret(session: Session, tenant: TenantId, endpoint_id: EndpointId, secret_id: str) -> Secret | None:
    """The secret that an answer showed; None once its endpoint is deleted."""
    select = session.dialect.select(webhook_secrets, _SECRET_KEY, SECRET_COLUMNS)([(tenant, endpoint_id, secret_id)])
    rows = await session.fetch(select.statement, select.parameters)
    return secret_of(rows[0]) if rows else None


async def _endpoint(session: Session, tenant: TenantId, row: Row) -> bytes:
    endpoint = await with_losses(session, tenant, endpoint_of(row))
    counted = await statistics(session, tenant, endpoint.endpoint_id)
    return endpoint_message(tenant, endpoint, counted).SerializeToString()


def _after(after: Position | None) -> dict[str, Any]:
    return {} if after is None else {f"after{i}": value for i, value in enumerate(after.values)}


def _page(documents: list[bytes], ends: list[Row]) -> Page:
    """The documents that fit a page, but at least one; `ends` has the place of each row, one more than the page."""
    size = 0
    for count, document in enumerate(documents):
        size += len(document)
        if count and size > MAX_PAGE_BYTES:
            return Page(documents[:count], Position(ends[count - 1]))
    more = len(ends) > len(documents)
    return Page(documents, Position(ends[len(documents) - 1]) if more else None)
