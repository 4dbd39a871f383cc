"""What was sent to PostgreSQL together, and what comes of it: a result a command, in the same order."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum

import psycopg
from psycopg import abc, pq
from psycopg.errors import error_from_result

from returns_server.storage.session import Row

_GOOD = frozenset({pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK})


class Prepared:
    """A statement that the server knows, and what turns its rows into Python's values."""

    __slots__ = ("_loaders", "_loaders_set", "key", "name")

    def __init__(self, key: tuple[bytes, tuple[int, ...]], name: bytes, loaders: abc.Transformer) -> None:
        self.key = key
        self.name = name
        self._loaders = loaders
        self._loaders_set = False

    def rows(self, result: pq.abc.PGresult) -> list[Row]:
        """Its rows; a statement without any answers one: how many it changed."""
        if not result.nfields:
            return [(result.command_tuples or 0,)]
        # What the columns are is found out with the first result.
        self._loaders.set_pgresult(result, set_loaders=not self._loaders_set, format=pq.Format.BINARY)
        self._loaders_set = True
        rows: list[Row] = self._loaders.load_rows(0, result.ntuples, tuple)
        self._loaders.set_pgresult(None, set_loaders=False)  # lets go of its memory
        return rows


class Step(Enum):
    """What a result is of."""

    PREPARATION = "preparation"
    ROWS = "rows"
    FORGETTING = "forgetting"


class Batch:
    """What was sent together, up to its sync: what is to come, what came, and who waits for it."""

    __slots__ = ("answer", "error", "expected", "results", "unprepared")

    def __init__(self, answer: asyncio.Future[list[list[Row]]]) -> None:
        self.answer = answer
        self.expected: deque[tuple[Step, Prepared]] = deque()
        self.results: list[list[Row]] = []
        self.error: psycopg.Error | None = None
        self.unprepared: list[Prepared] = []

    def take(self, result: pq.abc.PGresult) -> None:
        """Note the result of the next command; the first error stands for all that the server skips after it."""
        step, prepared = self.expected.popleft()
        if result.status in _GOOD:
            if step is Step.ROWS:
                self.results.append(prepared.rows(result))
            return
        if self.error is None:
            self.error = error_from_result(result, encoding="utf-8")
        if step is Step.PREPARATION:
            self.unprepared.append(prepared)

    def end(self) -> None:
        """Tell whoever waits, unless it went away."""
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.results)


def ends_session(result: pq.abc.PGresult) -> bool:
    """Whether the server closes the connection after this: an administrator ended the session, say."""
    return result.status == pq.ExecStatus.FATAL_ERROR and result.error_field(
        pq.DiagnosticField.SEVERITY_NONLOCALIZED
    ) in (b"FATAL", b"PANIC")


def last_word(result: pq.abc.PGresult) -> psycopg.Error:
    """What a result says that was not asked for, as a connection that is lost."""
    error = error_from_result(result, encoding="utf-8")
    return error if isinstance(error, psycopg.OperationalError) else psycopg.OperationalError(str(error))
