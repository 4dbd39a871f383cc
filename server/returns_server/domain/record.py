"""Records: what is said once and never changed, as most things of the domain are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """A dataclass with slots that the type checker holds to be frozen.

    While a program runs it is not: a frozen one sets its fields through `object.__setattr__`, which takes three to five
    times as long to make, and a call makes a hundred of them (decision 0092).
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def remembering(cls: type[T]) -> type[T]:
    """A record without slots, which may remember what follows from it (`cached_property`)."""
    return dataclass(unsafe_hash=True)(cls)
