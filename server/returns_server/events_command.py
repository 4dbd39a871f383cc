"""`returns-server events`: what happens, for people or for programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

import click

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
    from returns_client import TLS, ReturnsClient
    from returns_server.events_shown import followed, show_all, shown

    token = token_file.read().strip() if token_file else os.environ.get("RETURNS_TOKEN", "")
    if not token:
        raise click.UsageError("a token is needed: RETURNS_TOKEN, or --token-file")
    if start and after:
        raise click.UsageError("--start or --after, not both")
    tls = TLS(ca_file=ca_file) if ca_file else None
    try:
        with (
            ReturnsClient(address, tenant=tenant, token=token, tls=tls, plaintext=tls is None) as client,
            followed(client, where, start, after, resume, follow_on=not no_follow) as events,
        ):
            show_all(events, shown(as_json), resume)
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None
