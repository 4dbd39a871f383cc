"""Returns and filters that meet: made of few values, so that most comparisons are close calls."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from returns_server.domain.ids import LineId, Micros, OrderId, ReturnId
from returns_server.domain.money import Amount, Price
from returns_server.domain.returns import (
    Approver,
    ApproverType,
    CloseReason,
    Reason,
    Requestor,
    Return,
    ReturnItem,
    State,
    Submitter,
    UserType,
)
from returns_server.filtering.fields import Fields, FilterField
from returns_server.filtering.tree import Kind

TEXTS = (
    "", "a", "A", "ab", "abc", "ba", "a%", "a_b", "axb", "%", "_", "\\", "a\\b", "é", "É", "e\u0301", "ß", "日本", "日",
    "😀", "\uffff", "\ud7ff", "\ue000", "\U0010ffff", "\U0010ffff\U0010ffffa", "*", "a*", '"', "'", "a b", " a", "a ",
    "0", "10", "9", "5", "5.0", "1e0", "true", "null", "AND", "a\nb", "-", "(", "tenants/acme/orders/o1",
)  # fmt: skip
EMAILS = ("", "ann@example.com", "bob@example.com", "é@example.com")
CODES = ("", "BROKEN", "BROKE", "broken", "ÜBEL", "100%")
NUMBERS = (
    0.0, -0.0, 1.0, 5.0, -5.0, 9.0, 10.0, 0.1, math.nextafter(0.1, 1), 0.3, 0.1 + 0.2, 1e22, 2.0**53, 2.0**53 + 2,
    12345678901234567890.0, -1e-300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 4611686018427387904.0,
)  # fmt: skip
KEYS = ("a", "b", "A", "c d", "é", "日", "0", "a.b", "k'x", "*", "a[0]", "true")
TIMES = (0, 1, 999_999, 1_000_000, 1_767_225_600_000_000, 1_767_225_600_000_001, 253_402_300_799_999_999)
TIME_TEXTS = (
    "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000001Z", "1970-01-01T00:00:00.0000015Z", "1970-01-01T00:00:01+00:00",
    "1969-12-31T19:00:00-05:00", "1970-01-01T05:30:00.999999+05:30", "2026-01-01T00:00:00Z",
    "2026-01-01t01:00:00+01:00", "2026-01-01T00:00:00.0000005Z", "2026-01-01T00:00:00.000000999999Z",
    "2025-12-31T16:00:00.000001-08:00",
    "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "2024-02-29T12:00:00Z",
)  # fmt: skip
ORDERS = ("o1", "o2", "O1", "o.1", "o~1")
LINES = ("1", "2", "L-3")
INTEGERS = (0, 1, 2, 5, 10, 9_223_372_036_854_775_807, -1, -9_223_372_036_854_775_807)


def json_value(chance: random.Random, depth: int = 0) -> object:
    """A JSON value of at most so many levels more."""
    kind = chance.random()
    if depth < 3 and kind < 0.25:
        return {chance.choice(KEYS): json_value(chance, depth + 1) for _ in range(chance.randrange(4))}
    if depth < 3 and kind < 0.45:
        return [json_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind < 0.65:
        return chance.choice(TEXTS)
    return chance.choice(NUMBERS) if kind < 0.85 else chance.choice((True, False, None))


def _maybe(chance: random.Random, values: Sequence[Any], unset: float = 0.4) -> Any:
    return None if chance.random() < unset else chance.choice(values)


def _reason(chance: random.Random) -> Reason:
    return Reason(chance.choice(CODES), chance.choice(TEXTS))


def _item(chance: random.Random, order_id: str, line_id: str, *, approved: bool) -> ReturnItem:
    quantity = chance.choice((1, 2, 5))
    gross = Price(Amount(chance.choice((0, 1, 99, 100, 101, 500, 1000, 10**15))))
    return ReturnItem(
        order_id=OrderId(order_id),
        line_id=LineId(line_id),
        product_id=chance.choice(TEXTS),
        product_name="",
        quantity=quantity,
        reason=_reason(chance) if chance.random() < 0.6 else None,
        unit_price="",
        total=gross,
        approved_quantity=quantity if approved else 0,
        approved_total=gross if approved else None,
        received_quantity=chance.randrange(quantity + 1) if approved else 0,
        claimed_units=quantity,
        claimed=gross.amount,
    )


def sample_return(number: int, chance: random.Random) -> Return:
    """A return of few values, every optional part of it there or not."""
    approved = chance.random() < 0.5
    orders = chance.sample(ORDERS, chance.choice((1, 1, 2, 3)))
    customer = chance.choice(TEXTS)
    return Return(
        return_id=ReturnId(f"r{number}"),
        number=f"R-{number}",
        state=chance.choice(list(State)),
        reason=_reason(chance),
        items=tuple(
            _item(chance, order_id, line_id, approved=approved)
            for order_id in orders
            for line_id in chance.sample(LINES, chance.choice((1, 2)))
        ),
        requestor=Requestor(customer, "" if customer else chance.choice(EMAILS), "", "", chance.choice(EMAILS)),
        submitter=Submitter(
            chance.choice(list(UserType)), chance.choice(TEXTS), chance.choice(TEXTS), "", chance.choice(EMAILS)
        ),
        currency=chance.choice(("GBP", "EUR", "JPY", "KWD")),
        create_time=Micros(chance.choice(TIMES)),
        update_time=Micros(chance.choice(TIMES)),
        expire_time=_maybe(chance, TIMES),
        version=chance.choice((1, 2, 10)),
        approver=Approver(chance.choice(list(ApproverType)), chance.choice(TEXTS)) if chance.random() < 0.5 else None,
        attributes={key: json_value(chance) for key in chance.sample(KEYS, chance.randrange(5))} or None,
        goods_not_expected=approved and chance.random() < 0.2,
        close_reason=chance.choice(list(CloseReason)),
        rejection=_reason(chance) if chance.random() < 0.4 else None,
        approve_time=Micros(chance.choice(TIMES)) if approved else None,
        receive_time=_maybe(chance, TIMES),
        close_time=_maybe(chance, TIMES),
    )


def quoted(text: str) -> str:
    """A text as a quoted value that stands for itself."""
    return '"' + text.translate({ord(character): f"\\{character}" for character in "\"'\\*"}) + '"'


def _patterns(texts: Sequence[str]) -> st.SearchStrategy[str]:
    inner = st.sampled_from([text for text in texts if text]).map(lambda text: quoted(text)[1:-1])
    return st.one_of(
        inner.map(lambda text: f'"{text}*"'),
        inner.map(lambda text: f'"*{text}"'),
        inner.map(lambda text: f'"*{text}*"'),
    )


_EQUALITY = st.sampled_from(["=", "!=", ":"])
_ANY_COMPARISON = st.sampled_from(["=", "!=", ":", "<", "<=", ">", ">="])


def _text_terms(known: FilterField) -> st.SearchStrategy[str]:
    path = known.field.path
    texts = EMAILS if known.email else CODES if path.endswith(".code") else (*TEXTS, "GBP", "EUR", "R-7", "R-1")
    values = st.sampled_from(texts)
    return st.one_of(
        st.tuples(_ANY_COMPARISON, values.map(quoted)).map(lambda said: f"{path} {said[0]} {said[1]}"),
        st.tuples(_EQUALITY, _patterns(texts)).map(lambda said: f"{path}{said[0]}{said[1]}"),
        st.just(f"{path}:*"),
    )


def _other_terms(path: str, comparisons: st.SearchStrategy[str], values: Sequence[str]) -> st.SearchStrategy[str]:
    compared = st.tuples(comparisons, st.sampled_from(values)).map(lambda said: f"{path}{said[0]}{said[1]}")
    return compared | st.just(f"{path}:*")


def _attribute_terms(path: str) -> st.SearchStrategy[str]:
    keys = st.lists(st.sampled_from(KEYS).map(quoted), min_size=1, max_size=3).map(".".join)
    unquoted = ("0", "-0", "5", "5.0", "1e0", "true", "false", "null", "a", "ab", "日", "9", "10", "1e400")
    numbers = [repr(number) for number in NUMBERS] + ["9007199254740993", "12345678901234567890123", "0.1000"]
    values = st.sampled_from(TEXTS).map(quoted) | st.sampled_from([*unquoted, *numbers])
    return st.one_of(
        st.tuples(keys, _ANY_COMPARISON, values).map(lambda said: f"{path}.{said[0]} {said[1]} {said[2]}"),
        st.tuples(keys, _EQUALITY, _patterns(TEXTS)).map(lambda said: f"{path}.{said[0]} {said[1]} {said[2]}"),
        keys.map(lambda key: f"{path}.{key}:*"),
        st.just(f"{path}:*"),
    )


def _terms(known: FilterField) -> st.SearchStrategy[str]:
    path = known.field.path
    match known.field.kind:
        case Kind.TEXT:
            return _text_terms(known)
        case Kind.ENUM:
            names = [member.name for member in known.enum or ()]
            return _other_terms(path, _EQUALITY, [*names, *(known.prefix + name for name in names)])
        case Kind.TIME:
            return _other_terms(path, _ANY_COMPARISON, TIME_TEXTS)
        case Kind.NUMBER:
            return _other_terms(path, _ANY_COMPARISON, [str(number) for number in (*INTEGERS, 10**13, 10**15)])
        case Kind.BOOL:
            return _other_terms(path, _EQUALITY, ["true", "false"])
        case Kind.ORDER:
            return _other_terms(path, _EQUALITY, [*ORDERS, "tenants/acme/orders/o1", "o9"])
        case Kind.RETURN:
            return _other_terms(path, _EQUALITY, ["r1", "r2", "tenants/acme/returns/r3", "R1", "r999"])
        case Kind.JSON:
            return _attribute_terms(path)


def filters(fields: Fields, weights: Mapping[str, int] | None = None) -> st.SearchStrategy[str]:
    """Filter texts over the fields of a list, of one term or of many."""
    chosen = [path for path in fields for _ in range((weights or {}).get(path, 1))]
    terms = st.sampled_from(chosen).flatmap(lambda path: _terms(fields[path]))

    def composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            inner.map(lambda term: f"NOT ({term})"),
            inner.map(lambda term: f"-({term})"),
            st.tuples(inner, st.sampled_from([" AND ", " OR ", " "]), inner).map(lambda said: f"({''.join(said)})"),
        )

    return st.recursive(terms, composed, max_leaves=6)
