"""A database as the rest of storage sees it: read in a snapshot, write in a transaction, and the same on both kinds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from returns_server.storage.dialects import Dialect
from returns_server.storage.session import Session, WriteSession

T = TypeVar("T")


class Database(Protocol):
    """SQLite or PostgreSQL. All failures are of `failures`."""

    @property
    def dialect(self) -> Dialect:
        """Which database this is."""

    lanes: int
    """How many write transactions can run side by side: 1 on SQLite; on PostgreSQL 2, the second for those that wait
    for rows that others hold."""

    shares_reads: bool
    """Whether a query costs so much more than a row that point reads which arrive together should share one."""

    async def read(self, query: Callable[[Session], Awaitable[T]], *, heavy: bool = False, search: bool = False) -> T:
        """What the query answers, from one snapshot.

        `heavy` queries must not hold up light ones. A `search` is heavier still, for no index may answer it: it holds
        up other searches only, and raises TooSlow or TooBusy (see `searches`).
        """

    async def write(self, job: Callable[[WriteSession], Awaitable[T]], *, lane: int = 0) -> T:
        """What the job answers, once its transaction is durable; nothing of it is done if it raises.

        Lane -1 is for what works beside the writer: on PostgreSQL a connection of its own.
        """

    async def close(self) -> None:
        """Finish what runs and let go of all connections."""
