"""Saves what a command changed in the book of an endpoint."""

from __future__ import annotations

from returns_server.application.webhooks.books import EndpointBook
from returns_server.application.webhooks.endpoints import EndpointId, EndpointState, Ordering
from returns_server.domain.ids import Micros, TenantId
from returns_server.storage.dialects import Query
from returns_server.storage.session import WriteSession
from returns_server.storage.webhooks import statements
from returns_server.storage.webhooks.rows import (
    DELIVERY_KEY,
    ENDPOINT_COLUMNS,
    ENDPOINT_KEY,
    ENDPOINT_VALUES,
    JOB_COLUMNS,
    JOB_KEY,
    JOB_VALUES,
    PROGRESS_COLUMNS,
    SECRET_COLUMNS,
    endpoint_row,
    job_row,
    progress_row,
    secret_row,
)
from returns_server.storage.webhooks.tables import webhook_deliveries, webhook_endpoints, webhook_jobs, webhook_secrets


def save(session: WriteSession, tenant: TenantId, endpoint_id: EndpointId, book: EndpointBook, now: Micros) -> None:
    """Queue all changes; they travel with the commit."""
    if book.deleted:
        _delete(session, tenant, endpoint_id, now)
        return
    _save_endpoint(session, tenant, book)
    _save_secrets(session, tenant, endpoint_id, book)
    dialect = session.dialect
    if book.put_delivery is not None:
        update = dialect.update(webhook_deliveries, DELIVERY_KEY, PROGRESS_COLUMNS)
        session.later(update([progress_row(book.put_delivery)]))
    if book.put_job is not None:
        row = job_row(tenant, book.put_job)
        insert, update = dialect.insert(webhook_jobs, JOB_COLUMNS), dialect.update(webhook_jobs, JOB_KEY, JOB_VALUES)
        session.later((insert if book.job is None else update)([row]))
    values = {"tenant": tenant, "endpoint_id": endpoint_id, "now": now}
    if book.dropped_before is not None:
        session.later(Query(statements.drop(dialect), values | {"before": book.dropped_before}))
        session.later(Query(statements.free(dialect), values))
    if book.resumed:
        session.later(Query(statements.resume(dialect), values))
    if book.reordered is not None:
        per_return = book.reordered is Ordering.PER_RETURN
        session.later(Query((statements.hold_back if per_return else statements.free_all)(dialect), values))


def _save_endpoint(session: WriteSession, tenant: TenantId, book: EndpointBook) -> None:
    if book.put is None:
        return
    row = endpoint_row(tenant, book.put)
    if book.endpoint is None:
        session.later(session.dialect.insert(webhook_endpoints, ENDPOINT_COLUMNS)([row]))
    else:
        session.later(session.dialect.update(webhook_endpoints, ENDPOINT_KEY, ENDPOINT_VALUES)([row]))


def _save_secrets(session: WriteSession, tenant: TenantId, endpoint_id: EndpointId, book: EndpointBook) -> None:
    dialect = session.dialect
    if book.replaced:
        key = (*ENDPOINT_KEY, "secret_id")
        rows = [(tenant, endpoint_id, secret.secret_id, secret.sign_until) for secret in book.replaced]
        session.later(dialect.update(webhook_secrets, key, ("sign_until",))(rows))
    if book.new_secret is not None:
        row = secret_row(tenant, endpoint_id, book.new_secret)
        session.later(dialect.insert(webhook_secrets, SECRET_COLUMNS)([row]))


def _delete(session: WriteSession, tenant: TenantId, endpoint_id: EndpointId, now: Micros) -> None:
    """Out of sight, and without its secrets; what it leaves is tidied away in small steps."""
    dialect = session.dialect
    gone = (tenant, endpoint_id, b"", b"{}", int(EndpointState.DISABLED), now)
    columns = ("document", "headers", "state", "delete_time")
    session.later(dialect.update(webhook_endpoints, ENDPOINT_KEY, columns)([gone]))
    session.later(dialect.delete(webhook_secrets, ENDPOINT_KEY)([(tenant, endpoint_id)]))
