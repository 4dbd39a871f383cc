"""Runs the commands of a batch one after the other on the books; a refused one fails alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from returns_server.application.books import Books, Outcome, RequestKey, Said
from returns_server.application.commands import Command
from returns_server.domain.errors import RequestIdReused, ReturnsError
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.record import record


@record
class Done:
    """What came of a command: its outcome, or the answer that an earlier, equal request was given."""

    outcome: Outcome
    said: Said | None = None


def run(commands: Sequence[Command], books: Mapping[TenantId, Books], now: Micros) -> list[Done]:
    """Decide every command in turn; each sees what those before it changed, within its own tenant."""
    return [_run(command, books[command.tenant], now) for command in commands]


def _run(command: Command, books: Books, now: Micros) -> Done:
    request = command.request
    key = request.key if request is not None and not request.validate_only else None
    try:
        if request is not None and key is not None:
            said = _said(books, key, request.request_hash)
            if said is not None:
                return Done(None, said)
        result = command.decide(books, now)
    except ReturnsError as error:
        return Done(error)
    done = Done(result)
    if request is not None and key is not None:
        books.answered[key] = Said(request.request_hash, done)
    return done


def _said(books: Books, key: RequestKey, request_hash: bytes) -> Said | None:
    said = books.answered.get(key)
    if said is not None and said.request_hash != request_hash:
        raise RequestIdReused
    return said
