"""The statements of webhooks that are not by key; each is prepared once a dialect."""

from __future__ import annotations

import sqlalchemy as sa

from returns_server.application.webhooks.deliveries import TABLE, Happening
from returns_server.application.webhooks.endpoints import EndpointState
from returns_server.domain.deliveries import DeliveryState
from returns_server.storage.dialects import Dialect
from returns_server.storage.statements import built_once
from returns_server.storage.webhooks.rows import DELIVERY_COLUMNS, ENDPOINT_COLUMNS, JOB_COLUMNS
from returns_server.storage.webhooks.tables import OPEN_STATES

_ENABLED = int(EndpointState.ENABLED)
_HELD, _PENDING, _LEASED = int(DeliveryState.HELD), int(DeliveryState.PENDING), int(DeliveryState.LEASED)
_COUNTING = 1_920_298_612
"""Tells our advisory locks by tenant from others."""
_OF_ENDPOINT = "d.tenant = :tenant AND d.endpoint_id = :endpoint_id"
_AT_WORK = (
    "j.state = 1 AND EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.tenant = j.tenant"
    " AND e.endpoint_id = j.endpoint_id AND e.delete_time IS NULL)"
)
"""Of jobs: those of deleted endpoints are over, and wait to be tidied away."""
_SAME_RETURN = (
    "e.tenant = d.tenant AND e.endpoint_id = d.endpoint_id AND e.return_id = d.return_id"
    f" AND e.{OPEN_STATES} AND e.sequence <> d.sequence"
)


def from_states(happening: Happening) -> str:
    """The states that a happening leads out of, for a list in SQL."""
    return ", ".join(str(int(state)) for state in sorted(TABLE[happening]))


def _columns(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


@built_once
def head(dialect: Dialect) -> str:
    """The last sequence of a tenant's log."""
    return dialect.prepare(sa.text("SELECT last_sequence FROM event_heads WHERE tenant = :tenant"))


@built_once
def first_event(dialect: Dialect) -> str:
    """The first event of a tenant's log from a sequence on: sequence and time."""
    sql = "SELECT sequence, time FROM events WHERE tenant = :tenant AND sequence >= :sequence ORDER BY sequence LIMIT 1"
    return dialect.prepare(sa.text(sql))


@built_once
def next_events(dialect: Dialect, with_document: bool) -> str:
    """Events after a sequence, with their documents where they are asked for."""
    document = "document" if with_document else "NULL"
    sql = (
        f"SELECT sequence, event_id, type, time, return_id, {document} FROM events"  # noqa: S608
        " WHERE tenant = :tenant AND sequence > :after ORDER BY sequence LIMIT :limit"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def places(dialect: Dialect) -> str:
    """Of each endpoint of a tenant: its cursor, and the first event on its way to it."""
    sql = (
        "SELECT e.cursor, (SELECT min(d.sequence) FROM webhook_deliveries d WHERE d.tenant = e.tenant"  # noqa: S608
        f" AND d.endpoint_id = e.endpoint_id AND d.{OPEN_STATES})"
        " FROM webhook_endpoints e WHERE e.tenant = :tenant AND e.delete_time IS NULL"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def find_endpoint(dialect: Dialect) -> str:
    """An endpoint that was not deleted."""
    sql = (
        f"SELECT {_columns('d', ENDPOINT_COLUMNS)} FROM webhook_endpoints d"  # noqa: S608
        f" WHERE {_OF_ENDPOINT} AND d.delete_time IS NULL"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def list_endpoints(dialect: Dialect, resumed: bool) -> str:
    """Endpoints of a tenant, the newest first."""
    further = " AND (d.create_time, d.endpoint_id) < (:after0, :after1)" if resumed else ""
    sql = (
        f"SELECT {_columns('d', ENDPOINT_COLUMNS)} FROM webhook_endpoints d"  # noqa: S608
        f" WHERE d.tenant = :tenant AND d.delete_time IS NULL{further}"
        " ORDER BY d.create_time DESC, d.endpoint_id DESC LIMIT :limit"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def hold_counts(dialect: Dialect) -> str:
    """Wait until nobody else counts what this tenant has, and keep others from it until the transaction ends."""
    return dialect.prepare(sa.text(f"SELECT pg_advisory_xact_lock({_COUNTING}, hashtext(:tenant))"))


@built_once
def count_endpoints(dialect: Dialect) -> str:
    """How many endpoints a tenant has."""
    sql = "SELECT count(*) FROM webhook_endpoints WHERE tenant = :tenant AND delete_time IS NULL"
    return dialect.prepare(sa.text(sql))


@built_once
def count_jobs(dialect: Dialect) -> str:
    """How many jobs of a tenant are at work."""
    sql = f"SELECT count(*) FROM webhook_jobs j WHERE j.tenant = :tenant AND {_AT_WORK}"  # noqa: S608
    return dialect.prepare(sa.text(sql))


@built_once
def statistics(dialect: Dialect) -> str:
    """How many deliveries of an endpoint are on their way, and when the oldest of their events was."""
    sql = f"SELECT count(*), min(d.event_time) FROM webhook_deliveries d WHERE {_OF_ENDPOINT} AND d.{OPEN_STATES}"  # noqa: S608
    return dialect.prepare(sa.text(sql))


@built_once
def find_delivery(dialect: Dialect) -> str:
    """One delivery."""
    sql = (
        f"SELECT {_columns('d', DELIVERY_COLUMNS)} FROM webhook_deliveries d"  # noqa: S608
        f" WHERE {_OF_ENDPOINT} AND d.sequence = :sequence"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def find_job(dialect: Dialect) -> str:
    """One job."""
    sql = f"SELECT {_columns('d', JOB_COLUMNS)} FROM webhook_jobs d WHERE {_OF_ENDPOINT} AND d.job_id = :job_id"  # noqa: S608
    return dialect.prepare(sa.text(sql))


@built_once
def list_jobs(dialect: Dialect, resumed: bool) -> str:
    """Jobs of an endpoint, the newest first: their ids sort by time."""
    further = " AND d.job_id < :after0" if resumed else ""
    sql = (
        f"SELECT {_columns('d', JOB_COLUMNS)} FROM webhook_jobs d WHERE {_OF_ENDPOINT}{further}"  # noqa: S608
        " ORDER BY d.job_id DESC LIMIT :limit"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def running_jobs(dialect: Dialect) -> str:
    """Jobs at work."""
    sql = (
        f"SELECT j.tenant, j.endpoint_id, j.job_id FROM webhook_jobs j WHERE {_AT_WORK} ORDER BY j.job_id LIMIT :limit"  # noqa: S608
    )
    return dialect.prepare(sa.text(sql))


@built_once
def resume(dialect: Dialect) -> str:
    """All that waits is due, with the whole schedule before it."""
    sql = (
        "UPDATE webhook_deliveries AS d SET state = 4, next_time = :now, update_time = :now, round_attempts = 0,"  # noqa: S608
        f" first_attempt_time = NULL WHERE {_OF_ENDPOINT} AND d.{OPEN_STATES}"
        f" AND d.state IN ({from_states(Happening.RESUMED)})"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def drop(dialect: Dialect) -> str:
    """What is on its way of events before a time goes no further."""
    sql = (
        "UPDATE webhook_deliveries AS d SET state = 8, next_time = NULL, update_time = :now"  # noqa: S608
        f" WHERE {_OF_ENDPOINT} AND d.{OPEN_STATES} AND d.event_time < :before"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def free(dialect: Dialect) -> str:
    """Of every return of an endpoint that has nothing due or being posted, the first that is held back is due."""
    sql = (
        f"UPDATE webhook_deliveries AS d SET state = {_PENDING}, next_time = :now, update_time = :now"  # noqa: S608
        f" WHERE {_OF_ENDPOINT} AND d.{OPEN_STATES} AND d.state = {_HELD}"
        f" AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE {_SAME_RETURN}"
        f" AND (e.state <> {_HELD} OR e.sequence < d.sequence))"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def free_all(dialect: Dialect) -> str:
    """Nothing is held back any more."""
    sql = (
        f"UPDATE webhook_deliveries AS d SET state = {_PENDING}, next_time = :now, update_time = :now"  # noqa: S608
        f" WHERE {_OF_ENDPOINT} AND d.{OPEN_STATES} AND d.state = {_HELD}"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def hold_back(dialect: Dialect) -> str:
    """Of every return of an endpoint only the first on its way, or the one being posted, stays due."""
    sql = (
        f"UPDATE webhook_deliveries AS d SET state = {_HELD}, next_time = NULL, update_time = :now"  # noqa: S608
        f" WHERE {_OF_ENDPOINT} AND d.{OPEN_STATES} AND d.state IN ({from_states(Happening.HELD_BACK)})"
        f" AND EXISTS (SELECT 1 FROM webhook_deliveries e WHERE {_SAME_RETURN}"
        f" AND (e.state = {_LEASED} OR e.sequence < d.sequence))"
    )
    return dialect.prepare(sa.text(sql))


_DUE = (
    f"e.state = {_ENABLED} AND e.delete_time IS NULL AND e.pause_until <= :now AND EXISTS ("  # noqa: S608
    "SELECT 1 FROM webhook_deliveries d"
    " WHERE d.tenant = e.tenant AND d.endpoint_id = e.endpoint_id AND d.next_time <= :now)"
)
_IN_FLIGHT = (
    "(SELECT count(*) FROM webhook_deliveries l WHERE l.tenant = e.tenant AND l.endpoint_id = e.endpoint_id"  # noqa: S608
    f" AND l.state = {_LEASED} AND l.next_time > :now)"
)
_ALLOWED = "CASE WHEN e.failures >= :breaker THEN 1 ELSE :at_once END"


@built_once
def anything_due(dialect: Dialect) -> str:
    """Whether anything could be claimed."""
    sql = f"SELECT 1 FROM webhook_endpoints e WHERE {_DUE} AND {_IN_FLIGHT} < {_ALLOWED} LIMIT 1"  # noqa: S608
    return dialect.prepare(sa.text(sql))


@built_once
def claimable(dialect: Dialect) -> str:
    """Endpoints for which something can be claimed, the one that waited longest first, and how many may be leased.

    Where other bridges may run, they are locked, and those that another bridge looks at just now are left to it.
    """
    lock = " FOR UPDATE OF e SKIP LOCKED" if dialect.name == "postgresql" else ""
    sql = (
        f"SELECT {_columns('e', ENDPOINT_COLUMNS)}, {_ALLOWED} - {_IN_FLIGHT} FROM webhook_endpoints e"  # noqa: S608
        f" WHERE {_DUE} AND {_IN_FLIGHT} < {_ALLOWED}"
        f" ORDER BY e.claim_time, e.tenant, e.endpoint_id LIMIT :limit{lock}"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def due_of(dialect: Dialect) -> str:
    """Deliveries of an endpoint that are due, the longest due first: each with the id and document of its event.

    Of the events only those are looked up; a join of all that is due would be cut to a few afterwards.
    """
    sql = (
        f"SELECT {_columns('d', DELIVERY_COLUMNS)}, v.event_id, v.document FROM"  # noqa: S608
        f" (SELECT {_columns('d', DELIVERY_COLUMNS)}, d.next_time AS due FROM webhook_deliveries d"
        f" WHERE {_OF_ENDPOINT} AND d.next_time <= :now ORDER BY d.next_time, d.sequence LIMIT :limit) d"
        " LEFT JOIN events v ON v.tenant = d.tenant AND v.sequence = d.sequence ORDER BY d.due, d.sequence"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def reclaim(dialect: Dialect) -> str:
    """Every lease is over."""
    sql = f"UPDATE webhook_deliveries SET next_time = :now WHERE state = {_LEASED} AND next_time > :now"  # noqa: S608
    return dialect.prepare(sa.text(sql))


@built_once
def followers(dialect: Dialect, hinted: bool) -> str:
    """Enabled endpoints whose log has grown past their cursor, of all tenants or of those that a hint names.

    An endpoint with more than `:ahead` deliveries due has enough to do: what follows stays in the log until then.
    """
    hint = ""
    if hinted:
        listed = "= ANY(:tenants)" if dialect.name == "postgresql" else "IN (SELECT value FROM json_each(:tenants))"
        hint = f" AND e.tenant {listed}"
    sql = (
        f"SELECT {_columns('e', ENDPOINT_COLUMNS)}, h.last_sequence FROM webhook_endpoints e"  # noqa: S608
        " JOIN event_heads h ON h.tenant = e.tenant"
        f" WHERE e.state = {_ENABLED} AND e.delete_time IS NULL AND e.cursor < h.last_sequence{hint}"
        " AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.tenant = e.tenant"
        " AND d.endpoint_id = e.endpoint_id AND d.next_time <= :now ORDER BY d.next_time LIMIT 1 OFFSET :ahead)"
        " ORDER BY e.tenant, e.cursor, e.endpoint_id LIMIT :limit"
    )
    return dialect.prepare(sa.text(sql))


@built_once
def backlog(dialect: Dialect) -> str:
    """What is on its way over all tenants: how many, and since when the oldest."""
    sql = f"SELECT count(*), min(event_time) FROM webhook_deliveries WHERE {OPEN_STATES}"  # noqa: S608
    return dialect.prepare(sa.text(sql))


@built_once
def turned_off(dialect: Dialect) -> str:
    """How many endpoints are off."""
    sql = f"SELECT count(*) FROM webhook_endpoints WHERE state <> {_ENABLED} AND delete_time IS NULL"  # noqa: S608
    return dialect.prepare(sa.text(sql))
