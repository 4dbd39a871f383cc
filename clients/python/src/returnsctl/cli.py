"""The command `returnsctl`: its options, its groups, and how each run ends."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem, get_completion_class

from returns_client import ReturnsError
from returnsctl.decision_commands import DECISIONS
from returnsctl.delivery_commands import DELIVERIES
from returnsctl.event_commands import events
from returnsctl.failures import Refused
from returnsctl.order_commands import orders
from returnsctl.profile_commands import profile_group
from returnsctl.profiles import Profile, ProfileFile, ProfileInvalid, config_path
from returnsctl.return_commands import returns
from returnsctl.session import Session
from returnsctl.webhook_commands import webhooks

_SHELLS = ("bash", "zsh", "fish")


class _Told(click.Group):
    """A group that says in a sentence what a person can put right."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ReturnsError as error:
            session = ctx.find_object(Session)
            address, as_json = (session.profile.address, session.as_json) if session else ("", False)
            raise Refused(error, address=address, as_json=as_json) from None
        except ProfileInvalid as error:
            raise click.ClickException(str(error)) from None


def _known_profiles(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    try:
        names = ProfileFile(config_path(ctx.params.get("config"))).names
    except ProfileInvalid:
        return []
    return [CompletionItem(name) for name in names if name.startswith(begun)]


@click.group(cls=_Told, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-p", "--profile", "profile_name", envvar="RETURNSCTL_PROFILE", shell_complete=_known_profiles,
    help="Where to call and as whom: one of `returnsctl profile list`; else the current one.",
)  # fmt: skip
@click.option(
    "--address", envvar="RETURNSCTL_ADDRESS", metavar="HOST:PORT", help="The server, instead of the profile's."
)
@click.option("--tenant", envvar="RETURNSCTL_TENANT", help="Whose returns, instead of the profile's.")
@click.option(
    "--token-file", envvar="RETURNSCTL_TOKEN_FILE", metavar="FILE",
    help="Holds the token. The variable RETURNSCTL_TOKEN is the token itself; there is no option for it, for others on "
    "this machine can read options.",
)  # fmt: skip
@click.option("--token-command", envvar="RETURNSCTL_TOKEN_COMMAND", metavar="COMMAND", help="Prints the token.")
@click.option(
    "--plaintext/--tls", default=None, envvar="RETURNSCTL_PLAINTEXT",
    help="Without TLS, or with it; by default without to this machine, else with.",
)  # fmt: skip
@click.option("--ca-file", envvar="RETURNSCTL_CA_FILE", metavar="FILE", help="Certificates to trust, PEM.")
@click.option("--cert-file", envvar="RETURNSCTL_CERT_FILE", metavar="FILE", help="This client's certificate, PEM.")
@click.option("--key-file", envvar="RETURNSCTL_KEY_FILE", metavar="FILE", help="Its private key, PEM.")
@click.option(
    "--timeout", "timeout_seconds", envvar="RETURNSCTL_TIMEOUT", type=click.FloatRange(0, min_open=True), default=30.0,
    show_default=True, metavar="SECONDS", help="How long a call may take, with all its repetitions.",
)  # fmt: skip
@click.option("--config", metavar="FILE", help="The file of profiles. [env var: RETURNSCTL_CONFIG]")
@click.option(
    "--json", "as_json", is_flag=True, help="For programs: a document, or a line for each. Any command takes it."
)
@click.version_option(package_name="returns-client", prog_name="returnsctl")
@click.pass_context
def cli(
    ctx: click.Context,
    /,
    *,
    profile_name: str | None,
    config: str | None,
    timeout_seconds: float,
    as_json: bool,
    **given: Any,
) -> None:
    """Returns Service from the command line: orders, returns, events and webhooks of a shop.

    Exit codes: 0 done, 1 failed, 2 asked wrongly, 3 not found, 4 not allowed, 5 in conflict with what is (state,
    quantity, etag), 6 not now (unreachable, overloaded, out of time).
    """

    def profile() -> Profile:
        file = ProfileFile(config_path(config))
        name = profile_name or file.current
        return _overridden(ctx, file.get(name) if name else Profile(), given)

    ctx.obj = Session(profile, timeout_seconds=timeout_seconds, as_json=as_json)


def _overridden(ctx: click.Context, profile: Profile, given: dict[str, Any]) -> Profile:
    """The profile with what options, and behind them the environment, say instead."""
    plain = {name: given[name] for name in ("address", "tenant", "plaintext", "ca_file", "cert_file", "key_file")}
    profile = replace(profile, **{name: value for name, value in plain.items() if value is not None})
    on_line = [name for name in ("token_file", "token_command") if _on_command_line(ctx, name)]
    if len(on_line) > 1:
        raise click.UsageError("--token-file or --token-command, not both")
    if on_line:
        return profile.with_token_from(**{on_line[0]: given[on_line[0]]})
    if os.environ.get("RETURNSCTL_TOKEN"):
        return profile.with_token_from(token=os.environ["RETURNSCTL_TOKEN"])
    for name in ("token_file", "token_command"):
        if given[name]:
            return profile.with_token_from(**{name: given[name]})
    return profile


def _on_command_line(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


@cli.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print what completes commands, options and names in a shell.

    bash: add `eval "$(returnsctl completion bash)"` to ~/.bashrc; zsh likewise to ~/.zshrc; fish: write it to
    ~/.config/fish/completions/returnsctl.fish.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(cli, {}, "returnsctl", "_RETURNSCTL_COMPLETE").source())


for _group in (profile_group, orders, returns, events, webhooks):
    cli.add_command(_group)
for _command in DECISIONS:
    returns.add_command(_command)
for _command in DELIVERIES:
    webhooks.add_command(_command)
