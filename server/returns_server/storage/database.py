"""A database as the rest of storage sees it: read in a snapshot, write in a transaction, and the same on both kinds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import sqlalchemy as sa

from returns_server.domain.ids import TenantId
from returns_server.storage.dialects import Dialect
from returns_server.storage.session import Row, Session, WriteSession

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A question for one row: by which columns of a table, and for which of them. Made once, at import."""

    table: sa.Table
    keys: tuple[str, ...]
    columns: tuple[str, ...]


class Database(Protocol):
    """SQLite or PostgreSQL. All failures are of `failures`."""

    @property
    def dialect(self) -> Dialect:
        """Which database this is."""

    lanes: int
    """How many write transactions can run side by side: 1 on SQLite; on PostgreSQL 2, the second for those that wait
    for rows that others hold."""

    embedded: bool
    """Whether it works within this process, which can do little else meanwhile."""

    @property
    def connections(self) -> int:
        """How many connections are open."""

    async def find(self, point: Point, key: Row) -> Row | None:
        """The row under a key as of now, or None: the cheapest question there is."""

    async def read(
        self,
        query: Callable[[Session], Awaitable[T]],
        *,
        heavy: bool = False,
        search: TenantId | None = None,
        once: bool = False,
    ) -> T:
        """What the query answers, from one snapshot.

        `heavy` queries must not hold up light ones. A `search` of a tenant is heavier still, for no index may answer
        it: it holds up other searches only, and raises TooSlow or TooBusy (see `searches`). `once` is for a query of
        one statement that reads much which nobody is likely to read again soon: memory for pages is not spent on it.
        """

    async def write(self, job: Callable[[WriteSession], Awaitable[T]], *, lane: int = 0) -> T:
        """What the job answers, once its transaction is durable; nothing of it is done if it raises.

        Lane -1 is for what works beside the writer: on PostgreSQL a connection of its own.
        """

    async def close(self) -> None:
        """Finish what runs and let go of all connections."""
