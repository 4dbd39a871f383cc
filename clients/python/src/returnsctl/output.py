"""Answers on standard output: tables and lists for people, protobuf's JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import click
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.table import Table
from rich.text import Text

from returnsctl.failures import printable
from returnsctl.session import Session

M = TypeVar("M", bound=Message)

_WIDE = 500
"""Columns where there is no terminal: what is read by a program, or looked at later, is not cut."""


@dataclass(frozen=True, slots=True)
class Column(Generic[M]):
    """A column of a table, and what it shows of a message."""

    title: str
    of: Callable[[M], str]
    right: bool = False


def console() -> Console:
    """Standard output, as wide as the terminal or as what is shown."""
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)


def json_line(message: Message) -> str:
    """The message in a line, in protobuf's JSON form."""
    return MessageToJson(message, indent=None, ensure_ascii=False)


def show(session: Session, message: M, human: Callable[[M], None]) -> None:
    """One answer: a document for programs, else as `human` shows it."""
    if session.as_json:
        click.echo(MessageToJson(message, ensure_ascii=False))
    else:
        human(message)


def show_all(session: Session, messages: Iterable[M], columns: Sequence[Column[M]], *, nothing: str) -> None:
    """Many answers: a line for each for programs, as they come; else a table, or the sentence `nothing`."""
    if session.as_json:
        for message in messages:
            click.echo(json_line(message))
        return
    found = list(messages)
    if found:
        print_table(found, columns)
    else:
        click.echo(nothing, err=True)


def print_table(rows: Iterable[M], columns: Sequence[Column[M]]) -> None:
    """A table without lines; cells are shown as they are, without what could steer the terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title, justify="right" if column.right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(column.of(row))) for column in columns))
    console().print(table)


def print_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """A headline, and a line for each fact that says something."""
    out = console()
    out.print(Text(printable(title), style="bold"))
    for name, value in facts:
        if value:
            out.print(Text.assemble("  ", (f"{name:<12}", "dim"), printable(value)), soft_wrap=True)


def time_text(time: Timestamp) -> str:
    """A time in UTC to the second; empty where none is set."""
    return f"{time.ToDatetime():%Y-%m-%d %H:%M:%SZ}" if time.seconds or time.nanos else ""


def enum_text(message: Message, field: str) -> str:
    """The short name of an enum field's value: `PENDING`; empty where it is unspecified."""
    kind = message.DESCRIPTOR.fields_by_name[field].enum_type
    number: int = getattr(message, field)
    names = {each.number: each.name for each in kind.values} if kind else {}
    # A newer server may have values that this release has no name for.
    return short_name(names[0], names[number]) if number in names else str(number)


def short_name(zero: str, name: str) -> str:
    """An enum value's name without the prefix that it shares with the value 0; empty for that value itself."""
    return "" if name == zero else name.removeprefix(zero.removesuffix("UNSPECIFIED"))
