"""`returns-server import-orders`: an order file into a server, with a progress bar."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from returns_client.channels import Server
    from returns_client.importing import ImportReport

_SHOWN_PROBLEMS = 20


@click.command("import-orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", required=True, help="Whose orders they are.")
@click.option("--address", default="127.0.0.1:50051", show_default=True, metavar="HOST:PORT", help="The server.")
@click.option("--token-file", type=click.File(), help="Holds the token (- is standard input); else RETURNS_TOKEN does.")
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates to trust, PEM; without it the connection is plain text.",
)
def import_orders(*, file: Path, tenant: str, address: str, token_file: TextIO | None, ca_file: Path | None) -> None:
    """Import orders from FILE: CSV with a header or JSON lines, .gz or not. Importing again updates them.

    CSV needs the columns order_id, customer_id, ordered_at, line_id and product_id. One bad order never sinks the rest;
    the exit code is 1 if there was one.
    """
    import asyncio

    from returns_client.channels import Server
    from returns_client.feeding import ImportStopped
    from returns_client.order_files import OrderFileUnusable

    token = token_file.read().strip() if token_file else os.environ.get("RETURNS_TOKEN", "")
    if not token:
        raise click.UsageError("a token is needed: RETURNS_TOKEN, or --token-file")
    try:
        report, assumptions = asyncio.run(_imported(file, tenant, Server(address, token, ca_file)))
    except (OrderFileUnusable, ImportStopped) as error:
        raise click.ClickException(str(error)) from None
    for sentence in assumptions:
        click.echo(f"note: {sentence}")
    click.echo(
        f"{report.orders_sent} orders sent: {report.imported} new, {report.updated} updated, "
        f"{report.unchanged} unchanged, {report.failed} refused; {report.unreadable} problems in the file"
    )
    for problem in report.problems[:_SHOWN_PROBLEMS]:
        click.echo(f"  {problem}", err=True)
    if not report.ok:
        raise click.exceptions.Exit(1)


async def _imported(file: Path, tenant: str, server: Server) -> tuple[ImportReport, list[str]]:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from returns_client.feeding import import_file

    columns = (SpinnerColumn(), TextColumn("importing"), MofNCompleteColumn(), TextColumn("orders"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task("import", total=None)
        return await import_file(
            file, tenant, server, lambda so_far: progress.update(task, completed=so_far.orders_sent)
        )
