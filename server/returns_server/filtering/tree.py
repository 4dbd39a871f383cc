"""Checked filters: what a filter means once its names and types are known to be right.

Logic is two-valued: a comparison with something unset is false, also `!=`, and Not inverts that. Fields without
presence are never unset: they have their default.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The type of a field, and of the values that it is compared with."""

    TEXT = "text"
    """str, by code point; also a Pattern, for equality only"""
    ENUM = "enum"
    """int, the contract's number; equality only"""
    TIME = "time"
    """int, microseconds since the Unix epoch, UTC"""
    NUMBER = "number"
    """int of 64 bits"""
    BOOL = "bool"
    """bool; equality only"""
    ORDER = "order"
    """str, the bare id of an order, however it was named; equality only"""
    RETURN = "return"
    """str, the bare id of a return, however it was named; equality only"""
    JSON = "json"
    """a Literal or a Pattern: a field of the merchant's own, whose type is that of what stands there"""


class Operator(Enum):
    """How a field is compared with a value."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a filter may name; `repeated` means that any element may match.

    `keys` lead to a field of the merchant's own, below `path`.
    """

    path: str
    kind: Kind
    repeated: bool = False
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """Texts that begin (`ends_open`), end (`starts_open`) or continue on both sides of `text`, which is not empty."""

    text: str
    starts_open: bool
    ends_open: bool

    def matches(self, text: str) -> bool:
        """Whether a text is one of them."""
        if not self.starts_open:
            return text.startswith(self.text)
        return self.text in text if self.ends_open else text.endswith(self.text)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value of unknown type: always a text, and where it was written without quotes perhaps a number or a truth.

    Each is compared with what has its type. Something of another type is not equal, and neither less nor greater; a
    number or truth orders nothing but its own type.
    """

    text: str
    number: float | None = None
    truth: bool | None = None

    @property
    def orders_texts(self) -> bool:
        """Whether texts are less or greater than this."""
        return self.number is None and self.truth is None


Value = str | int | bool | Pattern | Literal


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with a value of its kind."""

    field: Field
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Present:
    """A field that is set; one without presence: that is not its default; a repeated one: in any element.

    A field of the merchant's own: anything but null, an empty object and an empty list.
    """

    field: Field


@dataclass(frozen=True, slots=True)
class And:
    """All terms hold; with none, always true."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any term holds; with none, never true."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The term does not hold."""

    term: Expression


Expression = Comparison | Present | And | Or | Not

EVERYTHING = And(())
"""The empty filter: it matches all."""
