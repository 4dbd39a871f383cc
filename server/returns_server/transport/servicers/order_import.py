"""A stream of orders, taken with bounded memory; what is wrong with one is noted, and the others go on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterable

from commerce.returns.v1.orders_service_pb2 import ImportOrdersRequest, ImportOrdersResponse
from returns_server.application.books import Fed
from returns_server.application.commands.orders import FeedOrder
from returns_server.application.ports import Writes
from returns_server.domain.errors import Draining, StorageUnavailable
from returns_server.domain.ids import OrderId
from returns_server.transport.call import Call
from returns_server.transport.decode import orders as decode
from returns_server.transport.decode.malformed import Malformed
from returns_server.transport.decode.shape import shape_check
from returns_server.transport.layers.authorisation import check_tenant
from returns_server.transport.layers.draining import Gate
from returns_server.transport.layers.errors import Answers

MAX_FAILURES = 1_000
_MAX_IN_FLIGHT_ORDERS = 64
_MAX_IN_FLIGHT_LINES = 4_000
_MAX_STATUS_BYTES = 1_000
"""A thousand failures of this size, with their names, stay well below what clients take in one message."""
_check_shape = shape_check(ImportOrdersRequest)


class OrderImport:
    """One import: reads orders, feeds them, counts what came of each."""

    def __init__(self, writes: Writes, answers: Answers, call: Call, gate: Gate) -> None:
        """Takes where orders go, how errors are answered, whose call it is, and what says that the server stops."""
        self._gate = gate
        self._writes = writes
        self._answers = answers
        self._call = call
        self._counts: Counter[Fed] = Counter()
        self._failed = 0
        self._failures: dict[int, ImportOrdersResponse.Failure] = {}
        self._latest: dict[OrderId, asyncio.Task[None]] = {}
        self._lines_in_flight = 0
        self._in_flight: set[asyncio.Task[None]] = set()
        self._sunk: Exception | None = None

    async def take_all(self, messages: AsyncIterable[ImportOrdersRequest | Malformed]) -> ImportOrdersResponse:
        """Take every order of the stream, then say how it went.

        Raises StorageUnavailable and Draining: then no order after this would fare better, and the whole import is
        safe to repeat.
        """
        try:
            index = 0
            async for message in messages:
                await self._take(index, message)
                self._check_afloat()
                index += 1
            while self._in_flight:
                await self._room(0)
            self._check_sunk()
        finally:
            for task in self._in_flight:
                task.cancel()
        failures = [self._failures[index] for index in sorted(self._failures)]
        return ImportOrdersResponse(
            imported_count=self._counts[Fed.CREATED],
            updated_count=self._counts[Fed.UPDATED],
            unchanged_count=self._counts[Fed.UNCHANGED],
            failed_count=self._failed,
            failures=failures[:MAX_FAILURES],
        )

    async def _take(self, index: int, message: ImportOrdersRequest | Malformed) -> None:
        """Put one order on its way, once there is room for it."""
        try:
            command = self._decoded(message)
        except Exception as error:  # noqa: BLE001 - one bad order never sinks the rest
            self._note(index, message, error)
            return
        await self._room(len(command.lines))
        order_id = command.head.order_id
        name = "" if isinstance(message, Malformed) else decode.order_name_of(message.order)
        task = asyncio.create_task(self._feed(index, name, command, self._latest.get(order_id)))
        self._latest[order_id] = task
        self._in_flight.add(task)
        self._lines_in_flight += len(command.lines)
        task.add_done_callback(lambda done: self._arrived(done, command))

    def _decoded(self, message: ImportOrdersRequest | Malformed) -> FeedOrder:
        if isinstance(message, Malformed):
            raise message.refuse()
        tenant = self._call.caller.tenant
        check_tenant(message, ("parent",), tenant)
        check_tenant(message, ("order", "name"), tenant)
        _check_shape(message, b"\0" in message.SerializeToString())
        return FeedOrder(tenant, *decode.order(message.order, tenant))

    async def _room(self, lines: int) -> None:
        """Wait until so many more lines fit, or with 0 until something arrived."""
        while self._in_flight and (
            not lines
            or len(self._in_flight) >= _MAX_IN_FLIGHT_ORDERS
            or self._lines_in_flight + lines > _MAX_IN_FLIGHT_LINES
        ):
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
            if not lines:
                return

    async def _feed(self, index: int, name: str, command: FeedOrder, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None and not earlier.done():
            # The same order, said before: what is said later must win.
            await asyncio.wait((earlier,))
        try:
            fed = await self._writes.feed(command)
        except (StorageUnavailable, Draining) as error:
            self._sunk = error
        except Exception as error:  # noqa: BLE001 - one bad order never sinks the rest
            self._note_named(index, name, error)
        else:
            self._counts[fed] += 1

    def _arrived(self, task: asyncio.Task[None], command: FeedOrder) -> None:
        self._in_flight.discard(task)
        self._lines_in_flight -= len(command.lines)
        if self._latest.get(command.head.order_id) is task:
            del self._latest[command.head.order_id]

    def _check_afloat(self) -> None:
        self._check_sunk()
        if self._gate.closed:
            raise Draining

    def _check_sunk(self) -> None:
        if self._sunk is not None:
            raise self._sunk

    def _note(self, index: int, message: ImportOrdersRequest | Malformed, error: Exception) -> None:
        name = "" if isinstance(message, Malformed) else decode.order_name_of(message.order)
        self._note_named(index, name, error)

    def _note_named(self, index: int, name: str, error: Exception) -> None:
        answer = self._answers.to(error, "OrdersService/ImportOrders", self._call)
        self._failed += 1
        # Orders fail out of turn, by at most as many as are in flight.
        if len(self._failures) < MAX_FAILURES + _MAX_IN_FLIGHT_ORDERS:
            status = answer.status(_MAX_STATUS_BYTES)
            self._failures[index] = ImportOrdersResponse.Failure(order=name, index=index, status=status)
