"""Options that many commands share, and what their values become."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import click

from commerce.returns.v1.reason_pb2 import Reason
from returns_client.exceptions import ReturnNotFound
from returnsctl.session import Session
from returnsctl.values import is_number

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M")

_LARGEST_PAGE = 1000


def _switch_json(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    session = ctx.find_object(Session)
    if wanted and session is not None:
        session.as_json = True


def json_option(command: F) -> F:
    """`--json` behind a command, as in front of it."""
    help_text = "For programs: protobuf's JSON, a document or a line for each."
    option = click.option(
        "--json", is_flag=True, expose_value=False, is_eager=True, callback=_switch_json, help=help_text
    )
    return option(command)


def mutation(command: F) -> F:
    """What every change takes."""
    for option in (
        click.option("--validate-only", is_flag=True, help="Check everything, change nothing, show what would be."),
        click.option(
            "--request-id", default="", metavar="UUID",
            help="Makes a repetition safe: the same id has one effect. By default a new one.",
        ),
        json_option,
    ):  # fmt: skip
        command = option(command)
    return command


etag_option = click.option("--etag", default="", help="Only if it is still what you read: `get` shows it.")


def reason_options(*, required: bool) -> Callable[[F], F]:
    """`--reason CODE` and `--details TEXT`."""

    def decorate(command: F) -> F:
        needed = " One of the two is needed." if required else ""
        command = click.option("--details", default="", metavar="TEXT", help="Why, in words.")(command)
        return click.option("--reason", "code", default="", metavar="CODE", help=f"Why, as a code.{needed}")(command)

    return decorate


def reason_of(code: str, details: str) -> Reason | None:
    """The reason that options name; None where they name none."""
    return Reason(code=code, details=details) if code or details else None


def listing(command: F) -> F:
    """How many to list."""
    for option in (
        click.option("--all", "everything", is_flag=True, help="All of them, instead of --limit."),
        click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most."),
        json_option,
    ):
        command = option(command)
    return command


def return_named(session: Session, given: str) -> str:
    """The id or resource name of a return that was given by that, or by its number, which is looked up."""
    if not is_number(given):
        return given
    for found in session.client.returns.list(filter=f'number="{given}"', page_size=1):
        return found.name
    message = f"no return has the number {given}, or none that this token may see"
    raise ReturnNotFound("NOT_FOUND", message, reason="RETURN_NOT_FOUND")


def wanted(pages: Iterable[M], limit: int, everything: bool) -> Iterator[M]:
    """As many of a list as `--limit` and `--all` say."""
    return islice(pages, None if everything else limit)


def page_size(limit: int, everything: bool) -> int:
    """How large its pages should be."""
    return _LARGEST_PAGE if everything else min(limit, _LARGEST_PAGE)
