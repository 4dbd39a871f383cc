"""What the product writes for one new return, made by the product's own code."""

from __future__ import annotations

from benchmarks.seed.rows import Encoder
from benchmarks.seed.shop import TENANT, books_with, creation, new_id, order_count, time_of
from returns_server.domain.ids import DAY
from returns_server.storage import tables
from returns_server.storage.rows import ANSWER_COLUMNS
from returns_server.storage.saving import save
from returns_server.storage.session import WriteSession


class Repeats(Exception):
    """All orders have been returned from once: more would contradict what is stored."""


def save_creation(session: WriteSession, returns: int, nth: int) -> None:
    """Queue what the nth return adds to a seed of so many: every order is returned from once, in another sequence.

    Raises Repeats where there are no more orders.
    """
    orders = order_count(returns)
    if nth >= orders:
        raise Repeats
    number = returns + nth
    command = creation(number, _scattered(nth, orders))
    books = books_with(_scattered(nth, orders), f"R-{number + 1:06d}")
    ret = command.decide(books, time_of(number))
    key, now = command.request.key, time_of(number)
    answer = (TENANT, key.issuer, key.subject, key.request_id, bytes(16), ret.return_id, ret.version, None, now + DAY)
    session.later(session.dialect.insert(tables.idempotency_keys, (*ANSWER_COLUMNS, "expire_time"))([answer]))
    save(session, [books], Encoder(), lambda: new_id(number, b"event").bytes)


def _scattered(nth: int, orders: int) -> int:
    # A prime step visits every order once, far from the one before.
    return nth * 1_000_003 % orders
