"""How many elements a request may repeat, by the contract's own rules, told before anything looks at each of them.

Validation judges every element before it counts them: a million wrong ones would hold up everybody for a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message


@dataclass(frozen=True, slots=True)
class Bound:
    """A repeated field, by the names that lead to it, and how many elements it may have."""

    names: tuple[str, ...]
    most: int

    @property
    def path(self) -> str:
        """As it is told."""
        return ".".join(self.names)

    def broken_by(self, message: Message) -> bool:
        """Whether a message has more."""
        part: Any = message
        for name in self.names:
            part = getattr(part, name)
        return len(part) > self.most


def bounds_of(request_type: type[Message]) -> tuple[Bound, ...]:
    """The bounds of a message and of those it holds once."""
    descriptor: Any = request_type.DESCRIPTOR
    return tuple(_bounds(descriptor, (), ()))


def _bounds(descriptor: Descriptor, above: tuple[str, ...], inside: tuple[Descriptor, ...]) -> Iterator[Bound]:
    for field in descriptor.fields:
        names = (*above, field.name)
        if field.is_repeated:
            if most := _most(field):
                yield Bound(names, most)
        elif field.message_type is not None and field.message_type not in inside:
            yield from _bounds(field.message_type, names, (*inside, descriptor))


def _most(field: FieldDescriptor) -> int:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return rules.repeated.max_items or rules.map.max_pairs
