"""Page tokens open for the question they were made for, and for no other."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_server.application.caller import Caller, Scope
from returns_server.application.listing import Position, Viewer
from returns_server.application.paging import PageTokens, Place, Question, page_limit
from returns_server.domain.errors import FieldInvalid, PageTokenInvalid
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.returns import UserType

CALLER = Caller(
    tenant=TenantId("acme"),
    issuer="https://id.acme",
    subject="anna",
    scopes=frozenset({Scope.READ}),
    customer_id="c-1",
    email="",
    verified_email="",
    first_name="",
    last_name="",
    user_type=UserType.EMPLOYEE,
    expire_time=Micros(0),
)
ASKED: dict[str, Any] = {
    "method": "ListReturns",
    "parent": "tenants/acme",
    "caller": CALLER,
    "viewer": Viewer(everything=True),
    "chosen": "state=PENDING",
    "order_by": "create_time",
}
PLACE = Place(Position((1_764_000_000_000_000, "r-1")), "a-cursor")
TOKENS = PageTokens(b"k" * 32)


def asked(**otherwise: Any) -> Question:
    return Question(**ASKED | otherwise)


QUESTION = asked()

OTHERS = {
    "method": asked(method="ListOrders"),
    "parent": asked(parent="tenants/other"),
    "filter": asked(chosen="state=APPROVED"),
    "filter and order run together": asked(chosen="state=PENDINGcreate_time", order_by=""),
    "order": asked(order_by="create_time desc"),
    "tenant": asked(caller=replace(CALLER, tenant=TenantId("other"))),
    "issuer": asked(caller=replace(CALLER, issuer="https://id.other")),
    "subject": asked(caller=replace(CALLER, subject="bert")),
    "as an owner": asked(viewer=Viewer(everything=False, customer_id="c-1")),
}


@given(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=80), max_size=4),
    st.text("abcXYZ09_-", max_size=90),
)
def test_a_token_opens_to_the_place_it_was_made_for(values: list, cursor: str) -> None:
    place = Place(Position(tuple(values)), cursor)

    assert TOKENS.open(QUESTION, TOKENS.seal(QUESTION, place)) == place


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_token_opens_for_no_other_question(other: Question) -> None:
    with pytest.raises(PageTokenInvalid):
        TOKENS.open(other, TOKENS.seal(QUESTION, PLACE))


def test_an_owners_token_opens_for_no_other_verified_address() -> None:
    mine, yours = Viewer(everything=False, verified_email="a@x"), Viewer(everything=False, verified_email="b@x")

    with pytest.raises(PageTokenInvalid):
        TOKENS.open(asked(viewer=yours), TOKENS.seal(asked(viewer=mine), PLACE))


def test_a_token_of_another_key_is_refused() -> None:
    with pytest.raises(PageTokenInvalid):
        TOKENS.open(QUESTION, PageTokens(b"x" * 32).seal(QUESTION, PLACE))


def test_a_token_with_any_byte_changed_is_refused() -> None:
    sealed = base64.urlsafe_b64decode(padded(TOKENS.seal(QUESTION, PLACE)))

    for index in range(len(sealed)):
        changed = sealed[:index] + bytes((sealed[index] ^ 1,)) + sealed[index + 1 :]
        with pytest.raises(PageTokenInvalid):
            TOKENS.open(QUESTION, base64.urlsafe_b64encode(changed).decode())


@given(st.text(min_size=1))
def test_any_text_that_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(PageTokenInvalid):
        TOKENS.open(QUESTION, text)


def test_no_token_is_the_first_page() -> None:
    assert TOKENS.open(QUESTION, "") is None


@pytest.mark.parametrize(("asked", "given_"), [(0, 50), (1, 1), (1_000, 1_000), (1_001, 1_000), (2**31 - 1, 1_000)])
def test_page_sizes(asked: int, given_: int) -> None:
    assert page_limit(asked) == given_


def test_a_negative_page_size_is_refused() -> None:
    with pytest.raises(FieldInvalid, match="page_size"):
        page_limit(-1)


def padded(token: str) -> str:
    return token + "=" * (-len(token) % 4)
