"""Finds texts that hold the character NUL, which PostgreSQL takes in none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_MAX_DEPTH = 64
_MAX_PATHS = 100


def texts_with_nul(message: Message) -> list[str]:
    """The paths of such texts, of the first hundred at most."""
    return list(islice(_texts_with_nul(message, "", 0), _MAX_PATHS))


def _texts_with_nul(message: Message, path: str, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    for field, value in message.ListFields():
        here = f"{path}.{field.name}" if path else field.name
        yield from _in_field(field, value, here, depth)


def _in_field(field: FieldDescriptor, value: Any, path: str, depth: int) -> Iterator[str]:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        for key, entry in value.items():
            if isinstance(key, str) and "\0" in key:
                yield f"{path}[{key!r}]"
            yield from _in_value(entry, f'{path}["{key}"]', depth)
    elif field.is_repeated:
        for index, entry in enumerate(value):
            yield from _in_value(entry, f"{path}[{index}]", depth)
    else:
        yield from _in_value(value, path, depth)


def _in_value(value: Any, path: str, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if "\0" in value:
            yield path
    elif isinstance(value, Message):
        yield from _texts_with_nul(value, path, depth + 1)
