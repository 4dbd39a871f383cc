"""Checked filters: what a filter means once its names and types are known to be right.

Logic is two-valued: a comparison with something unset is false, also `!=`, and Not inverts that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The type of a field, and of the values that it is compared with."""

    TEXT = "text"
    """str"""
    ENUM = "enum"
    """int, the contract's number; equality only"""
    TIME = "time"
    """int, microseconds since the Unix epoch, UTC"""
    NUMBER = "number"
    """int"""
    BOOL = "bool"
    """bool; equality only"""
    ORDER = "order"
    """str, the bare id of an order, however it was named; equality only"""


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
    """A field that a filter may name; `repeated` means that any element may match."""

    path: str
    kind: Kind
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with a value of its kind."""

    field: Field
    operator: Operator
    value: str | int | bool


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


Expression = Comparison | And | Or | Not

EVERYTHING = And(())
"""The empty filter: it matches all."""
