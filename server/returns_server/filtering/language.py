"""What a filter means: its text parsed, every name and type checked (contract, section 7).

`=` and `:` say the same of these fields. Wildcards (`"a*"`) and presence (`field:*`) are read and refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from returns_server.domain.errors import FilterInvalid, TenantMismatch
from returns_server.domain.ids import TenantId
from returns_server.filtering.fields import ORDERS, RETURNS, FilterField
from returns_server.filtering.instants import Instant, instant
from returns_server.filtering.syntax import Conjunction, Disjunction, Negation, Node, Restriction, Word, parse, shown
from returns_server.filtering.tree import And, Comparison, Expression, Field, Kind, Not, Operator, Or

_ORDER_NAME = re.compile(r"(?:tenants/(?P<tenant>[^/]+)/orders/)?(?P<order>[A-Za-z0-9._~-]{1,64})")
_EQUALITY = frozenset({Operator.EQ, Operator.NE})
_EQUALITY_ONLY = frozenset({Kind.ENUM, Kind.BOOL, Kind.ORDER})


def parse_returns_filter(text: str, tenant: TenantId) -> Expression:
    """What a filter over returns means; raises FilterInvalid, and TenantMismatch on another tenant's order."""
    return _checked(parse(text), RETURNS, tenant)


def parse_orders_filter(text: str, tenant: TenantId) -> Expression:
    """What a filter over orders means; raises FilterInvalid."""
    return _checked(parse(text), ORDERS, tenant)


def _checked(node: Node, fields: Mapping[str, FilterField], tenant: TenantId) -> Expression:
    match node:
        case Conjunction(terms):
            return And(tuple(_checked(term, fields, tenant) for term in terms))
        case Disjunction(terms):
            return Or(tuple(_checked(term, fields, tenant) for term in terms))
        case Negation(term):
            return Not(_checked(term, fields, tenant))
        case Restriction():
            return _comparison(node, _field(node.subject, fields), tenant)


def _field(subject: Word, fields: Mapping[str, FilterField]) -> FilterField:
    name = subject.text
    if subject.quoted:
        raise FilterInvalid(f"a field is written without quotes, not as {shown(name)}", subject.column)
    known = fields.get(name)
    if known is None:
        near = get_close_matches(name[:100], fields, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(fields)}"
        raise FilterInvalid(f"no field {shown(name)} to filter by; {hint}", subject.column)
    return known


def _comparison(restriction: Restriction, known: FilterField, tenant: TenantId) -> Expression:
    field, argument = known.field, restriction.argument
    operator = Operator.EQ if restriction.comparator == ":" else Operator(restriction.comparator)
    if field.kind in _EQUALITY_ONLY and operator not in _EQUALITY:
        message = f"{field.path} can be compared by =, != and : only, not by {operator.value}"
        raise FilterInvalid(message, restriction.subject.column)
    if argument.starred:
        what = f"{field.path}:* (is set)" if argument.text == "*" else "a * that stands for any text"
        raise FilterInvalid(f"{what} is not supported yet; a star itself is written \\*", argument.column)
    if field.kind is Kind.TIME:
        return _time_comparison(field, operator, _time(argument, field))
    return Comparison(field, operator, _value(argument, known, tenant))


def _value(argument: Word, known: FilterField, tenant: TenantId) -> str | int:
    match known.field.kind:
        case Kind.TEXT:
            return argument.text.strip().lower() if known.email else argument.text
        case Kind.ENUM:
            return _enum_number(argument, known)
        case Kind.ORDER:
            return _order_id(argument, known.field, tenant)
        case Kind.TIME | Kind.NUMBER | Kind.BOOL:
            raise TypeError(f"no field of kind {known.field.kind} is compared with a plain value")


def _enum_number(argument: Word, known: FilterField) -> int:
    names = {member.name: member.value for member in known.enum or ()}
    number = names.get(argument.text.removeprefix(known.prefix))
    if number is None:
        message = f"{known.field.path} is one of {', '.join(names)}, not {shown(argument.text)}"
        raise FilterInvalid(message, argument.column)
    return number


def _order_id(argument: Word, field: Field, tenant: TenantId) -> str:
    found = _ORDER_NAME.fullmatch(argument.text)
    if found is None:
        message = f"{field.path} takes an order's id or name, not {shown(argument.text)}"
        raise FilterInvalid(message, argument.column)
    if found["tenant"] not in (None, tenant):
        raise TenantMismatch(f"the order {shown(argument.text)} is of another tenant", "filter")
    return found["order"]


def _time(argument: Word, field: Field) -> Instant:
    moment = instant(argument.text)
    if moment is None:
        message = f"{field.path} takes a time with its zone, such as 2026-01-31T09:30:00Z, not {shown(argument.text)}"
        raise FilterInvalid(message, argument.column)
    return moment


def _time_comparison(field: Field, operator: Operator, moment: Instant) -> Expression:
    """The comparison in whole microseconds; a moment between two of them equals neither."""
    if moment.exact:
        return Comparison(field, operator, moment.floor)
    not_after = Comparison(field, Operator.LE, moment.floor)
    after = Comparison(field, Operator.GT, moment.floor)
    match operator:
        case Operator.EQ:
            return Or(())
        case Operator.NE:
            # True of every time, and false where there is none: what a constant could not say.
            return Or((not_after, after))
        case Operator.LT | Operator.LE:
            return not_after
        case Operator.GT | Operator.GE:
            return after
