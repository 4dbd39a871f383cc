"""Follows events and shows them, for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
from google.protobuf.json_format import MessageToDict
from rich.console import Console

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest
from returns_client import EventFollower, ReturnsClient
from returns_client.exceptions import ReturnsError
from returns_client.money import decimal_of


def followed(
    client: ReturnsClient, where: str, start: str | None, after: str | None, resume: Path | None, *, follow_on: bool
) -> EventFollower:
    """The events from after the cursor that is kept, if there is one; without `follow_on` those so far."""
    kept = resume.read_text().strip() if resume is not None and resume.exists() else ""
    return client.events.follow(
        filter=where,
        after_cursor=kept or after or "",
        start=StreamReturnEventsRequest.Start.Value(f"START_{(start or 'unspecified').upper()}"),
        on_pause=lambda why: click.echo(f"note: the stream was interrupted ({why}); it goes on", err=True),
        until_caught_up=not follow_on,
    )


def show_all(events: EventFollower, show: Callable[[ReturnEvent], None], resume: Path | None) -> None:
    """Show events as they come, and keep the place behind each."""
    try:
        for event in events:
            show(event)
            if resume is not None:
                _keep(resume, event.cursor)
    except ReturnsError as error:
        raise click.ClickException(f"{error.code} {error}") from None
    finally:
        if resume is not None and events.cursor:
            _keep(resume, events.cursor)


def _keep(file: Path, cursor: str) -> None:
    """Put the cursor in place as a whole: whoever reads the file finds the old one or the new one."""
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(cursor + "\n")
    fresh.replace(file)


def shown(as_json: bool) -> Callable[[ReturnEvent], None]:
    """What shows an event: as a line of JSON, or to people."""
    return _show_json if as_json else _shown_to(Console(highlight=False, soft_wrap=True))


def _show_json(event: ReturnEvent) -> None:
    click.echo(json.dumps(MessageToDict(event, preserving_proto_field_name=True), ensure_ascii=False))


def _shown_to(console: Console) -> Callable[[ReturnEvent], None]:
    def show(event: ReturnEvent) -> None:
        ret = event.snapshot
        time = event.time.ToDatetime().isoformat(sep=" ", timespec="milliseconds")
        worth = f"{decimal_of(ret.total.gross)} {ret.currency_code}"
        changed = ", ".join(event.changed_paths.paths)
        line = f"{time}Z  {event.sequence:>8}  {event.type:<16}  {ret.number}  {worth:>14}  {event.return_name}"
        console.print(line, markup=False)
        if changed and event.type != "return.created":
            console.print(f"{'':>26}  {'':>8}  changed: {changed}", markup=False, style="dim")

    return show
