"""What options and arguments say, as values of the contract."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1.party_pb2 import Approver

_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_NUMBER = re.compile(r"R-\d+")


@dataclass(frozen=True, slots=True)
class Item:
    """Units of an order line, and why, where that was said."""

    order: str
    line_id: str
    quantity: int
    reason_code: str = ""


class ItemType(click.ParamType[Item]):
    """`ORDER/LINE=UNITS`; with a reason `ORDER/LINE=UNITS:CODE`."""

    name = "item"

    def __init__(self, *, with_reason: bool = False) -> None:
        """Takes whether a reason may follow."""
        self._with_reason = with_reason

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Item:
        if isinstance(value, Item):
            return value
        found = re.fullmatch(r"([A-Za-z0-9._~-]+)/([A-Za-z0-9._~-]+)=(\d{1,10})(?::(.+))?", value, re.DOTALL)
        if found is None or (found[4] and not self._with_reason):
            self.fail(f"{value!r} is not {self.get_metavar_text()}, for example 1001/1=2", param, ctx)
        return Item(found[1], found[2], int(found[3]), found[4] or "")

    def get_metavar_text(self) -> str:
        """How it is written."""
        return "ORDER/LINE=UNITS[:CODE]" if self._with_reason else "ORDER/LINE=UNITS"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        return self.get_metavar_text()


class SpanType(click.ParamType[timedelta]):
    """A length of time: `30d`, `36h`, `1h30m`, `45s`."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        span = span_of(value)
        if span is None:
            self.fail(f"{value!r} is no length of time, such as 30d, 36h, 1h30m or 45s", param, ctx)
        return span

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        return "SPAN"


class TimeType(click.ParamType[datetime]):
    """A time: RFC 3339 with its zone, or how far from now: `-2h`, `+30d`, `now`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC)
        if value == "now":
            return now
        try:
            if value[:1] in "+-":
                span = span_of(value[1:])
                if span is not None:
                    return now + span if value[0] == "+" else now - span
            found = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            found = None
        if found is None or found.tzinfo is None:
            example = "2026-01-31T09:30:00Z, or from now on -2h, +30d"
            self.fail(f"{value!r} is no time with a zone, such as {example}", param, ctx)
        return found.astimezone(UTC)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        return "TIME"


class PairType(click.ParamType[tuple[str, str]]):
    """`NAME=VALUE`."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        key, equals, content = value.partition("=")
        if not key or not equals:
            self.fail(f"{value!r} is not NAME=VALUE", param, ctx)
        return key, content

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        return "NAME=VALUE"


class ApproverType(click.ParamType[Approver]):
    """`user:ID` or `group:ID`."""

    name = "approver"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Approver:
        if isinstance(value, Approver):
            return value
        kind, _, who = value.partition(":")
        if kind not in {"user", "group"} or not who:
            self.fail(f"{value!r} is neither user:ID nor group:ID", param, ctx)
        return Approver(type=Approver.Type.Value(f"TYPE_{kind.upper()}"), id=who)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        return "user:ID|group:ID"


def span_of(text: str) -> timedelta | None:
    """A length of time as it is written, or None."""
    found = _SPAN.fullmatch(text)
    if found is None or not text:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def timestamp_of(time: datetime) -> Timestamp:
    """The time as a message."""
    message = Timestamp()
    message.FromDatetime(time)
    return message


def value_of(text: str) -> Any:
    """What an attribute's text means: a JSON value where it is one, else the text itself."""
    try:
        return json.loads(text, parse_constant=lambda name: name)
    except (ValueError, RecursionError):
        return text


def resource_name(parent: str, collection: str, given: str) -> str:
    """The resource name of what was given as a bare id or as a resource name."""
    return given if given.startswith("tenants/") else f"{parent}/{collection}/{given}"


def is_number(given: str) -> bool:
    """Whether this is a return's number for people (R-000001) and not its id, which has no capital letters."""
    return _NUMBER.fullmatch(given) is not None


def is_sequence(given: str) -> bool:
    """Whether this is a number that an event has in its log."""
    return given.isascii() and given.isdecimal() and len(given) <= 18


def last_part(name: str) -> str:
    """The id at the end of a resource name."""
    return name.rpartition("/")[2]
