"""Keyset pages: statements in list order from a position on, and pages that end early when they grow heavy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from returns_server.application.listing import MAX_PAGE_BYTES
from returns_server.storage.session import Row

CHUNK = 64
"""Rows with documents are read so many at a time: a page may end long before its limit."""


@dataclass(frozen=True, slots=True)
class Key:
    """A column of a list's sort key, by its name in the selection."""

    name: str
    descending: bool


def paged(selects: Sequence[sa.Select[Any]], keys: Sequence[Key]) -> sa.Select[Any]:
    """The first `:limit` rows of several disjoint selections in list order.

    Each selection is ordered and cut off by itself, so that each can follow its own index.
    """
    cut = [first(select.order_by(*_ordering(select.selected_columns, keys))) for select in selects]
    if len(cut) == 1:
        return cut[0]
    union = sa.union_all(*(sa.select(select.subquery()) for select in cut)).subquery()
    return first(sa.select(union).order_by(*_ordering(union.c, keys)))


def first(select: sa.Select[Any]) -> sa.Select[Any]:
    """The first `:limit` rows of a selection.

    The offset is spelled out: for SQLite, Core would else add one as a parameter of its own, which no text carries.
    """
    return select.limit(sa.bindparam("limit", type_=sa.Integer())).offset(sa.literal_column("0"))


def counted(selects: Sequence[sa.Select[Any]]) -> sa.ClauseElement:
    """How many rows several disjoint selections have together."""
    counts = [select.with_only_columns(sa.func.count()).scalar_subquery() for select in selects]
    total: sa.ColumnElement[int] = counts[0]
    for more in counts[1:]:
        total += more
    return sa.select(total)


def beyond(columns: Sequence[sa.ColumnElement[Any]], *, descending: bool) -> sa.ColumnElement[bool]:
    """Whether columns that are never null lie behind the position of parameters `after0`, `after1` and so on."""
    here = sa.tuple_(*columns)
    there = sa.tuple_(*(sa.bindparam(f"after{i}", type_=column.type) for i, column in enumerate(columns)))
    return here < there if descending else here > there


def _ordering(columns: Any, keys: Sequence[Key]) -> list[sa.ColumnElement[Any]]:
    return [columns[key.name].desc() if key.descending else columns[key.name].asc() for key in keys]


async def read_page(
    fetch: Callable[[Row | None, int], Awaitable[list[Row]]], limit: int, document: int
) -> tuple[list[Row], bool]:
    """Up to `limit` rows, fewer where their documents exceed 2 MiB together, but at least one; and whether more follow.

    `fetch` reads so many rows behind the given one, or from the start of the page; `document` says which
    of a row's columns that is.
    """
    rows: list[Row] = []
    size = 0
    last: Row | None = None
    while True:
        wanted = min(limit + 1 - len(rows), CHUNK)
        chunk = await fetch(last, wanted)
        fitting = chunk[: limit - len(rows)]
        rows += fitting
        size += sum([len(row[document]) for row in fitting])
        more = len(fitting) < len(chunk)
        if size > MAX_PAGE_BYTES:
            kept = _cut(rows, document)
            return kept, more or len(kept) < len(rows) or len(chunk) == wanted
        if more or len(chunk) < wanted:
            return rows, more
        last = chunk[-1]


def fitting(rows: list[Row], document: int) -> list[Row]:
    """As many of the rows as fit into a page, but at least one."""
    return rows if sum([len(row[document]) for row in rows]) <= MAX_PAGE_BYTES else _cut(rows, document)


def _cut(rows: list[Row], document: int) -> list[Row]:
    count = sum(size <= MAX_PAGE_BYTES for size in accumulate(len(row[document]) for row in rows))
    return rows[: max(count, 1)]
