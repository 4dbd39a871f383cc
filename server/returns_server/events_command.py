"""`returns-server events`: what happens, for people or for programs."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import TextIO

import click
from google.protobuf.json_format import MessageToDict
from rich.console import Console

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub
from returns_client.channels import Server
from returns_client.following import StreamRefused, follow
from returns_client.money import decimal_of

_STARTS = ("earliest", "latest")


@click.group()
def events() -> None:
    """What happens to returns."""


@events.command()
@click.option("--tenant", required=True, help="Whose events.")
@click.option("--address", default="127.0.0.1:50051", show_default=True, metavar="HOST:PORT", help="The server.")
@click.option("--token-file", type=click.File(), help="Holds the token (- is standard input); else RETURNS_TOKEN does.")
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates to trust, PEM; without it the connection is plain text.",
)
@click.option("--filter", "where", default="", help="Only these: 'type=return.approved AND snapshot.state=APPROVED'.")
@click.option("--start", type=click.Choice(_STARTS), help="From which end of the log on; from the latest if left out.")
@click.option("--after", metavar="CURSOR", help="From right after this cursor on.")
@click.option(
    "--resume",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that keeps the last cursor: go on after it, where there is one, and keep it there.",
)
@click.option("--json", "as_json", is_flag=True, help="An event a line, as JSON.")
@click.option("--no-follow", is_flag=True, help="End when everything that has happened so far was shown.")
def tail(
    *,
    tenant: str,
    address: str,
    token_file: TextIO | None,
    ca_file: Path | None,
    where: str,
    start: str | None,
    after: str | None,
    resume: Path | None,
    as_json: bool,
    no_follow: bool,
) -> None:
    """Show events as they happen, through restarts of the server."""
    token = token_file.read().strip() if token_file else os.environ.get("RETURNS_TOKEN", "")
    if not token:
        raise click.UsageError("a token is needed: RETURNS_TOKEN, or --token-file")
    if start and after:
        raise click.UsageError("--start or --after, not both")
    request = _request(tenant, where, start, after, resume)
    show = _show_json if as_json else _shown_to(Console(highlight=False, soft_wrap=True))
    try:
        asyncio.run(_tail(Server(address, token, ca_file), request, show, resume, follow_on=not no_follow))
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None


def _request(
    tenant: str, where: str, start: str | None, after: str | None, resume: Path | None
) -> StreamReturnEventsRequest:
    request = StreamReturnEventsRequest(parent=f"tenants/{tenant}", filter=where)
    kept = resume.read_text().strip() if resume is not None and resume.exists() else ""
    if kept or after:
        request.after_cursor = kept or after or ""
    elif start:
        request.start = StreamReturnEventsRequest.Start.Value(f"START_{start.upper()}")
    return request


async def _tail(
    server: Server,
    request: StreamReturnEventsRequest,
    show: Callable[[ReturnEvent], None],
    resume: Path | None,
    *,
    follow_on: bool,
) -> None:
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
