"""Integers as protobuf writes them: stored documents become answers, and snapshots events, without being parsed."""

from __future__ import annotations


def varint(number: int) -> bytes:
    """A non-negative integer as protobuf writes it."""
    if number < 0x80:
        return bytes((number,))
    if number < 0x4000:  # nearly every document's length
        return bytes((number & 0x7F | 0x80, number >> 7))
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
