"""How statements are run: one face over a SQLite connection in a thread and a PostgreSQL one on the event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from returns_server.storage.dialects import Dialect, Query

Row = tuple[Any, ...]
Result = TypeVar("Result")


class Session(Protocol):
    """A connection. On SQLite its methods never really wait, so that `drive` can run what is written over it.

    Statements are SQL text in the dialect's own style with named parameters, as `Dialect.prepare` makes it.
    """

    @property
    def dialect(self) -> Dialect:
        """Which database this is."""

    @property
    def one_snapshot(self) -> bool:
        """Whether all statements see the same commits; else each sees those before it."""

    async def fetch(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows that the statement answers."""

    async def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run the statement; how many rows it changed."""

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        """The rows of each query, in turn; on PostgreSQL all travel in one round trip."""


class WriteSession(Session, Protocol):
    """A connection within a transaction that may write."""

    def later(self, query: Query) -> None:
        """Send a write whose result nobody needs along with the next `run`, or with the commit."""


def drive(awaitable: Awaitable[Result]) -> Result:
    """The result of an awaitable that never really waits, as all are that use a SQLite session alone."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as stop:
        result: Result = stop.value
        return result
    raise RuntimeError("a coroutine over a SQLite session waited for something else")
