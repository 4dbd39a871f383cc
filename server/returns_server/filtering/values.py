"""What a filter compares with: the words of a filter as values of a field's type."""

from __future__ import annotations

import math
import re

from returns_server.domain.errors import FilterInvalid, TenantMismatch
from returns_server.domain.ids import TenantId
from returns_server.filtering.fields import FilterField
from returns_server.filtering.instants import Instant, instant
from returns_server.filtering.syntax import Word, shown
from returns_server.filtering.tree import Field, Kind, Literal, Pattern, Value

_ID = r"[A-Za-z0-9._~-]{1,64}"
_NAMES = {
    Kind.ORDER: ("an order", re.compile(rf"(?:tenants/(?P<tenant>[^/]+)/orders/)?(?P<id>{_ID})")),
    Kind.RETURN: ("a return", re.compile(rf"(?:tenants/(?P<tenant>[^/]+)/returns/)?(?P<id>{_ID})")),
}
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TRUTHS = {"true": True, "false": False}
_MAX_INT64 = 2**63 - 1


def value(argument: Word, known: FilterField, tenant: TenantId) -> Value:
    """The value that a word says, for a field of any kind but time; raises FilterInvalid, TenantMismatch."""
    match known.field.kind:
        case Kind.TEXT:
            return argument.text.strip().lower() if known.email else argument.text
        case Kind.ENUM:
            return _enum_number(argument, known)
        case Kind.ORDER | Kind.RETURN:
            return _bare_id(argument, known.field, tenant)
        case Kind.NUMBER:
            return _integer(argument, known.field)
        case Kind.BOOL:
            return _truth(argument, known.field)
        case Kind.JSON:
            return _literal(argument)
        case Kind.TIME:
            raise TypeError("a time may lie between two that can be stored: it is no plain value")


def pattern(argument: Word, known: FilterField) -> Pattern:
    """The texts that a word with stars stands for; raises FilterInvalid."""
    field, text, stars = known.field, argument.text, argument.stars
    if field.kind not in (Kind.TEXT, Kind.JSON):
        raise FilterInvalid(f"{field.path} is no text: no * can stand for a part of it", argument.column)
    starts_open, ends_open = 0 in stars, len(text) - 1 in stars
    inner = text[starts_open : len(text) - ends_open]
    if len(stars) > starts_open + ends_open or not inner:
        message = "a * stands for any text at the start or the end of another; a star itself is written \\*"
        raise FilterInvalid(message, argument.column)
    return Pattern(inner.lower() if known.email else inner, starts_open, ends_open)


def moment(argument: Word, field: Field) -> Instant:
    """The time that a word says; raises FilterInvalid."""
    found = instant(argument.text)
    if found is None:
        message = f"{field.path} takes a time with its zone, such as 2026-01-31T09:30:00Z, not {shown(argument.text)}"
        raise FilterInvalid(message, argument.column)
    return found


def _enum_number(argument: Word, known: FilterField) -> int:
    names = {member.name: member.value for member in known.enum or ()}
    number = names.get(argument.text.removeprefix(known.prefix))
    if number is None:
        message = f"{known.field.path} is one of {', '.join(names)}, not {shown(argument.text)}"
        raise FilterInvalid(message, argument.column)
    return number


def _bare_id(argument: Word, field: Field, tenant: TenantId) -> str:
    what, names = _NAMES[field.kind]
    found = names.fullmatch(argument.text)
    if found is None:
        message = f"{field.path} takes {what}'s id or name, not {shown(argument.text)}"
        raise FilterInvalid(message, argument.column)
    if found["tenant"] not in (None, tenant):
        raise TenantMismatch(f"{what} {shown(argument.text)} is of another tenant", "filter")
    return found["id"]


def _integer(argument: Word, field: Field) -> int:
    number = int(argument.text) if _INTEGER.fullmatch(argument.text) else None
    if number is None or not -_MAX_INT64 <= number <= _MAX_INT64:
        message = f"{field.path} takes a whole number of 64 bits, not {shown(argument.text)}"
        raise FilterInvalid(message, argument.column)
    return number


def _truth(argument: Word, field: Field) -> bool:
    truth = _TRUTHS.get(argument.text)
    if truth is None:
        raise FilterInvalid(f"{field.path} is true or false, not {shown(argument.text)}", argument.column)
    return truth


def _literal(argument: Word) -> Literal:
    text = argument.text
    if argument.quoted:
        return Literal(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return Literal(text, number if math.isfinite(number) else None, _TRUTHS.get(text))
