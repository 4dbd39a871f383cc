"""Loads what a batch of commands names, a query a table, and locks it in an order that all batches keep.

The order is: returns, heads of orders that are said anew, order lines, and only then, in statements of their own, what
those locks protect: other heads, policies and remembered answers. (PostgreSQL takes a new snapshot for each statement,
so an answer committed by whoever held the locks before is seen.) What is not there cannot be locked: it is inserted
plainly, and whoever comes second finds it taken and begins again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from returns_server.application.books import Books, OrderTimes, RequestKey, Said
from returns_server.application.commands import Command
from returns_server.application.ports import Answer, Document, Gone
from returns_server.domain.ids import LineId, OrderId, ReturnId, TenantId
from returns_server.domain.orders import OrderHead
from returns_server.domain.record import record
from returns_server.storage import tables
from returns_server.storage.dialects import Lock
from returns_server.storage.documents.answers import answer_from_event
from returns_server.storage.documents.policy import decode_policy
from returns_server.storage.documents.returns import decode_return
from returns_server.storage.rows import (
    ANSWER_COLUMNS,
    ANSWER_KEY,
    HEAD_COLUMNS,
    ITEM_COLUMNS,
    LINE_COLUMNS,
    RETURN_COLUMNS,
    line_of,
)
from returns_server.storage.session import Row, WriteSession

ReturnKey = tuple[TenantId, ReturnId]
FullLineKey = tuple[TenantId, OrderId, LineId]
AllBooks = dict[TenantId, Books]


@record
class Loaded:
    """The books for the commands that can run now, and those whose rows somebody else holds."""

    books: AllBooks
    ready: list[int]
    held_up: list[int]


@record
class _Held:
    """Keys that exist and are locked by somebody else."""

    returns: set[ReturnKey]
    lines: set[FullLineKey]
    orders: set[tuple[TenantId, OrderId]]

    def holds_up(self, command: Command, books: Books) -> bool:
        tenant, needs = command.tenant, command.needs
        if not (self.returns or self.lines or self.orders):
            return False
        if needs.return_id is not None and (tenant, needs.return_id) in self.returns:
            return True
        ret = books.returns.get(needs.return_id) if needs.return_id is not None else None
        lines = [*needs.lines, *(item.key for item in ret.items)] if ret else needs.lines
        return any((tenant, *key) in self.lines or (tenant, key.order_id) in self.orders for key in lines) or any(
            (tenant, order_id) in self.orders for order_id in needs.whole_orders
        )


async def load(session: WriteSession, commands: Sequence[Command], *, skip_held: bool, again: bool) -> Loaded:
    """Everything that the commands need; with `skip_held` nothing waits for rows that somebody else holds.

    `again` says that the same commands may have been committed before by an attempt that never heard of it; then
    the requests whose ids we minted are looked up too.
    """
    lock = Lock.SKIP if skip_held else Lock.WAIT
    books = {command.tenant: Books(command.tenant) for command in commands}
    held_returns = await _load_returns(session, commands, books, lock)
    held_heads = await _load_whole_heads(session, commands, books, lock)
    held_lines, held_orders = await _load_lines(session, commands, books, lock)
    await _load_rest(session, commands, books, again)
    held = _Held(held_returns, held_lines, held_heads | held_orders)
    held_up = [i for i, command in enumerate(commands) if held.holds_up(command, books[command.tenant])]
    ready = [i for i in range(len(commands)) if i not in held_up] if held_up else list(range(len(commands)))
    return Loaded(books, ready, held_up)


async def _load_returns(
    session: WriteSession, commands: Sequence[Command], books: AllBooks, lock: Lock
) -> set[ReturnKey]:
    dialect, key = session.dialect, ("tenant", "return_id")
    named = sorted({(c.tenant, c.needs.return_id) for c in commands if c.needs.return_id is not None})
    chosen = sorted({(c.tenant, c.needs.new_return_id) for c in commands if c.needs.new_return_id is not None})
    if chosen:
        taken = await session.run(
            [
                dialect.select(tables.returns, key, key)(chosen),
                dialect.select(tables.deleted_returns, key, key)(chosen),
            ]
        )
        for tenant, return_id in [*taken[0], *taken[1]]:
            books[tenant].spent_ids.add(return_id)
    if not named:
        return set()
    rows, items = await session.run(
        [
            dialect.select(tables.returns, key, RETURN_COLUMNS, lock)(named),
            dialect.select(tables.return_items, key, ITEM_COLUMNS)(named),
        ]
    )
    claims: dict[ReturnKey, list[Row]] = {}
    for tenant, return_id, *claim in items:
        claims.setdefault((tenant, return_id), []).append(tuple(claim))
    for tenant, return_id, expire_time_given, document in rows:
        claimed = claims.get((tenant, return_id), [])
        books[tenant].returns[return_id] = decode_return(document, claimed, expire_time_given=bool(expire_time_given))
    missing = set(named) - {(row[0], row[1]) for row in rows}
    return await _still_there(session, tables.returns, key, missing, lock)


async def _load_whole_heads(
    session: WriteSession, commands: Sequence[Command], books: AllBooks, lock: Lock
) -> set[tuple[TenantId, OrderId]]:
    """Heads of the orders that are said anew: who holds one holds all that its lines are and will be."""
    key = ("tenant", "order_id")
    wholes = sorted(_wholes(commands))
    if not wholes:
        return set()
    [rows] = await session.run([session.dialect.select(tables.orders, key, HEAD_COLUMNS, lock)(wholes)])
    _enter_heads(books, rows)
    for row in rows:
        books[row[0]].stored_orders.add(row[1])
    return await _still_there(session, tables.orders, key, set(wholes) - {(row[0], row[1]) for row in rows}, lock)


def _wholes(commands: Sequence[Command]) -> set[tuple[TenantId, OrderId]]:
    return {(command.tenant, order_id) for command in commands for order_id in command.needs.whole_orders}


async def _load_lines(
    session: WriteSession, commands: Sequence[Command], books: AllBooks, lock: Lock
) -> tuple[set[FullLineKey], set[tuple[TenantId, OrderId]]]:
    dialect, line_key, order_key = session.dialect, ("tenant", "order_id", "line_id"), ("tenant", "order_id")
    whole = _wholes(commands)
    wholes = sorted(whole)
    named = {(c.tenant, *key) for c in commands for key in c.needs.lines if (c.tenant, key.order_id) not in whole}
    for tenant, book in books.items():
        named.update((tenant, *item.key) for ret in book.returns.values() for item in ret.items)
    single = sorted(key for key in named if key[:2] not in whole)
    queries = []
    if single:
        queries.append(dialect.select(tables.order_lines, line_key, LINE_COLUMNS, lock)(single))
    if wholes:
        queries.append(dialect.select(tables.order_lines, order_key, LINE_COLUMNS, lock)(wholes))
    found = [row for rows in await session.run(queries) for row in rows]
    _enter_lines(books, found, whole)
    if lock is not Lock.SKIP:
        return set(), set()
    missing = set(single) - {(row[0], row[1], row[2]) for row in found}
    held = await _still_there(session, tables.order_lines, line_key, missing, lock)
    if not wholes:
        return held, set()
    every = (await session.run([dialect.select(tables.order_lines, order_key, line_key)(wholes)]))[0]
    got = {(row[0], row[1], row[2]) for row in found}
    return held, {(row[0], row[1]) for row in every if tuple(row) not in got}


async def _still_there(
    session: WriteSession, table: Any, key: tuple[str, ...], missing: Iterable[Any], lock: Lock
) -> set[Any]:
    """Which of the keys that a skipping selection did not find exist nevertheless: somebody holds them."""
    sought = sorted(missing)
    if not sought or lock is not Lock.SKIP:
        return set()
    return {tuple(row) for row in (await session.run([session.dialect.select(table, key, key)(sought)]))[0]}


def _enter_lines(books: AllBooks, rows: Iterable[Row], whole: set[tuple[TenantId, OrderId]]) -> None:
    positions: dict[tuple[TenantId, OrderId], list[tuple[int, LineId]]] = {}
    for row in rows:
        line, book = line_of(row), books[row[0]]
        key = line.key
        book.lines[key] = line
        book.stored_lines.add(key)
        if whole and (row[0], row[1]) in whole:
            positions.setdefault((row[0], row[1]), []).append((row[3], line.line_id))
    for (tenant, order_id), lines in positions.items():
        books[tenant].order_lines[order_id] = tuple(line_id for _, line_id in sorted(lines))


async def _load_rest(session: WriteSession, commands: Sequence[Command], books: AllBooks, again: bool) -> None:
    dialect = session.dialect
    orders = {(c.tenant, key.order_id) for c in commands for key in c.needs.lines}
    for tenant, book in books.items():
        orders.update((tenant, item.order_id) for ret in book.returns.values() for item in ret.items)
    orders -= _wholes(commands)
    requests = {
        (c.tenant, c.request.caller.issuer, c.request.caller.subject, c.request.request_id)
        for c in commands
        if c.request is not None and (c.request.given or again) and not c.request.validate_only
    }
    # Held until the commit where a batch sets a policy: of two updates with one etag, the second sees the first.
    lock = Lock.WAIT if any(command.needs.policy for command in commands) else Lock.NONE
    policies_of = dialect.select(tables.return_policies, ("tenant",), ("tenant", "document"), lock)
    queries = [policies_of([(tenant,) for tenant in sorted(books)])]
    if orders:
        queries.append(dialect.select(tables.orders, ("tenant", "order_id"), HEAD_COLUMNS)(sorted(orders)))
    if requests:
        queries.append(dialect.select(tables.idempotency_keys, ANSWER_KEY, ANSWER_COLUMNS)(sorted(requests)))
    policies, *others = await session.run(queries)
    for tenant, document in policies:
        books[tenant].policy = decode_policy(document)
        books[tenant].policy_stored = True
    if orders:
        _enter_heads(books, others[0])
    if requests:
        await _enter_answers(session, books, others[-1])


def _enter_heads(books: AllBooks, rows: Iterable[Row]) -> None:
    for tenant, order_id, customer_id, guest_email, currency, placed, delivered, created, updated, etag in rows:
        book = books[tenant]
        book.heads[order_id] = OrderHead(order_id, customer_id, guest_email, currency, placed, delivered)
        book.order_times[order_id] = OrderTimes(created, updated, etag)


async def _enter_answers(session: WriteSession, books: AllBooks, rows: Sequence[Row]) -> None:
    versions = sorted({(row[0], row[5], row[6]) for row in rows if row[5] is not None})
    kept: Mapping[tuple[str, str, int], bytes] = {}
    if versions:
        key = ("tenant", "return_id", "return_version")
        found = await session.run([session.dialect.select(tables.events, key, (*key, "document"))(versions)])
        kept = {(row[0], row[1], row[2]): row[3] for row in found[0]}
    for tenant, issuer, subject, request_id, request_hash, return_id, version, document in rows:
        answer: Answer = Gone()
        if return_id is not None:
            event = kept.get((tenant, return_id, version))
            if event is None:
                # The return was deleted, and retention took its events: the answer was to be forgotten before. No
                # request has this hash, so that the caller is told to use a new id.
                books[tenant].answered[RequestKey(issuer, subject, request_id)] = Said(b"", Gone())
                continue
            answer = answer_from_event(event)
        elif document is not None:
            answer = Document(bytes(document))
        books[tenant].answered[RequestKey(issuer, subject, request_id)] = Said(bytes(request_hash), answer)
