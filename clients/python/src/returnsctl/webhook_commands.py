"""`returnsctl webhooks`: where events are posted to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click
from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask

from commerce.returns.v1.webhook_pb2 import WebhookAttempt, WebhookEndpoint
from commerce.returns.v1.webhooks_service_pb2 import CreateWebhookEndpointResponse, RotateWebhookSecretResponse
from returnsctl.options import etag_option, json_option, listing, mutation, page_size, wanted
from returnsctl.output import show, show_all, time_text
from returnsctl.session import Session
from returnsctl.shown_webhooks import ENDPOINTS, print_endpoint
from returnsctl.values import PairType, SpanType, TimeType, timestamp_of
from returnsctl.wording import attempt_text

F = TypeVar("F", bound=Callable[..., None])

_FORMATS = ("standard_webhooks", "cloudevents")
_ORDERINGS = ("per_return", "none")
endpoint_argument = click.argument("endpoint")


@click.group()
def webhooks() -> None:
    """Webhooks: events posted to your addresses, signed, in order, and tried again until they arrive."""


def _settings(command: F) -> F:
    """What an endpoint is set to."""
    for option in (
        click.option("--ordering", type=click.Choice(_ORDERINGS, case_sensitive=False), help="per_return by default."),
        click.option("--format", "payload_format", type=click.Choice(_FORMATS, case_sensitive=False)),
        click.option("--exclude", "excluded", multiple=True, metavar="FIELD", help="Of the return, to leave out."),
        click.option("--header", "headers", type=PairType(), multiple=True, help="Sent along; values are not shown."),
        click.option("--filter", "where", help="Which of these events: 'snapshot.total.gross.units>=100'."),
        click.option("--event-type", "event_types", multiple=True, help="Such as return.created; all by default."),
        click.option("--display-name", help="For people."),
    ):  # fmt: skip
        command = option(command)
    return command


@webhooks.command()
@click.argument("url")
@_settings
@click.option("--disabled", is_flag=True, help="Post nothing before it is enabled.")
@mutation
@click.pass_obj
def create(session: Session, /, *, url: str, disabled: bool, request_id: str, validate_only: bool, **said: Any) -> None:
    """Post events to URL from now on. The signing secret is shown here and never again."""
    endpoint = WebhookEndpoint(url=url)
    _set(endpoint, **said)
    if disabled:
        endpoint.state = WebhookEndpoint.STATE_DISABLED
    answer = session.client.webhooks.create(endpoint, request_id=request_id, validate_only=validate_only)
    show(session, answer, _print_created)


def _print_created(answer: CreateWebhookEndpointResponse) -> None:
    print_endpoint(answer.webhook_endpoint)
    if answer.secret:
        click.echo(f"Secret, shown this once: {answer.secret}")


@webhooks.command("list")
@listing
@click.pass_obj
def list_endpoints(session: Session, *, limit: int, everything: bool) -> None:
    """List the endpoints, the newest first."""
    found = session.client.webhooks.list(page_size=page_size(limit, everything))
    show_all(session, wanted(found, limit, everything), ENDPOINTS, nothing="no endpoints")


@webhooks.command()
@endpoint_argument
@json_option
@click.pass_obj
def get(session: Session, *, endpoint: str) -> None:
    """Show ENDPOINT, an id or a resource name, and how it fares."""
    show(session, session.client.webhooks.get(endpoint), print_endpoint)


@webhooks.command()
@endpoint_argument
@click.option("--url", default="", help="Where events are posted from now on.")
@_settings
@click.option("--clear", multiple=True, metavar="FIELD", help="Empty a setting: filter, event_types, headers, …")
@etag_option
@mutation
@click.pass_obj
def update(
    session: Session,
    /,
    *,
    endpoint: str,
    url: str,
    clear: Sequence[str],
    etag: str,
    request_id: str,
    validate_only: bool,
    **said: Any,
) -> None:
    """Change what options name of ENDPOINT, and nothing else. A list replaces the one that was there."""
    changed = WebhookEndpoint(name=endpoint, url=url)
    _set(changed, **said)
    mask = [field.name for field, _ in changed.ListFields() if field.name != "name"] + list(clear)
    if not mask:
        raise click.UsageError("nothing to change: name it with an option")
    answer = session.client.webhooks.update(
        changed, update_mask=mask, etag=etag, request_id=request_id, validate_only=validate_only
    )
    show(session, answer, print_endpoint)


def _set(
    endpoint: WebhookEndpoint,
    *,
    display_name: str | None,
    event_types: Sequence[str],
    where: str | None,
    headers: Sequence[tuple[str, str]],
    excluded: Sequence[str],
    payload_format: str | None,
    ordering: str | None,
) -> None:
    endpoint.display_name = display_name or ""
    endpoint.event_types.extend(event_types)
    endpoint.filter = where or ""
    for name, value in headers:
        endpoint.headers[name] = value
    if excluded:
        endpoint.excluded_fields.CopyFrom(FieldMask(paths=excluded))
    if payload_format:
        endpoint.payload_format = WebhookEndpoint.PayloadFormat.Value(f"PAYLOAD_FORMAT_{payload_format.upper()}")
    if ordering:
        endpoint.ordering = WebhookEndpoint.Ordering.Value(f"ORDERING_{ordering.upper()}")


@webhooks.command()
@endpoint_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@etag_option
@mutation
@click.pass_obj
def delete(session: Session, *, endpoint: str, yes: bool, etag: str, request_id: str, validate_only: bool) -> None:
    """Delete ENDPOINT; what is on its way to it is cancelled."""
    if not (yes or validate_only):
        click.confirm(f"Delete {endpoint}?", abort=True, err=True)
    session.client.webhooks.delete(endpoint, etag=etag, request_id=request_id, validate_only=validate_only)
    told = "could be deleted" if validate_only else "is deleted"
    show(session, Empty(), lambda _: click.echo(f"{endpoint} {told}"))


@webhooks.command()
@endpoint_argument
@click.option("--grace", type=SpanType(), help="How long the old secret signs too: 0s to 7d, 24h by default.")
@etag_option
@mutation
@click.pass_obj
def rotate(
    session: Session, *, endpoint: str, grace: timedelta | None, etag: str, request_id: str, validate_only: bool
) -> None:
    """Make a new signing secret for ENDPOINT. It is shown here and never again."""
    answer = session.client.webhooks.rotate_secret(
        endpoint, grace_period=grace, etag=etag, request_id=request_id, validate_only=validate_only
    )
    show(session, answer, _print_rotated)


def _print_rotated(answer: RotateWebhookSecretResponse) -> None:
    click.echo(f"Secret, shown this once: {answer.secret}" if answer.secret else "The secret could be replaced.")
    end = time_text(answer.previous_secret_expire_time)
    if end:
        click.echo(f"The old one signs too until {end}")


@webhooks.command()
@endpoint_argument
@click.option("--resume-from", type=TimeType(), help="From events of this time on; else from where it stopped.")
@etag_option
@mutation
@click.pass_obj
def enable(
    session: Session,
    *,
    endpoint: str,
    resume_from: datetime | None,
    etag: str,
    request_id: str,
    validate_only: bool,
) -> None:
    """Turn ENDPOINT on again; it goes on where it stopped."""
    answer = session.client.webhooks.enable(
        endpoint, resume_from=timestamp_of(resume_from) if resume_from else None, etag=etag, request_id=request_id,
        validate_only=validate_only,
    )  # fmt: skip
    show(session, answer, print_endpoint)


@webhooks.command()
@endpoint_argument
@etag_option
@mutation
@click.pass_obj
def disable(session: Session, *, endpoint: str, etag: str, request_id: str, validate_only: bool) -> None:
    """Turn ENDPOINT off; events wait for it."""
    off = WebhookEndpoint(name=endpoint, state=WebhookEndpoint.STATE_DISABLED)
    answer = session.client.webhooks.update(
        off, update_mask=["state"], etag=etag, request_id=request_id, validate_only=validate_only
    )
    show(session, answer, print_endpoint)


@webhooks.command("test")
@endpoint_argument
@mutation
@click.pass_obj
def try_out(session: Session, *, endpoint: str, request_id: str, validate_only: bool) -> None:
    """Post a message of the type webhook.test to ENDPOINT, once, and say what came of it.

    The exit code is 1 if it did not arrive.
    """
    attempt = session.client.webhooks.test(endpoint, request_id=request_id, validate_only=validate_only)
    show(session, attempt, _print_attempt)
    if not (validate_only or 200 <= attempt.status < 300):
        raise click.exceptions.Exit(1)


def _print_attempt(attempt: WebhookAttempt) -> None:
    click.echo(attempt_text(attempt) if attempt.HasField("time") else "It could be tried.")
