"""Cursors survive as text, and what is not one is told apart."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns_server.domain.errors import CursorInvalid
from returns_server.domain.ids import TenantId
from returns_server.events.cursor import Cursor, Mint, parse_cursor

ACME = TenantId("acme")
CURSOR = Cursor.after(b"abcd", ACME, 42, bytes(range(16)))


@given(st.binary(min_size=4, max_size=4), st.integers(0, 2**63 - 1), st.binary(min_size=16, max_size=16))
def test_a_cursor_is_read_as_it_was_written(epoch: bytes, sequence: int, event_id: bytes) -> None:
    cursor = Cursor.after(epoch, ACME, sequence, event_id)

    assert parse_cursor(str(cursor), ACME) == cursor
    assert cursor.event == event_id[:8]


@pytest.mark.parametrize("sequence", [2**63, 2**64 - 1])
def test_a_sequence_that_no_database_holds_is_refused(sequence: int) -> None:
    with pytest.raises(CursorInvalid, match="garbled"):
        parse_cursor(str(Cursor(b"abcd", ACME, sequence)), ACME)


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


@pytest.mark.parametrize("tenant", ["acm", "acme", "acme1", "a234567890123456"])
def test_many_texts_are_those_of_the_cursors_one_by_one(tenant: str) -> None:
    """The second line is the way in which cursors were made from the first release on."""
    places = [(0, b""), *((sequence, bytes([sequence % 256] * 16)) for sequence in (1, 127, 2**40, 2**63 - 1))]
    for (sequence, event_id), text in zip(places, Mint(b"abcd", TenantId(tenant)).texts(places), strict=True):
        content = bytes([1, len(tenant)]) + tenant.encode() + b"abcd" + sequence.to_bytes(8, "big")
        content += event_id[:8].ljust(8, b"\0")
        plain = base64.urlsafe_b64encode(content + zlib.crc32(content).to_bytes(4, "big")).rstrip(b"=")
        cursor = Cursor.after(b"abcd", TenantId(tenant), sequence, event_id)
        assert text == plain == str(cursor).encode()
        assert parse_cursor(text.decode(), TenantId(tenant)) == cursor
