"""Rows of the webhook tables as what they mean, and back."""

from __future__ import annotations

from typing import Any

from returns_server.application.webhooks.deliveries import Attempt, Delivery, DeliveryKey, Job, JobState
from returns_server.application.webhooks.endpoints import Endpoint, EndpointId, EndpointState, Secret, Standing
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import TenantId
from returns_server.storage.documents.webhooks import decode_settings, encode_settings
from returns_server.storage.session import Row

ENDPOINT_KEY = ("tenant", "endpoint_id")
_STANDING = (
    "state",
    "failures",
    "pause_until",
    "last_success_time",
    "last_failure_time",
    "delivered_count",
    "exhausted_count",
)
ENDPOINT_VALUES = (
    "document",
    "headers",
    "revision",
    "cursor",
    "cursor_time",
    "lost_since",
    "create_time",
    "update_time",
    *_STANDING,
)
ENDPOINT_COLUMNS = (*ENDPOINT_KEY, *ENDPOINT_VALUES)
STANDING_COLUMNS = ("revision", *_STANDING)

SECRET_COLUMNS = ("tenant", "endpoint_id", "secret_id", "sealed", "create_time", "sign_until")

DELIVERY_KEY = ("tenant", "endpoint_id", "sequence")
_PROGRESS = ("state", "attempts", "round_attempts", "first_attempt_time", "next_time", "fence", "update_time")
DELIVERY_VALUES = ("event_id", "event_type", "event_time", "return_id", "create_time", *_PROGRESS)
DELIVERY_COLUMNS = (*DELIVERY_KEY, *DELIVERY_VALUES)
PROGRESS_COLUMNS = _PROGRESS

ATTEMPT_COLUMNS = (*DELIVERY_KEY, "number", "time", "latency", "status", "answer", "error")

JOB_KEY = ("tenant", "endpoint_id", "job_id")
JOB_VALUES = (
    "start_time",
    "end_time",
    "only_failed",
    "state",
    "position",
    "requeued_count",
    "create_time",
    "update_time",
)
JOB_COLUMNS = (*JOB_KEY, *JOB_VALUES)


def _of(columns: tuple[str, ...], row: Row) -> dict[str, Any]:
    return dict(zip(columns, row, strict=False))


def endpoint_of(row: Row) -> Endpoint:
    """The endpoint that a row of ENDPOINT_COLUMNS holds."""
    of = _of(ENDPOINT_COLUMNS, row)
    standing = {name: of[name] for name in _STANDING if name != "state"}
    return Endpoint(
        endpoint_id=EndpointId(of["endpoint_id"]),
        settings=decode_settings(of["document"], of["headers"]),
        standing=Standing(state=EndpointState(of["state"]), **standing),
        cursor=of["cursor"],
        cursor_time=of["cursor_time"],
        create_time=of["create_time"],
        update_time=of["update_time"],
        revision=of["revision"],
        lost_since=of["lost_since"],
    )


def endpoint_row(tenant: TenantId, endpoint: Endpoint) -> Row:
    """A row of ENDPOINT_COLUMNS."""
    document, headers = encode_settings(endpoint.settings)
    return (
        tenant,
        endpoint.endpoint_id,
        document,
        headers,
        endpoint.revision,
        endpoint.cursor,
        endpoint.cursor_time,
        endpoint.lost_since,
        endpoint.create_time,
        endpoint.update_time,
        *_standing(endpoint.standing),
    )


def standing_row(tenant: TenantId, endpoint_id: EndpointId, revision: int, standing: Standing) -> Row:
    """The key and a row of STANDING_COLUMNS."""
    return (tenant, endpoint_id, revision, *_standing(standing))


def _standing(standing: Standing) -> Row:
    return tuple(getattr(standing, name) for name in _STANDING)


def secret_of(row: Row) -> Secret:
    """The secret that a row of SECRET_COLUMNS holds."""
    return Secret(row[2], bytes(row[3]), row[4], row[5])


def secret_row(tenant: TenantId, endpoint_id: EndpointId, secret: Secret) -> Row:
    """A row of SECRET_COLUMNS."""
    return (tenant, endpoint_id, secret.secret_id, secret.sealed, secret.create_time, secret.sign_until)


def delivery_of(row: Row) -> Delivery:
    """The delivery that a row of DELIVERY_COLUMNS holds."""
    of = _of(DELIVERY_COLUMNS, row)
    key = DeliveryKey(of.pop("tenant"), of.pop("endpoint_id"), of.pop("sequence"))
    return Delivery(key=key, state=DeliveryState(of.pop("state")), **of)


def delivery_row(delivery: Delivery) -> Row:
    """A row of DELIVERY_COLUMNS."""
    return (*delivery.key, *(getattr(delivery, name) for name in DELIVERY_VALUES))


def progress_row(delivery: Delivery) -> Row:
    """The key and a row of PROGRESS_COLUMNS."""
    return (*delivery.key, *(getattr(delivery, name) for name in PROGRESS_COLUMNS))


def attempt_of(row: Row) -> Attempt:
    """The attempt that a row of ATTEMPT_COLUMNS holds."""
    return Attempt(row[4], row[5], row[6], bytes(row[7]), row[8])


def attempt_row(key: DeliveryKey, number: int, attempt: Attempt) -> Row:
    """A row of ATTEMPT_COLUMNS."""
    return (*key, number, attempt.time, attempt.latency, attempt.status, attempt.answer, attempt.error)


def job_of(row: Row) -> Job:
    """The job that a row of JOB_COLUMNS holds."""
    of = _of(JOB_COLUMNS, row)
    del of["tenant"]
    return Job(**{**of, "only_failed": bool(of["only_failed"]), "state": JobState(of["state"])})


def job_row(tenant: TenantId, job: Job) -> Row:
    """A row of JOB_COLUMNS."""
    return (tenant, job.endpoint_id, job.job_id, *(getattr(job, name) for name in JOB_VALUES))
