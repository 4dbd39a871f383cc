"""Secrets at rest: readable with the keys of the settings, in their own place, and no other way."""

from __future__ import annotations

from pathlib import Path

import pytest

from returns_server.sealing import KEY_FILE, Sealer, SealingKeys, development_sealing_keys, new_sealing_key


def keys(text: str) -> SealingKeys:
    parsed = SealingKeys.parse(text)
    assert isinstance(parsed, SealingKeys)
    return parsed


def test_what_was_sealed_opens_in_its_place_alone() -> None:
    sealer = Sealer(keys(new_sealing_key()))
    sealed = sealer.seal(b"whsec_abc", "here")
    assert b"abc" not in sealed
    assert sealer.open(sealed, "here") == b"whsec_abc"
    assert sealer.open(sealed, "there") is None
    assert sealer.seal(b"whsec_abc", "here") != sealed


def test_nothing_damaged_opens() -> None:
    sealer = Sealer(keys(new_sealing_key()))
    sealed = sealer.seal(b"secret", "here")
    for position in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[position] ^= 1
        assert sealer.open(bytes(damaged), "here") is None
    for end in range(len(sealed)):
        assert sealer.open(sealed[:end], "here") is None


def test_keys_can_be_replaced_one_after_the_other() -> None:
    old, new = new_sealing_key(), new_sealing_key()
    sealed = Sealer(keys(old)).seal(b"secret", "here")
    both = Sealer(keys(f"{new},{old}"))
    assert both.open(sealed, "here") == b"secret"
    again = both.seal(b"secret", "here")
    assert Sealer(keys(new)).open(again, "here") == b"secret"
    assert Sealer(keys(new)).open(sealed, "here") is None


def test_a_mark_tells_equal_values_from_others_and_nothing_more() -> None:
    sealer, other = Sealer(keys(new_sealing_key())), Sealer(keys(new_sealing_key()))
    assert sealer.mark(b"value", "here") == sealer.mark(b"value", "here")
    assert len({
        sealer.mark(b"value", "here"), sealer.mark(b"value", "there"), sealer.mark(b"other", "here"),
        other.mark(b"value", "here"),
    }) == 4  # fmt: skip


@pytest.mark.parametrize(
    "wrong", ["", "c2hvcnQ=", "a:c2hvcnQ=", "a:***", ":" + "A" * 43 + "=", "a b:" + "A" * 43 + "="]
)
def test_what_is_no_key_is_refused_without_a_word_of_it(wrong: str) -> None:
    with pytest.raises(ValueError, match="sealing-key") as refused:
        SealingKeys.parse(wrong)
    assert not wrong or wrong not in str(refused.value)


def test_no_repr_shows_a_key() -> None:
    text = new_sealing_key()
    assert text.partition(":")[2] not in repr(keys(text))


def test_the_development_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = development_sealing_keys(tmp_path / "data")
    assert development_sealing_keys(tmp_path / "data") == first
    assert (tmp_path / "data" / KEY_FILE).stat().st_mode & 0o777 == 0o600
