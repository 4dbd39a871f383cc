"""`returnsctl events`: what happens, as it happens, for people or for programs."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.returns_service_pb2 import StreamReturnEventsRequest
from returns_client import EventFollower
from returnsctl.failures import printable
from returnsctl.options import json_option, listing, page_size, wanted
from returnsctl.output import json_line
from returnsctl.session import Session
from returnsctl.values import TimeType, timestamp_of
from returnsctl.wording import actor_text, price_text, state_text

_KEEP_SECONDS = 0.5
_filter_option = click.option(
    "--filter", "where", default="", help="Only these: 'type=return.approved AND snapshot.currency_code=EUR'."
)


@click.group()
def events() -> None:
    """What happens to returns, in the order in which it happened."""


@events.command("list")
@_filter_option
@click.option("--after", default="", metavar="CURSOR", help="Only what came after this cursor.")
@listing
@click.pass_obj
def list_events(session: Session, *, where: str, after: str, limit: int, everything: bool) -> None:
    """Show what has happened, the oldest first."""
    found = session.client.events.list(filter=where, after_cursor=after, page_size=page_size(limit, everything))
    show = _shown_as(session)
    for event in wanted(found, limit, everything):
        show(event)


@events.command("follow")
@_filter_option
@click.option(
    "--start", type=click.Choice(["earliest", "latest"]), help="From which end of the log on; else the latest."
)
@click.option("--since", type=TimeType(), help="From what happened at this time on: -2h, or a time.")
@click.option("--after", metavar="CURSOR", help="From right after this cursor on.")
@click.option(
    "--resume", type=click.Path(dir_okay=False, path_type=Path),
    help="A file that keeps the last cursor: go on after it, where there is one, and keep it there.",
)  # fmt: skip
@click.option("--count", type=click.IntRange(1), help="End after so many events.")
@json_option
@click.pass_obj
def follow_events(
    session: Session,
    *,
    where: str,
    start: str | None,
    since: datetime | None,
    after: str | None,
    resume: Path | None,
    count: int | None,
) -> None:
    """Show events as they happen, through restarts of the server and lost connections, until SIGINT or SIGTERM.

    With --resume the place in the log is kept once events were shown: after a crash the latest may be shown again, none
    is left out.
    """
    if sum(map(bool, (start, since, after))) > 1:
        raise click.UsageError("one of --start, --since and --after")
    cursor = _kept(resume) or after or ""
    if cursor:
        start = since = None
    starts = StreamReturnEventsRequest.Start
    following = session.client.events.follow(
        filter=where,
        after_cursor=cursor,
        start=starts.Value(f"START_{start.upper()}") if start else StreamReturnEventsRequest.START_UNSPECIFIED,
        start_time=timestamp_of(since) if since else None,
        on_pause=lambda why: click.echo(f"note: the stream was interrupted ({printable(why)}); it goes on", err=True),
    )
    with _terminable(), following, _keeping(resume, following) as keep:
        _follow(following, _shown_as(session), keep, count)


def _follow(
    following: EventFollower, show: Callable[[ReturnEvent], None], keep: Callable[[str], None], count: int | None
) -> None:
    for number, event in enumerate(following, start=1):
        show(event)
        keep(event.cursor)
        if number == count:
            return


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGINT and SIGTERM leave this block as an exception, with the code that shells give to who ends by a signal."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise click.exceptions.Exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _keeping(file: Path | None, following: EventFollower) -> Iterator[Callable[[str], None]]:
    """A function that keeps cursors in the file, now and then; the last one in any case, on leaving."""
    shown, kept_until = "", time.monotonic()

    def keep(cursor: str) -> None:
        nonlocal shown, kept_until
        shown = cursor
        if file is not None and time.monotonic() >= kept_until:
            _keep(file, cursor)
            kept_until = time.monotonic() + _KEEP_SECONDS

    try:
        yield keep
    finally:
        # Past what a filter left out, where nothing is being shown; else what was shown last.
        place = following.cursor if following.caught_up else shown
        if file is not None and (place or shown):
            _keep(file, place or shown)


def _kept(resume: Path | None) -> str:
    if resume is None:
        return ""
    try:
        return resume.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"cannot be read: {error}", param_hint="--resume") from None


def _keep(file: Path, cursor: str) -> None:
    """Put the cursor in place as a whole: whoever reads the file finds the old one or the new one."""
    try:
        handle, fresh = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            written.write(cursor + "\n")
        Path(fresh).replace(file)
    except OSError as error:
        raise click.ClickException(f"{file}: the cursor cannot be kept: {error.strerror}") from None


def _shown_as(session: Session) -> Callable[[ReturnEvent], None]:
    return (lambda event: click.echo(json_line(event))) if session.as_json else _show


def _show(event: ReturnEvent) -> None:
    ret = event.snapshot
    at = event.time.ToDatetime().isoformat(sep=" ", timespec="milliseconds")
    changed = "" if event.type == "return.created" else ", ".join(event.changed_paths.paths)
    said = f"{at}Z  {event.sequence:>6}  {event.type:<16}  {ret.number}  {price_text(ret.total):>12}  {state_text(ret)}"
    by = actor_text(event.actor)
    click.echo(printable(said + (f"  by {by}" if by else "") + (f"  ({changed})" if changed else "")))
