"""How webhook endpoints, deliveries and their attempts are shown to people."""

from __future__ import annotations

from collections.abc import Iterator

from commerce.returns.v1.webhook_pb2 import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookRedelivery
from returnsctl.output import Column, enum_text, print_facts, print_table, time_text
from returnsctl.values import last_part
from returnsctl.wording import answer_text, outcome_text, took_text

ENDPOINTS: list[Column[WebhookEndpoint]] = [
    Column("ID", lambda endpoint: last_part(endpoint.name)),
    Column("STATE", lambda endpoint: enum_text(endpoint, "state")),
    Column("URL", lambda endpoint: endpoint.url),
    Column("EVENTS", lambda endpoint: ", ".join(endpoint.event_types) or "all"),
    Column("WAITING", lambda endpoint: str(endpoint.statistics.pending_count), right=True),
    Column("ARRIVED", lambda endpoint: str(endpoint.statistics.delivered_count), right=True),
    Column("GIVEN UP", lambda endpoint: str(endpoint.statistics.exhausted_count), right=True),
    Column("LAST SUCCESS", lambda endpoint: time_text(endpoint.statistics.last_success_time)),
    Column("NAME", lambda endpoint: endpoint.display_name),
]

DELIVERIES: list[Column[WebhookDelivery]] = [
    Column("DELIVERY", lambda delivery: last_part(delivery.name)),
    Column("STATE", lambda delivery: enum_text(delivery, "state")),
    Column("EVENT", lambda delivery: delivery.event_type),
    Column("HAPPENED", lambda delivery: time_text(delivery.event_time)),
    Column("RETURN", lambda delivery: last_part(delivery.return_name)),
    Column("TRIES", lambda delivery: str(len(delivery.attempts)), right=True),
    Column("LAST", lambda delivery: outcome_text(delivery.attempts[-1]) if delivery.attempts else ""),
    Column("NEXT TRY", lambda delivery: time_text(delivery.next_attempt_time)),
]

_ATTEMPTS: list[Column[WebhookAttempt]] = [
    Column("TIME", lambda attempt: time_text(attempt.time)),
    Column("OUTCOME", outcome_text),
    Column("TOOK", took_text, right=True),
    Column("ANSWER", answer_text),
]

REDELIVERIES: list[Column[WebhookRedelivery]] = [
    Column("ID", lambda job: last_part(job.name)),
    Column("STATE", lambda job: enum_text(job, "state")),
    Column("FROM", lambda job: time_text(job.start_time)),
    Column("UNTIL", lambda job: time_text(job.end_time)),
    Column("WHICH", lambda job: "never arrived" if job.only_failed else "all"),
    Column("POSTED", lambda job: str(job.requeued_count), right=True),
]


def print_endpoint(endpoint: WebhookEndpoint) -> None:
    """An endpoint with its settings and how it fares."""
    title = f"Endpoint {last_part(endpoint.name)} {enum_text(endpoint, 'state')}"
    print_facts(" ".join(title.split()), _facts(endpoint))


def _facts(endpoint: WebhookEndpoint) -> Iterator[tuple[str, str]]:
    yield "name", endpoint.name
    yield "url", endpoint.url
    yield "called", endpoint.display_name
    yield "events", ", ".join(endpoint.event_types) or "all"
    yield "filter", endpoint.filter
    yield "headers", ", ".join(endpoint.headers)
    yield "left out", ", ".join(endpoint.excluded_fields.paths)
    yield "format", enum_text(endpoint, "payload_format").lower()
    yield "ordering", enum_text(endpoint, "ordering").lower()
    yield "lost since", time_text(endpoint.lost_since)
    told = endpoint.statistics
    yield "waiting", f"{told.pending_count}" if told.pending_count else ""
    yield "oldest", time_text(told.oldest_pending_time)
    yield "arrived", f"{told.delivered_count}" if told.delivered_count else ""
    yield "given up", f"{told.exhausted_count}" if told.exhausted_count else ""
    yield "last success", time_text(told.last_success_time)
    yield "last failure", time_text(told.last_failure_time)
    yield "made", time_text(endpoint.create_time)
    yield "etag", endpoint.etag


def print_delivery(delivery: WebhookDelivery) -> None:
    """A delivery with all its attempts."""
    facts = [
        ("name", delivery.name),
        ("event", f"{delivery.event_type} {delivery.event_id}"),
        ("return", delivery.return_name),
        ("happened", time_text(delivery.event_time)),
        ("next try", time_text(delivery.next_attempt_time)),
    ]
    print_facts(f"Delivery {last_part(delivery.name)} {enum_text(delivery, 'state')}", facts)
    if delivery.attempts:
        print_table(delivery.attempts, _ATTEMPTS)


def print_job(job: WebhookRedelivery) -> None:
    """A redelivery."""
    print_table([job], REDELIVERIES)
