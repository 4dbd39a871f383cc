"""What was posted to an endpoint, every attempt of it, and posting it once more."""

from __future__ import annotations

from datetime import datetime

import click

from commerce.returns.v1.webhook_pb2 import WebhookDelivery
from returns_client.exceptions import WebhookEndpointNotFound
from returnsctl.options import json_option, listing, mutation, page_size, wanted
from returnsctl.output import show, show_all
from returnsctl.session import Session
from returnsctl.shown_webhooks import DELIVERIES as SHOWN
from returnsctl.shown_webhooks import REDELIVERIES, print_delivery, print_job
from returnsctl.values import TimeType, is_sequence, resource_name, timestamp_of

_STATES = ("pending", "held", "leased", "waiting", "delivered", "exhausted", "blocked", "cancelled")
_endpoint_argument = click.argument("endpoint")


@click.command()
@_endpoint_argument
@click.option("--filter", "where", default="", help="Only these: 'event_type=return.created'.")
@click.option("--state", type=click.Choice(_STATES, case_sensitive=False), help="Only those in this state.")
@listing
@click.pass_obj
def deliveries(session: Session, *, endpoint: str, where: str, state: str | None, limit: int, everything: bool) -> None:
    """List what was posted to ENDPOINT, or waits for it: the newest event first."""
    said = (
        f"({where}) AND state={state.upper()}"
        if where and state
        else where or (f"state={state.upper()}" if state else "")
    )
    found = session.client.webhooks.deliveries(endpoint, filter=said, page_size=page_size(limit, everything))
    show_all(session, wanted(found, limit, everything), SHOWN, nothing="no deliveries")


@click.command()
@_endpoint_argument
@click.argument("delivery")
@json_option
@click.pass_obj
def attempts(session: Session, *, endpoint: str, delivery: str) -> None:
    """Show every attempt of DELIVERY to ENDPOINT: when, what was answered, how long it took.

    DELIVERY is its id, which is the sequence of its event, or its resource name.
    """
    show(session, _found(session, endpoint, delivery), print_delivery)


def _found(session: Session, endpoint: str, delivery: str) -> WebhookDelivery:
    sequence = delivery.rpartition("/")[2]
    if is_sequence(sequence):
        for found in session.client.webhooks.deliveries(endpoint, filter=f"event_sequence={sequence}", page_size=1):
            return found
    message = f"no delivery {delivery} belongs to {endpoint}"
    raise WebhookEndpointNotFound("NOT_FOUND", message, reason="WEBHOOK_ENDPOINT_NOT_FOUND")


@click.command()
@_endpoint_argument
@click.argument("delivery", required=False)
@click.option("--since", type=TimeType(), help="Instead of one delivery, all events from this time on: -2h, or a time.")
@click.option("--until", type=TimeType(), help="With --since: before this time; up to now if left out.")
@click.option("--only-failed", is_flag=True, help="With --since: only what never arrived.")
@mutation
@click.pass_obj
def redeliver(
    session: Session,
    *,
    endpoint: str,
    delivery: str | None,
    since: datetime | None,
    until: datetime | None,
    only_failed: bool,
    request_id: str,
    validate_only: bool,
) -> None:
    """Post DELIVERY to ENDPOINT once more, or with --since everything of a range of time, with the ids they had."""
    if bool(delivery) == bool(since):
        raise click.UsageError("DELIVERY or --since")
    if delivery and (until or only_failed):
        raise click.UsageError("--until and --only-failed go with --since")
    service = session.client.webhooks
    if delivery:
        full_name = resource_name(resource_name(session.parent, "webhookEndpoints", endpoint), "deliveries", delivery)
        again = service.redeliver(full_name, request_id=request_id, validate_only=validate_only)
        show(session, again, print_delivery)
    elif since:
        job = service.create_redelivery(
            endpoint, start_time=timestamp_of(since), end_time=timestamp_of(until) if until else None,
            only_failed=only_failed, request_id=request_id, validate_only=validate_only,
        )  # fmt: skip
        show(session, job, print_job)


@click.command()
@_endpoint_argument
@listing
@click.pass_obj
def redeliveries(session: Session, *, endpoint: str, limit: int, everything: bool) -> None:
    """List the jobs that post a range of events to ENDPOINT once more."""
    found = session.client.webhooks.redeliveries(endpoint, page_size=page_size(limit, everything))
    show_all(session, wanted(found, limit, everything), REDELIVERIES, nothing="no redeliveries")


@click.command("cancel-redelivery")
@_endpoint_argument
@click.argument("redelivery")
@mutation
@click.pass_obj
def cancel_redelivery(
    session: Session, *, endpoint: str, redelivery: str, request_id: str, validate_only: bool
) -> None:
    """Stop the job REDELIVERY; what it already put on its way stays so."""
    full_name = resource_name(resource_name(session.parent, "webhookEndpoints", endpoint), "redeliveries", redelivery)
    job = session.client.webhooks.cancel_redelivery(full_name, request_id=request_id, validate_only=validate_only)
    show(session, job, print_job)


DELIVERIES = (deliveries, attempts, redeliver, redeliveries, cancel_redelivery)
