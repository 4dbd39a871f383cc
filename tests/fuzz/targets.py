"""What is fuzzed, and what must hold of any bytes: a typed refusal or a result, within a bound of processor time.

Memory is bounded by the fuzzer (`-rss_limit_mb`, `-malloc_limit_mb`).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from commerce.returns.v1 import event_pb2, order_pb2, return_pb2
from commerce.returns.v1 import orders_service_pb2 as orders_pb
from commerce.returns.v1 import policy_service_pb2 as policy_pb
from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.application.listing import Position, Viewer
from returns_server.application.paging import PageTokens, Place, Question, page_limit
from returns_server.domain.errors import CursorInvalid, FilterInvalid, PageTokenInvalid, ReturnsError, TenantMismatch
from returns_server.domain.states import Party
from returns_server.events.cursor import parse_cursor
from returns_server.filtering.language import parse_events_filter, parse_orders_filter, parse_returns_filter
from returns_server.filtering.predicate import compiled
from returns_server.filtering.tree import Expression
from returns_server.storage import filters, tables
from returns_server.storage.dialects.postgresql import PostgresDialect
from returns_server.storage.dialects.sqlite import SqliteDialect
from returns_server.storage.shapes import parametrised
from returns_server.transport.contract import SERVICES, Method, methods_of
from returns_server.transport.decode import orders, policy
from returns_server.transport.decode.malformed import deserializer
from returns_server.transport.decode.order_by import order_by
from returns_server.transport.decode.requests import Requests
from returns_server.transport.decode.returns import ReturnCommands
from returns_server.transport.decode.shape import shape_check
from returns_server.transport.errors import refusal
from tests.support.commands import ACME, CALLER

SECONDS = 0.5
"""Of processor time that any input may cost; instrumented code is some times slower than it is otherwise."""

CALL: Any = SimpleNamespace(caller=CALLER, actor=CALLER.as_actor(Party.STAFF), trace_parent="")
QUESTION = Question("ListReturns", "tenants/acme", CALLER, Viewer(everything=True))
PLACE = Place(Position((1_764_000_000_000_000, "r-1")), "a-cursor")
TOKENS = PageTokens(b"k" * 32)
METHODS: list[Method] = [method for service in SERVICES.values() for method in methods_of(service)]
_CHECKS = [shape_check(method.request_type) for method in METHODS]

_DIALECTS = (SqliteDialect(), PostgresDialect())
_requests = Requests(uuid.uuid4)
_commands = ReturnCommands(_requests, uuid.uuid4)
_PARSERS: list[tuple[Callable[[str], Expression], Any]] = [
    (lambda text: parse_returns_filter(text, ACME, sees_all=True), return_pb2.Return()),
    (lambda text: parse_orders_filter(text, ACME), order_pb2.Order()),
    (lambda text: parse_events_filter(text, ACME, sees_all=True), event_pb2.ReturnEvent()),
]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass" if data[:1] == b"\xed" else "replace")


def fuzz_filter(data: bytes) -> None:
    """Any text is understood, by the databases and the predicate too, or refused at a column of it."""
    try:
        text = _text(data)
    except UnicodeDecodeError:
        return
    for index, (parse, message) in enumerate(_PARSERS):
        try:
            where = parse(text)
        except FilterInvalid as error:
            _check_refused(error, text)
            continue
        except TenantMismatch:
            continue
        assert compiled(where, message.DESCRIPTOR)(message) in (True, False)
        if index == 0:
            shape = parametrised(where).shape
            for dialect in _DIALECTS:
                condition = filters.condition(shape, filters.RETURNS, dialect)
                assert dialect.prepare(sa.select(tables.returns.c.return_id).where(condition))


def _check_refused(refused: FilterInvalid, text: str) -> None:
    assert 1 <= refused.column <= len(text) + 1, (refused.column, text)
    assert len(str(refused)) < 400, text
    assert str(refused).isprintable(), text


def fuzz_page_token(data: bytes) -> None:
    """Nothing opens but what was sealed."""
    text = data.decode("utf-8", "replace")
    try:
        place = TOKENS.open(QUESTION, text)
    except PageTokenInvalid:
        return
    assert place == (PLACE if text else None), text


def fuzz_cursor(data: bytes) -> None:
    """What is read as a cursor is written as one that reads the same."""
    text = data.decode("utf-8", "replace")
    try:
        cursor = parse_cursor(text, ACME)
    except CursorInvalid:
        return
    assert parse_cursor(str(cursor), ACME) == cursor


_DECODED: Mapping[type[Any], Callable[[Any], object]] = {
    pb.CreateReturnRequest: lambda message: _commands.create(message, CALL),
    pb.UpdateReturnRequest: lambda message: _commands.update(message, CALL),
    pb.ApproveReturnRequest: lambda message: _commands.approve(message, CALL),
    pb.RejectReturnRequest: lambda message: _commands.reject(message, CALL),
    pb.RecordReceiptRequest: lambda message: _commands.record_receipt(message, CALL),
    pb.CloseReturnRequest: lambda message: _commands.close(message, CALL),
    pb.ReopenReturnRequest: lambda message: _commands.reopen(message, CALL),
    pb.DeleteReturnRequest: lambda message: _commands.delete(message, CALL),
    pb.ListReturnsRequest: lambda message: (
        page_limit(message.page_size),
        order_by(message.order_by),
        parse_returns_filter(message.filter, ACME, sees_all=True),
        TOKENS.open(QUESTION, message.page_token),
    ),
    orders_pb.UpsertOrderRequest: lambda message: orders.order(message.order, ACME),
    orders_pb.ImportOrdersRequest: lambda message: orders.order(message.order, ACME),
    policy_pb.UpdateReturnPolicyRequest: lambda message: policy.update(message, _requests, CALL),
}
"""What becomes of a message that has the right shape, as the servicers have it; others are looked up as they are."""


def fuzz_request(data: bytes) -> None:
    """Any bytes for any method become a command, or a refusal that fits into its limits. The first byte says which."""
    if not data:
        return
    number = data[0] % len(METHODS)
    method = METHODS[number]
    message = deserializer(method.request_type)(data[1:])
    try:
        _CHECKS[number](message, b"\0" in data)
        if decode := _DECODED.get(type(message)):
            decode(message)
    except ReturnsError as error:
        answer = refusal(error)
        assert answer.status().ByteSize() <= 4096, method.name
        assert answer.details, method.name


def fuzz_control(data: bytes) -> None:
    """Does not hold, to see that the fuzzer says so."""
    assert b"!" not in data, "the control"


def timed(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The target, which fails as well where an input costs too much time."""

    def bounded(data: bytes) -> None:
        began = time.thread_time()
        target(data)
        took = time.thread_time() - began
        assert took < SECONDS, f"{took:.2f} s for {data[:200]!r}"

    return bounded


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "filter": timed(fuzz_filter),
    "page_token": timed(fuzz_page_token),
    "cursor": timed(fuzz_cursor),
    "request": timed(fuzz_request),
    "control": timed(fuzz_control),
}
