"""Endpoints, deliveries and redelivery jobs as the contract's messages, encoded; and stored settings back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from commerce.returns.v1 import webhook_pb2 as pb
from commerce.returns.v1 import webhooks_service_pb2 as service_pb
from returns_server.application.webhooks.books import (
    DeliveryShown,
    JobShown,
    Outcome,
    SecretShown,
    Shown,
    Tried,
)
from returns_server.application.webhooks.deliveries import Attempt, Delivery, Job
from returns_server.application.webhooks.endpoints import (
    Endpoint,
    Header,
    Ordering,
    PayloadFormat,
    Settings,
    Statistics,
)
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import TenantId
from returns_server.storage.documents.returns import return_name
from returns_server.storage.documents.values import Fields, optional_time, seconds_and_nanos

_MAX_COUNT = 2**31 - 1


def encode_settings(settings: Settings) -> tuple[bytes, bytes]:
    """The settings as a document without the values of headers, and those values, sealed as they are."""
    values = {header.name: (base64.b64encode(header.sealed).decode(), header.mark) for header in settings.headers}
    return pb.WebhookEndpoint(**_settings(settings)).SerializeToString(), json.dumps(values).encode()


@lru_cache(maxsize=1_024)
def decode_settings(document: bytes, headers: bytes) -> Settings:
    """The settings that `encode_settings` wrote."""
    message = pb.WebhookEndpoint.FromString(document)
    values: Mapping[str, tuple[str, str]] = json.loads(headers)
    return Settings(
        url=message.url,
        display_name=message.display_name,
        event_types=tuple(message.event_types),
        filter=message.filter,
        headers=tuple(Header(name, base64.b64decode(sealed), mark) for name, (sealed, mark) in values.items()),
        excluded_fields=tuple(message.excluded_fields.paths),
        payload_format=PayloadFormat(message.payload_format),
        ordering=Ordering(message.ordering),
    )


def encode_outcome(tenant: TenantId, outcome: Outcome) -> bytes:
    """What a command leaves as the message that its method answers, without any secret in it."""
    match outcome:
        case Shown(endpoint, statistics):
            return endpoint_message(tenant, endpoint, statistics).SerializeToString()
        case SecretShown(endpoint, statistics, rotated=True):
            rotated: Fields = {
                "webhook_endpoint": endpoint_message(tenant, endpoint, statistics),
                "previous_secret_expire_time": optional_time(outcome.previous_expire_time),
            }
            return service_pb.RotateWebhookSecretResponse(**rotated).SerializeToString()
        case SecretShown(endpoint, statistics):
            message = endpoint_message(tenant, endpoint, statistics)
            return service_pb.CreateWebhookEndpointResponse(webhook_endpoint=message).SerializeToString()
        case DeliveryShown(delivery, attempts):
            return delivery_message(delivery, attempts).SerializeToString()
        case JobShown(job):
            return job_message(tenant, job).SerializeToString()
        case Tried(attempt):
            tried = None if attempt is None else attempt_message(attempt)
            return service_pb.TestWebhookEndpointResponse(attempt=tried).SerializeToString()
        case None:
            return b""


def endpoint_message(tenant: TenantId, endpoint: Endpoint, statistics: Statistics) -> pb.WebhookEndpoint:
    """The endpoint as callers see it; one without an id has no name and no etag yet."""
    exists = bool(endpoint.endpoint_id)
    standing = endpoint.standing
    fields: Fields = {
        **_settings(endpoint.settings),
        "name": f"tenants/{tenant}/webhookEndpoints/{endpoint.endpoint_id}" if exists else "",
        "state": standing.state,
        "secret_exists": exists,
        "lost_since": optional_time(endpoint.lost_since),
        "statistics": {
            "pending_count": min(statistics.pending_count, _MAX_COUNT),
            "delivered_count": min(standing.delivered_count, _MAX_COUNT),
            "exhausted_count": min(standing.exhausted_count, _MAX_COUNT),
            "oldest_pending_time": optional_time(statistics.oldest_pending_time),
            "last_success_time": optional_time(standing.last_success_time),
            "last_failure_time": optional_time(standing.last_failure_time),
        },
        "create_time": seconds_and_nanos(endpoint.create_time),
        "update_time": seconds_and_nanos(endpoint.update_time),
        "etag": endpoint.etag if exists else "",
    }
    return pb.WebhookEndpoint(**fields)


def delivery_message(delivery: Delivery, attempts: Sequence[Attempt]) -> pb.WebhookDelivery:
    """The delivery with its attempts."""
    tenant, endpoint_id, sequence = delivery.key
    leased = delivery.state is DeliveryState.LEASED
    fields: Fields = {
        "name": f"tenants/{tenant}/webhookEndpoints/{endpoint_id}/deliveries/{sequence}",
        "state": delivery.state,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "event_sequence": sequence,
        "event_time": seconds_and_nanos(delivery.event_time),
        "return_name": return_name(tenant, delivery.return_id),
        "attempts": [attempt_message(attempt) for attempt in attempts],
        "next_attempt_time": None if leased else optional_time(delivery.next_time),
        "create_time": seconds_and_nanos(delivery.create_time),
        "update_time": seconds_and_nanos(delivery.update_time),
    }
    return pb.WebhookDelivery(**fields)


def attempt_message(attempt: Attempt) -> pb.WebhookAttempt:
    """One attempt."""
    fields: Fields = {
        "time": seconds_and_nanos(attempt.time),
        "status": attempt.status,
        "latency": seconds_and_nanos(attempt.latency),
        "answer": attempt.answer,
        "error": attempt.error,
    }
    return pb.WebhookAttempt(**fields)


def job_message(tenant: TenantId, job: Job) -> pb.WebhookRedelivery:
    """A redelivery job; one without an id has no name yet."""
    parent = f"tenants/{tenant}/webhookEndpoints/{job.endpoint_id}"
    fields: Fields = {
        "name": f"{parent}/redeliveries/{job.job_id}" if job.job_id else "",
        "start_time": seconds_and_nanos(job.start_time),
        "end_time": seconds_and_nanos(job.end_time),
        "only_failed": job.only_failed,
        "state": job.state,
        "requeued_count": min(job.requeued_count, _MAX_COUNT),
        "create_time": seconds_and_nanos(job.create_time),
        "update_time": seconds_and_nanos(job.update_time),
    }
    return pb.WebhookRedelivery(**fields)


def _settings(settings: Settings) -> Fields:
    return {
        "url": settings.url,
        "display_name": settings.display_name,
        "event_types": settings.event_types,
        "filter": settings.filter,
        "headers": dict.fromkeys((header.name for header in settings.headers), ""),
        "excluded_fields": {"paths": settings.excluded_fields} if settings.excluded_fields else None,
        "payload_format": settings.payload_format,
        "ordering": settings.ordering,
    }
