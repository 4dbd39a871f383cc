"""One PostgreSQL connection, kept in pipeline mode: what is asked together travels together, nobody waits for a turn.

psycopg's own cursors cost more than the database does for a small statement. This uses its adaptation of values and
libpq itself: statements are prepared once, batches are sent as they come, and answers arrive in the same order.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer

from returns_server.storage.arrays import Columns
from returns_server.storage.dialects import Query
from returns_server.storage.pipeline_batches import Batch, Prepared, Step, ends_session, last_word
from returns_server.storage.session import Row

_MOST_PREPARED = 500
_INTERRUPT_SECONDS = 5.0
_LOOK_SECONDS = 0.5
"""How often a connection that owes an answer is looked at without word of something that arrived: with uvloop a socket
goes deaf after the first event that comes along with an error (libuv stops at POLLERR), whatever is left to read."""
_PLACEHOLDER = re.compile(r"%(?:%|\((\w+)\)([sbt]))")
_FORMATS = {"s": PyFormat.AUTO, "b": PyFormat.BINARY, "t": PyFormat.TEXT}


class _Statement(NamedTuple):
    """A statement as the server takes it, with `$1`, and the names and formats of its parameters in that order."""

    text: bytes
    names: tuple[str, ...]
    formats: tuple[PyFormat, ...]


class _Encoded(NamedTuple):
    """A query as it travels."""

    text: bytes
    types: tuple[int, ...]
    parameters: Sequence[Any]
    formats: Sequence[pq.Format] | None


class Pipeline:
    """A connection of this event loop; all failures are psycopg's own."""

    def __init__(self, connection: psycopg.AsyncConnection[Row]) -> None:
        """Takes an idle connection, which is used through this from now on."""
        self._connection = connection
        self._pgconn = connection.pgconn
        self._loop = asyncio.get_running_loop()
        self._socket = self._pgconn.socket
        self._values = Transformer(connection)
        self._prepared: dict[tuple[bytes, tuple[int, ...]], Prepared] = {}
        self._names = count(1)
        self._under_way: deque[Batch] = deque()
        self._writing = False
        self._broken = False
        self._looking: asyncio.TimerHandle | None = None
        self._pgconn.enter_pipeline_mode()
        self._loop.add_reader(self._socket, self._receive)

    @property
    def usable(self) -> bool:
        """Whether the connection still stands."""
        return not self._broken and self._pgconn.status == pq.ConnStatus.OK

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, failed ones too."""
        return self._pgconn.transaction_status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)

    @property
    def busy(self) -> bool:
        """Whether answers are to come."""
        return bool(self._under_way)

    async def interrupt(self) -> None:
        """Have the server end what it runs; it goes on with what was sent after that."""
        if self.usable and self.busy:
            await self._connection.cancel_safe(timeout=_INTERRUPT_SECONDS)

    async def run(self, queries: Sequence[Query]) -> list[list[Row]]:
        """The rows of each query, all sent at once and run in turn; after one that fails the others are skipped.

        Without BEGIN they are one transaction. Who is cancelled meanwhile stops waiting; the server does not.
        """
        if self._broken:
            raise psycopg.OperationalError("the connection is lost")
        encoded = [self._encoded(query) for query in queries]
        batch = Batch(self._loop.create_future())
        try:
            for query in encoded:
                self._send(query, batch)
            self._pgconn.pipeline_sync()
            self._under_way.append(batch)
            if self._looking is None:
                self._looking = self._loop.call_later(_LOOK_SECONDS, self._look)
            self._flush()
        except psycopg.OperationalError as error:
            self._break(error)
            raise
        return await batch.answer

    async def close(self) -> None:
        """Let go of the connection; who still waits is told that it broke."""
        self._break(psycopg.OperationalError("the connection was closed"))
        await self._connection.close()

    def _encoded(self, query: Query) -> _Encoded:
        statement = _statement(query.statement)
        if isinstance(query.parameters, Columns):
            types, arrays = query.parameters
            return _Encoded(statement.text, types, arrays, [pq.Format.BINARY] * len(arrays))
        given: Mapping[str, Any] = query.parameters or {}
        values = [given[name] for name in statement.names]
        parameters = self._values.dump_sequence(values, statement.formats)
        return _Encoded(statement.text, self._values.types or (), parameters, self._values.formats)

    def _send(self, query: _Encoded, batch: Batch) -> None:
        prepared = self._prepared.get((query.text, query.types)) or self._prepare(query, batch)
        self._pgconn.send_query_prepared(prepared.name, query.parameters, query.formats, pq.Format.BINARY)
        batch.expected.append((Step.ROWS, prepared))

    def _prepare(self, query: _Encoded, batch: Batch) -> Prepared:
        """Have the server prepare a statement along the way; the latest few hundred stay with it."""
        if len(self._prepared) >= _MOST_PREPARED:
            oldest = self._prepared.pop(next(iter(self._prepared)))
            self._pgconn.send_close_prepared(oldest.name)
            batch.expected.append((Step.FORGETTING, oldest))
        prepared = Prepared((query.text, query.types), b"s%d" % next(self._names), Transformer(self._connection))
        self._pgconn.send_prepare(prepared.name, query.text, query.types)
        batch.expected.append((Step.PREPARATION, prepared))
        self._prepared[prepared.key] = prepared
        return prepared

    def _flush(self) -> None:
        """Send what libpq still holds; where the socket is full, again when it has room."""
        unsent = self._pgconn.flush()
        if bool(unsent) != self._writing:
            self._writing = bool(unsent)
            if unsent:
                self._loop.add_writer(self._socket, self._room)
            else:
                self._loop.remove_writer(self._socket)

    def _room(self) -> None:
        try:
            self._flush()
        except psycopg.OperationalError as error:
            self._break(error)

    def _receive(self) -> None:
        """Hand out what arrived."""
        try:
            self._pgconn.consume_input()
            between = False
            while self._under_way and not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is None:
                    if between:
                        return
                    between = True
                    continue
                between = False
                if self._pgconn.status != pq.ConnStatus.OK:
                    raise psycopg.OperationalError(self._pgconn.get_error_message())
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    self._end(self._under_way.popleft())
                elif ends_session(result) or not self._under_way[0].expected:
                    raise last_word(result)
                else:
                    self._under_way[0].take(result)
            if self._writing:
                self._flush()
        except psycopg.OperationalError as error:
            self._break(error)

    def _look(self) -> None:
        """Receive what nobody told us of, and go on looking while answers are to come."""
        self._looking = None
        if self._under_way and not self._broken:
            self._receive()
        if self._under_way and not self._broken:
            self._looking = self._loop.call_later(_LOOK_SECONDS, self._look)

    def _end(self, batch: Batch) -> None:
        for prepared in batch.unprepared:
            self._prepared.pop(prepared.key, None)
        batch.end()

    def _break(self, error: psycopg.Error) -> None:
        """The connection is lost: tell all who wait, once: its socket's number may be another connection's next."""
        if self._broken:
            return
        self._broken = True
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self._loop.remove_reader(self._socket)
        if self._writing:
            self._loop.remove_writer(self._socket)
            self._writing = False
        waiting, self._under_way = self._under_way, deque()
        for batch in waiting:
            batch.error = batch.error or error
            batch.end()
        self._pgconn.finish()


@lru_cache(maxsize=2_048)
def _statement(sql: str) -> _Statement:
    """The statement with numbers for the names of its parameters."""
    names: list[str] = []
    formats: list[PyFormat] = []

    def numbered(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] not in names:
            names.append(found[1])
            formats.append(_FORMATS[found[2]])
        return f"${names.index(found[1]) + 1}"

    text = _PLACEHOLDER.sub(numbered, sql)
    return _Statement(text.encode(), tuple(names), tuple(formats))
