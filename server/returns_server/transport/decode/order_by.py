"""How a list of returns is to be sorted."""

from __future__ import annotations

from functools import lru_cache

from returns_server.application.listing import Order, OrderField
from returns_server.domain.errors import FieldInvalid

_FIELDS = {field.value: field for field in OrderField}
_DIRECTIONS = {"": False, "asc": False, "desc": True}
_MAX_CHARACTERS = 100


@lru_cache(maxsize=64)
def order_by(text: str) -> Order:
    """The order that the text names, ascending unless it says `desc`; newest first where it says nothing (AIP-132).

    Raises FieldInvalid.
    """
    words = text[:_MAX_CHARACTERS].split()
    if not words and not text:
        return Order()
    if len(text) <= _MAX_CHARACTERS and 1 <= len(words) <= 2:
        field, direction = _FIELDS.get(words[0]), _DIRECTIONS.get("".join(words[1:]))
        if field is not None and direction is not None:
            return Order(field, direction)
    raise FieldInvalid.at("order_by", f"must be one of {', '.join(_FIELDS)}, followed by asc or desc, or be empty")
