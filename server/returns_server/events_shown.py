"""Follows a stream of events and shows them, for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import click
from google.protobuf.json_format import MessageToDict
from rich.console import Console

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub
from returns_client.channels import Server
from returns_client.following import StreamRefused, follow
from returns_client.money import decimal_of


def asked_for(
    tenant: str, where: str, start: str | None, after: str | None, resume: Path | None
) -> StreamReturnEventsRequest:
    """The request of a stream, from after the cursor that is kept, if there is one."""
    request = StreamReturnEventsRequest(parent=f"tenants/{tenant}", filter=where)
    kept = resume.read_text().strip() if resume is not None and resume.exists() else ""
    if kept or after:
        request.after_cursor = kept or after or ""
    elif start:
        request.start = StreamReturnEventsRequest.Start.Value(f"START_{start.upper()}")
    return request


async def tailed(
    server: Server,
    request: StreamReturnEventsRequest,
    show: Callable[[ReturnEvent], None],
    resume: Path | None,
    *,
    follow_on: bool,
) -> None:
    """Show the events of a stream as they come; without `follow_on` until all that has happened so far was shown."""

    def paused(why: str) -> None:
        click.echo(f"note: the stream was interrupted ({why}); it goes on", err=True)

    async with server.channel() as channel:
        messages = follow(ReturnsServiceStub(channel), request, lambda: server.metadata, paused)
        try:
            async with aclosing(messages):
                async for message in messages:
                    for event in message.batch.events:
                        show(event)
                    if resume is not None:
                        _keep(resume, message.cursor)
                    if not follow_on and message.HasField("caught_up"):
                        return
        except StreamRefused as error:
            raise click.ClickException(str(error)) from None


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
