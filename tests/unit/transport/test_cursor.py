"""Cursors survive as text, and what is not one is told apart."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_server.domain.errors import CursorInvalid
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Cursor, parse_cursor

ACME = TenantId("acme")
CURSOR = Cursor.after(b"abcd", ACME, 42, bytes(range(16)))


@given(st.binary(min_size=4, max_size=4), st.integers(0, 2**63 - 1), st.binary(min_size=16, max_size=16))
def test_a_cursor_is_read_as_it_was_written(epoch: bytes, sequence: int, event_id: bytes) -> None:
    cursor = Cursor.after(epoch, ACME, sequence, event_id)

    assert parse_cursor(str(cursor), ACME) == cursor
    assert cursor.event == event_id[:8]


def test_the_beginning_has_no_event() -> None:
    assert Cursor.after(b"abcd", ACME, 0, b"").event == bytes(8)


def test_a_cursor_of_another_tenant_is_refused() -> None:
    with pytest.raises(CursorInvalid, match="another tenant"):
        parse_cursor(str(CURSOR), TenantId("other"))


def test_a_cursor_with_any_bit_changed_is_refused() -> None:
    text = str(CURSOR)
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    for bit in range(8 * len(raw)):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CursorInvalid):
            parse_cursor(base64.urlsafe_b64encode(changed).decode(), ACME)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorInvalid):
        parse_cursor(text, ACME)
