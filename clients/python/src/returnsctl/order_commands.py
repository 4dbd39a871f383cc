"""`returnsctl orders`: import them, look at them, and see what of them can still go back."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from returns_client.importing import ImportReport, OrdersOnTheirWay
from returns_client.order_files import OrderFile, OrderFileUnusable
from returnsctl.failures import printable
from returnsctl.options import json_option, listing, page_size, wanted
from returnsctl.output import show, show_all
from returnsctl.session import Session
from returnsctl.shown_returns import ORDERS, RETURNABLE, print_order

_SHOWN_PROBLEMS = 20


@click.group()
def orders() -> None:
    """Orders: what was sold, fed by the shop."""


@orders.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def import_file(session: Session, *, file: Path) -> None:
    """Import orders from FILE: CSV with a header or JSON lines, .gz or not. Importing again updates them.

    CSV needs the columns order_id, customer_id, ordered_at, line_id and product_id. One bad order never sinks the rest;
    the exit code is 1 if there was one.
    """
    try:
        found = OrderFile(file, session.parent)
        report = _imported(session, found, file.stat().st_size)
    except OrderFileUnusable as error:
        raise click.ClickException(str(error)) from None
    assumptions = found.notes.sentences()
    if session.as_json:
        click.echo(json.dumps({**asdict(report), "assumptions": assumptions}, ensure_ascii=False))
    else:
        for sentence in assumptions:
            click.echo(f"note: {sentence}")
        click.echo(
            f"{report.orders_sent} orders sent: {report.imported} new, {report.updated} updated, "
            f"{report.unchanged} unchanged, {report.failed} refused; {report.unreadable} problems in the file"
        )
        for problem in report.problems[:_SHOWN_PROBLEMS]:
            click.echo(f"  {printable(str(problem))}", err=True)
        if len(report.problems) > _SHOWN_PROBLEMS:
            click.echo(
                f"  … and {report.failed + report.unreadable - _SHOWN_PROBLEMS} more (--json has them)", err=True
            )
    if not report.ok:
        raise click.exceptions.Exit(1)


def _imported(session: Session, found: OrderFile, size: int) -> ImportReport:
    columns = (TextColumn("importing"), BarColumn(), TextColumn("{task.fields[orders]:,} orders"))
    shown = Console(stderr=True)
    # Nobody watches a bar in a log.
    with Progress(*columns, TimeElapsedColumn(), console=shown, disable=not shown.is_terminal) as progress:
        task = progress.add_task("import", total=size, orders=0)

        def moved(so_far: ImportReport) -> None:
            progress.update(task, completed=found.bytes_read, orders=so_far.orders_sent)

        sending = OrdersOnTheirWay(found, moved)
        return sending.report_of(session.client.orders.import_orders(sending.orders()))


@orders.command()
@click.argument("order")
@json_option
@click.pass_obj
def get(session: Session, *, order: str) -> None:
    """Show ORDER with its lines and what of them is returned."""
    show(session, session.client.orders.get(order), print_order)


@orders.command("list")
@click.option("--filter", "where", default="", help="Only these: 'customer_id=c-17 AND lines.product_id:teapot'.")
@listing
@click.pass_obj
def list_orders(session: Session, *, where: str, limit: int, everything: bool) -> None:
    """List orders, the newest first."""
    found = session.client.orders.list(filter=where, page_size=page_size(limit, everything))
    show_all(session, wanted(found, limit, everything), ORDERS, nothing="no orders")


@orders.command()
@click.argument("order", required=False)
@click.option("--customer", default="", metavar="ID", help="Of all orders of this customer.")
@click.option("--guest", default="", metavar="EMAIL", help="Of all orders that a guest made under this address.")
@listing
@click.pass_obj
def returnable(session: Session, *, order: str | None, customer: str, guest: str, limit: int, everything: bool) -> None:
    """Show what can still go back: of ORDER, of a customer's or a guest's orders; else of your own."""
    if sum(map(bool, (order, customer, guest))) > 1:
        raise click.UsageError("one of ORDER, --customer and --guest")
    found = session.client.returns.returnable_items(
        order=order or "", customer_id=customer, guest_email=guest, page_size=page_size(limit, everything)
    )
    show_all(session, wanted(found, limit, everything), RETURNABLE, nothing="nothing can go back")
