"""`returnsctl profile`: where to call and as whom, kept in a file."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from returnsctl.failures import printable
from returnsctl.options import json_option
from returnsctl.output import console
from returnsctl.profiles import DEFAULT_ADDRESS, Profile, ProfileFile, config_path
from returnsctl.session import Session


def _file(ctx: click.Context) -> ProfileFile:
    return ProfileFile(config_path(ctx.find_root().params.get("config")))


@click.group("profile")
def profile_group() -> None:
    """Where to call and as whom: server, tenant, token and TLS, under a name."""


@profile_group.command("add")
@click.argument("name")
@click.option("--address", default=DEFAULT_ADDRESS, show_default=True, metavar="HOST:PORT", help="The server.")
@click.option("--tenant", required=True, help="Whose returns.")
@click.option("--token-file", default="", metavar="FILE", help="Read the token from this file, anew each time.")
@click.option("--token-command", default="", metavar="COMMAND", help="Run this program (no shell) for the token.")
@click.option("--ask-token", is_flag=True, help="Ask for the token, or read it from standard input, and keep it here.")
@click.option(
    "--plaintext/--tls", default=None, help="Without TLS, or with it; by default without to this machine only."
)
@click.option("--ca-file", default="", metavar="FILE", help="Certificates to trust, PEM; else the system's.")
@click.option("--cert-file", default="", metavar="FILE", help="This client's certificate, PEM.")
@click.option("--key-file", default="", metavar="FILE", help="Its private key, PEM.")
@click.pass_context
def add(ctx: click.Context, /, *, name: str, ask_token: bool, **said: Any) -> None:
    """Keep a profile under NAME, new or instead of the one that was there. The first one is used from then on.

    Without a source of a token, commands look for one in RETURNSCTL_TOKEN.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise click.BadParameter("letters, digits, - and _ only", param_hint="NAME")
    if sum((bool(said["token_file"]), bool(said["token_command"]), ask_token)) > 1:
        raise click.UsageError("one of --token-file, --token-command and --ask-token")
    if bool(said["cert_file"]) != bool(said["key_file"]):
        raise click.UsageError("a client's certificate needs both: --cert-file and --key-file")
    token = _asked_token() if ask_token else ""
    profile = Profile(token=token, **said)
    if ask_token:
        profile.bearer_token()  # refuses what no token can be
    file = _file(ctx)
    file.put(name, profile)
    file.save()
    click.echo(f"profile {name} is kept in {file.path}" + (", and in use" if file.current == name else ""))


def _asked_token() -> str:
    token: str
    token = click.prompt("Token", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not token.strip():
        raise click.UsageError("no token came")
    return token.strip()


@profile_group.command("list")
@json_option
@click.pass_context
def list_profiles(ctx: click.Context) -> None:
    """Show the profiles; never a token."""
    file = _file(ctx)
    shown = [_shown(file, name) for name in file.names]
    session = ctx.find_object(Session)
    if session is not None and session.as_json:
        for one in shown:
            click.echo(json.dumps(one, ensure_ascii=False))
        return
    if not shown:
        click.echo(f"no profiles in {file.path}: `returnsctl profile add`", err=True)
        return
    table = Table("", "PROFILE", "SERVER", "TENANT", "TOKEN", "CONNECTION", box=None, pad_edge=False)
    for one in shown:
        cells = (
            "*" if one["current"] else "",
            one["name"],
            one["address"],
            one["tenant"],
            one["token"],
            one["connection"],
        )
        table.add_row(*(Text(printable(str(cell))) for cell in cells))
    console().print(table)


def _shown(file: ProfileFile, name: str) -> dict[str, Any]:
    profile = file.get(name)
    return {
        "name": name, "current": name == file.current, "address": profile.address, "tenant": profile.tenant,
        "token": profile.token_source, "connection": profile.connection,
    }  # fmt: skip


def _complete(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in _file(ctx).names if name.startswith(begun)]


@profile_group.command()
@click.argument("name", shell_complete=_complete)
@click.pass_context
def use(ctx: click.Context, *, name: str) -> None:
    """Use this profile where none is named."""
    file = _file(ctx)
    file.use(name)
    file.save()
    click.echo(f"profile {name} is in use")


@profile_group.command()
@click.argument("name", shell_complete=_complete)
@click.pass_context
def remove(ctx: click.Context, *, name: str) -> None:
    """Forget a profile."""
    file = _file(ctx)
    file.remove(name)
    file.save()
    click.echo(f"profile {name} is forgotten")
