"""`returns-server`: serve, and what running it takes.

Here, and where its commands stand, click alone is imported; a command imports what it runs when it runs. A probe
starts this program every few seconds.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from returns_server.backup_commands import audited, backup, restore
from returns_server.events_command import events
from returns_server.health_command import health
from returns_server.import_command import import_orders
from returns_server.reseal_command import reseal
from returns_server.told import reported

if TYPE_CHECKING:
    import asyncio

    from returns_server.config import Settings


@click.group()
@click.version_option(package_name="returns-server", prog_name="returns-server")
def main() -> None:
    """Returns Service: returns for shops, over gRPC."""


@main.command()
@click.option("--dev", is_flag=True, help="On this machine only, with a signing key made in the data folder.")
@click.option("--listen", metavar="HOST:PORT", help="Instead of RETURNS_LISTEN; port 0 picks a free one.")
@click.option("--workers", type=int, metavar="N", help="Instead of RETURNS_WORKERS; more than 1 on PostgreSQL only.")
@reported
def serve(*, dev: bool, listen: str | None, workers: int | None) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way."""
    import uvloop

    from returns_server.config import read_settings
    from returns_server.setting_groups import LogFormat
    from returns_server.settings_table import unknown_names
    from returns_server.telemetry import logs

    settings = read_settings(dev=dev, listen=listen, workers=workers)
    people = settings.log.format is LogFormat.CONSOLE or (dev and sys.stderr.isatty())
    logs.configure(level=settings.log.level, people=people)
    for sentence in unknown_names():
        click.echo(f"warning: {sentence}", err=True)
    uvloop.run(_serve(settings, dev) if settings.workers == 1 else _serve_with_workers(settings, dev, people))


def _ready(address: str) -> None:
    click.echo(f"returns-server ready: {address}")
    sys.stdout.flush()


async def _serve(settings: Settings, dev: bool) -> None:
    from returns_server.bootstrap import running
    from returns_server.memory import settle

    stopping = _told_to_stop()
    async with running(settings, dev=dev) as app:
        settle()
        _ready(app.address)
        await stopping.wait()


async def _serve_with_workers(settings: Settings, dev: bool, people: bool) -> None:
    from returns_server.workers.supervisor import serve_with_workers

    await serve_with_workers(settings, dev=dev, people=people, ready=_ready)


@main.command()
@click.option("--dev", is_flag=True, help="With the sealing key made in the data folder.")
@reported
def webhooks(*, dev: bool) -> None:
    """Post webhooks until SIGTERM or SIGINT, beside servers with RETURNS_WEBHOOKS_BRIDGE=false."""
    import uvloop

    from returns_server.config import read_settings
    from returns_server.setting_groups import LogFormat
    from returns_server.telemetry import logs
    from returns_server.webhook_assembly import sealing_keys

    settings = read_settings(serving=False)
    if sealing_keys(settings, dev=dev) is None:
        raise click.ClickException("RETURNS_WEBHOOKS_KEYS: give the keys that the servers seal secrets with")
    people = settings.log.format is LogFormat.CONSOLE or (dev and sys.stderr.isatty())
    logs.configure(level=settings.log.level, people=people)
    uvloop.run(_bridge(settings, dev))


async def _bridge(settings: Settings, dev: bool) -> None:
    from returns_server.webhook_assembly import bridging

    stopping = _told_to_stop()
    async with bridging(settings, dev=dev):
        click.echo("returns-server webhooks ready")
        sys.stdout.flush()
        await stopping.wait()


@main.command()
@reported
def relay() -> None:
    """Publish the events of all tenants to NATS JetStream until SIGTERM or SIGINT, beside the servers."""
    import uvloop

    from returns_server.config import read_settings
    from returns_server.setting_groups import LogFormat
    from returns_server.telemetry import logs

    settings = read_settings(serving=False)
    logs.configure(level=settings.log.level, people=settings.log.format is LogFormat.CONSOLE)
    uvloop.run(_relay(settings))


async def _relay(settings: Settings) -> None:
    import asyncio

    from returns_server.relay_assembly import relaying

    stopping = asyncio.create_task(_told_to_stop().wait())
    async with relaying(settings) as work:
        click.echo("returns-server relay ready")
        sys.stdout.flush()
        await asyncio.wait({stopping, work.over}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            stopping.cancel()
            await work.over  # raises why it cannot go on


def _told_to_stop() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    import asyncio
    import signal

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


@main.command("sealing-key")
def sealing_key() -> None:
    """Print a new key for RETURNS_WEBHOOKS_KEYS, with its id."""
    from returns_server.sealing import new_sealing_key

    click.echo(new_sealing_key())


@main.command()
@reported
def migrate() -> None:
    """Bring the database to the schema that this release needs."""
    from returns_server.config import read_settings
    from returns_server.storage import migrations

    target = read_settings(serving=False).database
    click.echo(f"the database has schema {migrations.upgrade(target)}")


@main.command()
@reported
def config() -> None:
    """Show the effective settings; secrets are masked."""
    from rich.console import Console
    from rich.table import Table

    from returns_server.config import read_settings
    from returns_server.settings_table import settings_table, unknown_names

    table = Table("setting", "value", "meaning")
    for name, value, meaning in settings_table(read_settings(serving=False)):
        table.add_row(name, value, meaning)
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    for sentence in unknown_names():
        click.echo(f"warning: {sentence}", err=True)


def _tenant(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9]{2,15}", value):
        raise click.BadParameter("a tenant is a letter and 2 to 15 letters or digits, all lower case")
    return value


def _scopes(_context: click.Context, _parameter: click.Parameter, value: str) -> list[str]:
    from returns_server.application.caller import Scope

    scopes = value.split()
    known = [scope.value for scope in Scope]
    for scope in scopes:
        if scope not in known:
            raise click.BadParameter(f"{scope!r} is no scope; there are {', '.join(known)}")
    return scopes


@main.command()
@click.option("--tenant", required=True, callback=_tenant, help="Whose data the token opens.")
@click.option("--scope", required=True, callback=_scopes, help="Scopes, separated by spaces: 'returns.returns_manage'.")
@click.option("--subject", required=True, help="Who the bearer is.")
@click.option("--customer-id", help="The bearer's customer id in the shop; the subject if left out.")
@click.option("--email", help="The bearer's e-mail address.")
@click.option("--email-verified", is_flag=True, help="The address is known to be the bearer's.")
@click.option("--given-name", help="The bearer's first name.")
@click.option("--family-name", help="The bearer's last name.")
@click.option("--user-type", type=click.Choice(["EMPLOYEE", "SERVICE"]), help="What a bearer of wide scopes is.")
@click.option("--ttl", type=click.IntRange(1, 30 * 86_400), default=3600, help="Seconds that the token is good for.")
@reported
def token(
    *,
    tenant: str,
    scope: list[str],
    subject: str,
    customer_id: str | None,
    email: str | None,
    email_verified: bool,
    given_name: str | None,
    family_name: str | None,
    user_type: str | None,
    ttl: int,
) -> None:
    """Print a token that a server with --dev on the same data folder accepts."""
    from returns_server.clock import system_clock
    from returns_server.config import read_settings
    from returns_server.devtokens import development_key, mint_token

    click.echo(
        mint_token(
            development_key(read_settings(serving=False).data_dir),
            system_clock(),
            tenant=tenant,
            scopes=scope,
            subject=subject,
            ttl_seconds=ttl,
            customer_id=customer_id,
            email=email,
            email_verified=email_verified or None,
            given_name=given_name,
            family_name=family_name,
            user_type=user_type,
        )
    )


main.add_command(import_orders)
main.add_command(events)
main.add_command(backup)
main.add_command(restore)
main.add_command(reseal)
main.add_command(health)


@main.command("verify-log")
@reported
def verify_log() -> None:
    """Check that the event log is dense and in order and that the ledger balances; exit 1 if not."""
    import asyncio

    from returns_server.config import read_settings

    report = asyncio.run(audited(read_settings(serving=False).database))
    checked = f"{report.tenants} tenants, {report.events} events, {report.returns} returns, {report.lines} order lines"
    if not report.findings:
        click.echo(f"the books balance: {checked}")
        return
    for finding in report.findings:
        click.echo(f"BROKEN: {finding.promise}: {finding.where}", err=True)
    raise click.ClickException(f"{len(report.findings)} findings in {checked}")
