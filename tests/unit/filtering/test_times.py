from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_server.domain.errors import FilterInvalid
from returns_server.domain.ids import Micros, TenantId
from returns_server.filtering.instants import Instant, instant
from returns_server.filtering.language import parse_returns_filter
from returns_server.filtering.tree import And, Comparison, Expression, Not, Operator, Or, Present

NEW_YEAR = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""
MEANING: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}


def holds(expression: Expression, micros: int | None) -> bool:
    """Whether the filter, read by the tree's own rules, holds of a return created then; None is unset."""
    match expression:
        case And(terms):
            return all(holds(term, micros) for term in terms)
        case Or(terms):
            return any(holds(term, micros) for term in terms)
        case Not(term):
            return not holds(term, micros)
        case Present():
            return micros is not None
        case Comparison(_, compared, value):
            return micros is not None and MEANING[compared](micros, value)


def created(compared: Operator, time: str) -> Expression:
    return parse_returns_filter(f"create_time {compared.value} {time}", TenantId("acme"), sees_all=True)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-01-01T00:00:00Z", NEW_YEAR),
        ("2026-01-01t00:00:00z", NEW_YEAR),
        ("2026-01-01T01:00:00+01:00", NEW_YEAR),
        ("2025-12-31T18:30:00-05:30", NEW_YEAR),
        ("2026-01-01T00:00:00-00:00", NEW_YEAR),
        ("2026-01-01T00:00:00.5Z", NEW_YEAR + 500_000),
        ("2026-01-01T00:00:00.000001Z", NEW_YEAR + 1),
        ("2026-01-01T00:00:00.000001000000Z", NEW_YEAR + 1),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("0001-01-01T00:00:00+23:59", -62_135_596_800_000_000 - 86_340_000_000),
        ("9999-12-31T23:59:59.999999-23:59", 253_402_300_799_999_999 + 86_340_000_000),
    ],
)
def test_a_time_is_read_to_the_microsecond(text: str, micros: int) -> None:
    assert instant(text) == Instant(Micros(micros), exact=True)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00.0000001Z", "1970-01-01T00:00:00.00000099999999999999999Z"])
def test_between_two_microseconds_there_is_no_exact_one(text: str) -> None:
    assert instant(text) == Instant(Micros(0), exact=False)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00Z",
        "2026-01-01 00:00:00Z",
        "2026-1-1T00:00:00Z",
        "20260101T000000Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+01:00 ",
        "٢٠٢٦-01-01T00:00:00Z",
        "now",
        "",
    ],
)
def test_what_is_no_time_with_a_zone_is_refused(text: str) -> None:
    assert instant(text) is None
    with pytest.raises(FilterInvalid) as refusal:
        parse_returns_filter(f'create_time > "{text}"', TenantId("acme"), sees_all=True)
    assert refusal.value.column == 15


@given(st.sampled_from(Operator), st.integers(1, 9_999), st.sampled_from([0, 1, 500, 999]), st.sampled_from([-1, 0, 1]))
def test_a_comparison_finer_than_a_microsecond_answers_as_exact_numbers_do(
    compared: Operator, whole: int, nanos: int, beside: int
) -> None:
    expression = created(compared, f"1970-01-01T00:00:00.{whole:06d}{nanos:03d}Z")
    created_at, asked = whole + beside, whole + Fraction(nanos, 1000)
    assert holds(expression, created_at) is MEANING[compared](created_at, asked)


@given(st.sampled_from(Operator), st.sampled_from(["", ".0000001"]))
def test_a_comparison_with_what_is_unset_is_false(compared: Operator, fraction: str) -> None:
    assert not holds(created(compared, f"1970-01-01T00:00:00{fraction}Z"), None)
