from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_server.domain.errors import FilterInvalid, TenantMismatch
from returns_server.domain.ids import TenantId
from returns_server.domain.returns import State
from returns_server.filtering.fields import ORDERS, RETURNS
from returns_server.filtering.language import parse_events_filter, parse_orders_filter, parse_returns_filter
from returns_server.filtering.tree import (
    EVERYTHING,
    And,
    Comparison,
    Expression,
    Field,
    Literal,
    Not,
    Operator,
    Or,
    Pattern,
    Present,
    Value,
)

ACME = TenantId("acme")
STATE, CUSTOMER_ID, GUEST_EMAIL, ORDERS_ORDER, CREATE_TIME, NUMBER, RECEIVED, ATTRIBUTES, NAME, UNITS = (
    RETURNS[path].field
    for path in (
        "state",
        "requestor.customer_id",
        "requestor.guest_email",
        "orders.order",
        "create_time",
        "number",
        "received",
        "attributes",
        "name",
        "total.gross.units",
    )
)
ORDER_CUSTOMER_ID, ORDER_GUEST_EMAIL, ORDER_PLACE_TIME = (
    ORDERS[path].field for path in ("customer_id", "guest_email", "place_time")
)
NEW_YEAR = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""


def returns(text: str) -> Expression:
    return parse_returns_filter(text, ACME, sees_all=True)


def orders(text: str) -> Expression:
    return parse_orders_filter(text, ACME)


def eq(field: Field, value: Value) -> Comparison:
    return Comparison(field, Operator.EQ, value)


def attribute(*keys: str) -> Field:
    return replace(ATTRIBUTES, keys=keys)


PENDING = eq(STATE, State.PENDING)
APPROVED = eq(STATE, State.APPROVED)
CLOSED = eq(STATE, State.CLOSED)
OF_BEN = eq(CUSTOMER_ID, "ben")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", EVERYTHING),
        (" \t\n", EVERYTHING),
        ("state=PENDING", PENDING),
        ("  state\n=\tPENDING  ", PENDING),
        ("state = STATE_PENDING", PENDING),
        ('state = "PENDING"', PENDING),
        ("state = 'STATE_PENDING'", PENDING),
        ("state:PENDING", PENDING),
        ("state != CLOSED", Comparison(STATE, Operator.NE, State.CLOSED)),
        ("requestor.customer_id = 17850", eq(CUSTOMER_ID, "17850")),
        ("requestor.customer_id = -7", eq(CUSTOMER_ID, "-7")),
        ("requestor.customer_id = AND", eq(CUSTOMER_ID, "AND")),
        ('requestor.customer_id = "O\'Hara (AND) = ok"', eq(CUSTOMER_ID, "O'Hara (AND) = ok")),
        (r'requestor.customer_id = "a\"b\\c\*d"', eq(CUSTOMER_ID, 'a"b\\c*d')),
        (r"requestor.customer_id = a\*", eq(CUSTOMER_ID, "a*")),
        ('requestor.customer_id = ""', eq(CUSTOMER_ID, "")),
        ('requestor.customer_id = "ベン"', eq(CUSTOMER_ID, "ベン")),
        ("requestor.customer_id > m", Comparison(CUSTOMER_ID, Operator.GT, "m")),
        ("requestor.guest_email = Ann@Example.COM", eq(GUEST_EMAIL, "ann@example.com")),
        ('requestor.guest_email = " Ann@Example.COM "', eq(GUEST_EMAIL, "ann@example.com")),
        ("orders.order = 536365", eq(ORDERS_ORDER, "536365")),
        ("orders.order:536365", eq(ORDERS_ORDER, "536365")),
        ("orders.order = tenants/acme/orders/A.b_c~1-2", eq(ORDERS_ORDER, "A.b_c~1-2")),
        ("orders.order != 536365", Comparison(ORDERS_ORDER, Operator.NE, "536365")),
        ("create_time >= 2026-01-01T00:00:00Z", Comparison(CREATE_TIME, Operator.GE, NEW_YEAR)),
        ('create_time<"2026-01-01T00:00:00Z"', Comparison(CREATE_TIME, Operator.LT, NEW_YEAR)),
        ("create_time:2026-01-01T00:00:00Z", eq(CREATE_TIME, NEW_YEAR)),
        ("requestor.customer_id:*", Present(CUSTOMER_ID)),
        ('create_time = "*"', Present(CREATE_TIME)),
        (r"number:\*", eq(NUMBER, "*")),
        ('number = "R-1*"', eq(NUMBER, Pattern("R-1", starts_open=False, ends_open=True))),
        ("number:*7", eq(NUMBER, Pattern("7", starts_open=True, ends_open=False))),
        ('number != "*00*"', Comparison(NUMBER, Operator.NE, Pattern("00", starts_open=True, ends_open=True))),
        (r'number = "\*7\**"', eq(NUMBER, Pattern("*7*", starts_open=False, ends_open=True))),
        ("requestor.guest_email = *@Example.com", eq(GUEST_EMAIL, Pattern("@example.com", True, False))),
        ("received = true", eq(RECEIVED, True)),
        ("received != false", Comparison(RECEIVED, Operator.NE, False)),
        ("total.gross.units >= 100", Comparison(UNITS, Operator.GE, 100)),
        ("total.gross.units > -7", Comparison(UNITS, Operator.GT, -7)),
        ("total.gross.units < 9223372036854775807", Comparison(UNITS, Operator.LT, 2**63 - 1)),
        ("name = tenants/acme/returns/r-1", eq(NAME, "r-1")),
        ("name = r-1", eq(NAME, "r-1")),
        ("attributes.colour = red", eq(attribute("colour"), Literal("red"))),
        ("attributes.a.b.\"c d\".'é'.f = x", eq(attribute("a", "b", "c d", "é", "f"), Literal("x"))),
        (r'attributes."a\*" = x', eq(attribute("a*"), Literal("x"))),
        ("attributes.weight >= 2.50", Comparison(attribute("weight"), Operator.GE, Literal("2.50", 2.5))),
        ("attributes.weight = -1e3", eq(attribute("weight"), Literal("-1e3", -1000.0))),
        ('attributes.weight = "2.50"', eq(attribute("weight"), Literal("2.50"))),
        ("attributes.weight = 1e400", eq(attribute("weight"), Literal("1e400"))),
        ("attributes.gift = true", eq(attribute("gift"), Literal("true", truth=True))),
        ("attributes.gift:*", Present(attribute("gift"))),
        ("attributes:*", Present(ATTRIBUTES)),
        ("attributes.colour = r*", eq(attribute("colour"), Pattern("r", False, True))),
    ],
)
def test_a_term_means_what_it_says(text: str, expected: Expression) -> None:
    assert returns(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state=PENDING AND requestor.customer_id=ben", And((PENDING, OF_BEN))),
        ("state=PENDING requestor.customer_id=ben", And((PENDING, OF_BEN))),
        (
            "state=PENDING OR state=CLOSED AND requestor.customer_id=ben",
            And((Or((PENDING, CLOSED)), OF_BEN)),
        ),
        (
            "requestor.customer_id=ben AND state=PENDING OR state=CLOSED",
            And((OF_BEN, Or((PENDING, CLOSED)))),
        ),
        (
            "state=PENDING OR (state=CLOSED AND requestor.customer_id=ben)",
            Or((PENDING, And((CLOSED, OF_BEN)))),
        ),
        (
            "requestor.customer_id=ben state=PENDING OR state=CLOSED AND state=APPROVED",
            And((And((OF_BEN, Or((PENDING, CLOSED)))), APPROVED)),
        ),
        ("NOT state=PENDING", Not(PENDING)),
        ("-state=PENDING", Not(PENDING)),
        ("- state=PENDING", Not(PENDING)),
        ("NOT(state=PENDING OR state=CLOSED)", Not(Or((PENDING, CLOSED)))),
        ("NOT state=PENDING OR state=CLOSED", Or((Not(PENDING), CLOSED))),
        ("state=PENDING -requestor.customer_id=ben", And((PENDING, Not(OF_BEN)))),
        ("((state=PENDING))", PENDING),
        ("NOT (NOT (state=PENDING))", Not(Not(PENDING))),
    ],
)
def test_or_binds_tighter_than_and_and_not_tighter_than_both(text: str, expected: Expression) -> None:
    assert returns(text) == expected


def test_orders_have_fields_of_their_own() -> None:
    assert orders("customer_id=ben") == eq(ORDER_CUSTOMER_ID, "ben")
    assert orders("guest_email=Ann@Example.com") == eq(ORDER_GUEST_EMAIL, "ann@example.com")
    assert orders("place_time>2026-01-01T00:00:00Z") == Comparison(ORDER_PLACE_TIME, Operator.GT, NEW_YEAR)
    with pytest.raises(FilterInvalid, match="no field 'state'"):
        orders("state=PENDING")
    with pytest.raises(FilterInvalid, match=r"did you mean requestor.customer_id\?"):
        returns("customer_id=ben")


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_short_and_its_full_name(state: State) -> None:
    assert returns(f"state={state.name}") == returns(f"state=STATE_{state.name}") == eq(STATE, state.value)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        # Text that is no comparison.
        ("PENDING", 1, "'PENDING' stands alone"),
        ('"PENDING"', 1, "'PENDING' stands alone"),
        ("state=PENDING broken", 15, "'broken' stands alone"),
        ("state", 1, "'state' stands alone"),
        ("state(PENDING)", 1, "'state' stands alone"),
        ("state=PENDING and state=CLOSED", 15, "written in capitals: AND"),
        # Structure.
        ("state =", 8, "expected a value, found the end"),
        ("state = = PENDING", 9, "expected a value, found '='"),
        ("state = (PENDING)", 9, "expected a value, found '('"),
        ("= PENDING", 1, "expected a term, found '='"),
        ("state ! PENDING", 7, "expected a comparison, found '!'"),
        ("(state=PENDING", 15, "closing parenthesis"),
        ("state=PENDING)", 14, "expected a term, found ')'"),
        ("()", 2, "expected a term, found ')'"),
        ("AND state=PENDING", 1, "expected a term, found AND"),
        ("state=PENDING AND", 18, "expected a term, found the end"),
        ("state=PENDING AND AND state=CLOSED", 19, "expected a term, found AND"),
        ("state=PENDING OR OR state=CLOSED", 18, "expected a term, found OR"),
        ("NOT", 4, "expected a term, found the end"),
        ("NOT NOT state=PENDING", 5, "expected a term, found NOT"),
        ('state="PENDING', 7, "this quote is never closed"),
        ("state='PENDING\"", 7, "this quote is never closed"),
        (r'requestor.customer_id="a\nb"', 25, "unknown escape"),
        ("requestor.customer_id=a\\", 24, "written twice"),
        ("requestor.customer_id=a\0b", 24, "U+0000"),
        # Names.
        ("stat=PENDING", 1, "did you mean state?"),
        ("State=PENDING", 1, "did you mean state?"),
        ("state=PENDING AND creat_time>2026-01-01T00:00:00Z", 19, "did you mean create_time?"),
        ("colour=red", 1, "there are state, "),
        ('"state"=PENDING', 1, "without quotes"),
        ("state.name=PENDING", 1, "no field 'state.name'"),
        # Types.
        ("state=OPEN", 7, "one of PENDING, APPROVED, REJECTED, CLOSED, not 'OPEN'"),
        ("state=pending", 7, "one of PENDING"),
        ("state=1", 7, "one of PENDING"),
        ("state=STATE_STATE_PENDING", 7, "one of PENDING"),
        ("state=STATE_UNSPECIFIED", 7, "one of PENDING"),
        ("state>PENDING", 1, "not by >"),
        ("orders.order<=536365", 1, "not by <="),
        ("orders.order=tenants/acme/returns/536365", 14, "an order's id or name"),
        ("orders.order=orders/536365", 14, "an order's id or name"),
        ("orders.order=" + 65 * "1", 14, "an order's id or name"),
        ('orders.order=""', 14, "an order's id or name"),
        ("create_time>yesterday", 13, "a time with its zone"),
        ("create_time>2026-01-01", 13, "a time with its zone"),
        ("create_time>1767225600", 13, "a time with its zone"),
        ("received=yes", 10, "is true or false, not 'yes'"),
        ("received>true", 1, "not by >"),
        ("total.gross.units=12.5", 19, "a whole number"),
        ("total.gross.units=many", 19, "a whole number"),
        ("total.gross.units=9223372036854775808", 19, "of 64 bits"),
        ("total.gross.units=٣", 19, "a whole number"),
        ("version=" + 400 * "1", 9, "of 64 bits"),
        ("name=tenants/acme/orders/o1", 6, "a return's id or name"),
        # Stars.
        ('number="a*b"', 8, "at the start or the end"),
        ('number="**"', 8, "at the start or the end"),
        ('number="a**"', 8, "at the start or the end"),
        ('state="PEND*"', 7, "state is no text"),
        ("create_time=2026*", 13, "create_time is no text"),
        ('number>"a*"', 1, "a text with a * can be compared by"),
        ("number>*", 1, "a text with a * can be compared by"),
        ("number!=*", 9, "NOT number:*"),
        # Attributes.
        ("attributes=red", 1, "key by key"),
        ("attributes.=red", 1, "a key that is empty"),
        ('attributes."a\\"b"=1', 1, "quotes, backslashes"),
        ('attributes."a\nb"=1', 1, "controls"),
        ('attributes.a."b"c=1', 17, "a quoted part of a name ends"),
        ("attributes.a.b.c.d.e.f.g.h.i=1", 1, "at most 8 levels"),
        ("attribute.a=1", 1, "did you mean attributes?"),
        ('attributes."a=1', 12, "this quote is never closed"),
    ],
)
def test_a_wrong_filter_is_refused_at_the_column_of_the_mistake(text: str, column: int, message: str) -> None:
    with pytest.raises(FilterInvalid) as refusal:
        returns(text)
    assert (refusal.value.column, refusal.value.facts["column"]) == (column, str(column))
    assert message in str(refusal.value)


def test_an_order_of_another_tenant_cannot_be_asked_for() -> None:
    for tenant in ("other", "-", "acme2"):
        with pytest.raises(TenantMismatch):
            returns(f"orders.order=tenants/{tenant}/orders/536365")


def repeated(term: str, count: int) -> str:
    return " AND ".join([term] * count)


def nested(levels: int, term: str = "state=PENDING") -> str:
    return "(" * levels + term + ")" * levels


def test_at_most_100_terms() -> None:
    assert returns(repeated("state=PENDING", 100)) == And((PENDING,) * 100)
    with pytest.raises(FilterInvalid, match="at most 100 terms") as refusal:
        returns(repeated("state=PENDING", 101))
    assert refusal.value.column == 100 * len("state=PENDING AND ") + 1


def test_at_most_20_levels() -> None:
    assert returns(nested(20)) == PENDING
    with pytest.raises(FilterInvalid, match="20 levels") as refusal:
        returns(nested(21))
    assert refusal.value.column == 21
    assert returns(f"{nested(20)} AND {nested(20)}") == And((PENDING, PENDING))


@pytest.mark.parametrize("open_level", ["(", "NOT (", "-("])
def test_any_depth_that_fits_is_refused_and_never_overflows(open_level: str) -> None:
    levels = (4096 - len("state=PENDING")) // (len(open_level) + 1)
    with pytest.raises(FilterInvalid, match="20 levels"):
        returns(open_level * levels + "state=PENDING" + ")" * levels)
    with pytest.raises(FilterInvalid, match="expected a term"):
        returns(open_level * (4096 // len(open_level)))


def test_at_most_4096_bytes_counted_in_utf_8() -> None:
    start = "requestor.customer_id="
    ascii_value, wide_value = "x" * (4096 - len(start)), "é" * ((4096 - len(start)) // 2)
    assert returns(start + ascii_value) == eq(CUSTOMER_ID, ascii_value)
    assert returns(start + wide_value) == eq(CUSTOMER_ID, wide_value)
    with pytest.raises(FilterInvalid, match="4096 bytes") as refusal:
        returns(start + ascii_value + "x")
    assert refusal.value.column == 4097
    with pytest.raises(FilterInvalid, match="4096 bytes") as refusal:
        returns(start + wide_value + "é")
    assert refusal.value.column == len(start + wide_value) + 1


@pytest.mark.parametrize(
    "text", ["x" * 4000, "state=" + "x" * 4000, "orders.order='" + "\x01" * 4000 + "'", "x" * 4000 + "=1"]
)
def test_an_error_stays_short_and_printable_whatever_the_input(text: str) -> None:
    with pytest.raises(FilterInvalid) as refusal:
        returns(text)
    assert len(str(refusal.value)) < 400
    assert str(refusal.value).isprintable()


_FRAGMENTS = [
    *RETURNS,
    "=",
    "!=",
    "<",
    ">=",
    ":",
    "AND",
    "OR",
    "NOT",
    "-",
    "(",
    ")",
    " ",
    '"',
    "'",
    "\\",
    "*",
    "PENDING",
]
_FRAGMENTS += [
    "x",
    "2026-01-01T00:00:00.5Z",
    "tenants/acme/orders/1",
    "state=PENDING",
    "create_time>1970-01-01T00:00:00Z",
    "attributes",
    '."a b"',
    ".'c'",
    ".",
    "attributes.a",
    '"*a*"',
    "a*",
    ":*",
    "true",
    "1e400",
    "99999999999999999999",
    "\U0010ffff",
]


def refused_column(parse: Callable[[str], Expression], text: str) -> int | None:
    try:
        parse(text)
    except FilterInvalid as refusal:
        return refusal.column
    return None


@given(st.text(max_size=60) | st.lists(st.sampled_from(_FRAGMENTS) | st.text(max_size=3), max_size=12).map("".join))
def test_any_text_is_understood_or_refused_within_its_columns(text: str) -> None:
    for parse in (returns, orders):
        column = refused_column(parse, text)
        assert column is None or 1 <= column <= len(text) + 1


@given(st.characters(codec=None, categories=["Cs"]))
def test_half_a_character_is_refused(surrogate: str) -> None:
    with pytest.raises(FilterInvalid, match="cannot hold"):
        returns(f"requestor.customer_id={surrogate}")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=80))
def test_any_value_can_be_written_with_quotes_and_escapes(value: str) -> None:
    escaped = value.translate({ord(character): f"\\{character}" for character in "\"'\\*"})
    assert returns(f'requestor.customer_id="{escaped}"') == eq(CUSTOMER_ID, value)


@pytest.mark.parametrize(
    "path",
    [
        "approver.id",
        "approver.type",
        "submitter.subject",
        "submitter.first_name",
        "submitter.last_name",
        "submitter.email",
    ],
)
def test_customers_cannot_ask_for_what_they_do_not_see(path: str) -> None:
    for parse, name in ((parse_returns_filter, path), (parse_events_filter, f"snapshot.{path}")):
        text = f"state=PENDING OR {name}:*" if parse is parse_returns_filter else f"return_version=1 OR {name}:*"
        parse(text, ACME, sees_all=True)
        with pytest.raises(FilterInvalid, match="only staff") as refusal:
            parse(text, ACME, sees_all=False)
        assert refusal.value.column == text.index(name) + 1
        with pytest.raises(FilterInvalid) as refusal:
            parse(f"{name}x:*", ACME, sees_all=False)
        assert "approver" not in str(refusal.value).partition(";")[2]


def test_customers_can_ask_who_submitted_by_kind() -> None:
    parse_returns_filter("submitter.user_type=CUSTOMER", ACME, sees_all=False)
    parse_events_filter("actor.user_type=CUSTOMER", ACME, sees_all=False)
    with pytest.raises(FilterInvalid, match="only staff"):
        parse_events_filter("actor.subject=x", ACME, sees_all=False)
