"""What a filter means: its text parsed, every name and type checked (contract, section 7).

`=` and `:` say the same, but that `field:*` asks whether the field is set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache

from returns_server.domain.errors import FilterInvalid
from returns_server.domain.ids import TenantId
from returns_server.filtering import values
from returns_server.filtering.fields import DELIVERIES, EVENTS, ORDERS, RETURNS, Fields, FilterField
from returns_server.filtering.instants import Instant
from returns_server.filtering.syntax import (
    Conjunction,
    Disjunction,
    Name,
    Negation,
    Node,
    Restriction,
    Word,
    parse,
    shown,
)
from returns_server.filtering.tree import And, Comparison, Expression, Field, Kind, Not, Operator, Or, Present

MAX_KEYS = 8
"""As many levels as attributes can have."""

_EQUALITY = frozenset({Operator.EQ, Operator.NE})
_EQUALITY_ONLY = frozenset({Kind.ENUM, Kind.BOOL, Kind.ORDER, Kind.RETURN})
# Databases differ in how a path names a key with these characters.
_UNSEARCHABLE_KEY = re.compile(r'["\\\x00-\x1f]')
_SUGGESTED = 6
_KEPT = 256


def parse_returns_filter(text: str, tenant: TenantId, *, sees_all: bool) -> Expression:
    """What a filter over returns means; customers cannot name what they do not see.

    Raises FilterInvalid, and TenantMismatch on a name of another tenant.
    """
    return _meaning(text, tenant, "returns", sees_all)


def parse_orders_filter(text: str, tenant: TenantId) -> Expression:
    """What a filter over orders means; raises FilterInvalid, and TenantMismatch on a name of another tenant."""
    return _meaning(text, tenant, "orders", sees_all=True)


def parse_events_filter(text: str, tenant: TenantId, *, sees_all: bool) -> Expression:
    """What a filter over events means; customers cannot name what they do not see.

    For customers the filter must hold of the event as they see it. Raises FilterInvalid, and TenantMismatch on a name
    of another tenant.
    """
    return _meaning(text, tenant, "events", sees_all)


def parse_deliveries_filter(text: str, tenant: TenantId) -> Expression:
    """What a filter over webhook deliveries means; raises FilterInvalid, TenantMismatch on a name of another tenant."""
    return _meaning(text, tenant, "deliveries", sees_all=True)


_FIELDS = {"returns": RETURNS, "orders": ORDERS, "events": EVENTS, "deliveries": DELIVERIES}


@lru_cache(maxsize=_KEPT)
def _meaning(text: str, tenant: TenantId, kind: str, sees_all: bool) -> Expression:
    """Pages of a list, and every return under a policy, ask again for the meaning of the same text."""
    return _Checker(_FIELDS[kind], tenant, sees_all).checked(parse(text))


@dataclass(frozen=True, slots=True)
class _Checker:
    """Checks one filter."""

    fields: Fields
    tenant: TenantId
    sees_all: bool

    def checked(self, node: Node) -> Expression:
        """The meaning of a part of the filter."""
        match node:
            case Conjunction(terms):
                return And(tuple(self.checked(term) for term in terms))
            case Disjunction(terms):
                return Or(tuple(self.checked(term) for term in terms))
            case Negation(term):
                return Not(self.checked(term))
            case Restriction(subject, comparator, argument):
                known = self._field(subject)
                operator = Operator.EQ if comparator == ":" else Operator(comparator)
                return self._term(subject, known, operator, argument)

    def _field(self, subject: Name) -> FilterField:
        name = subject.text
        if subject.quoted:
            raise FilterInvalid(f"a field is written without quotes, not as {shown(name)}", subject.column)
        known = self.fields.get(name)
        if known is None:
            known = self._attribute(subject)
        if known is None:
            raise FilterInvalid(f"no field {shown(name)} to filter by; {self._hint(name)}", subject.column)
        if known.hidden and not self.sees_all:
            raise FilterInvalid(f"only staff can filter by {known.field.path}", subject.column)
        return known

    def _attribute(self, subject: Name) -> FilterField | None:
        """The field of the merchant's own that a name leads to; None if it leads to none."""
        for path, known in self.fields.items():
            if known.field.kind is not Kind.JSON:
                continue
            depth = path.count(".") + 1
            if ".".join(subject.parts[:depth]) != path or len(subject.parts) == depth:
                continue
            keys = subject.parts[depth:]
            if len(keys) > MAX_KEYS:
                raise FilterInvalid(f"{path} are nested at most {MAX_KEYS} levels deep", subject.column)
            for key in keys:
                if not key or _UNSEARCHABLE_KEY.search(key):
                    message = (
                        f"cannot filter by a key that is empty or holds quotes, backslashes or controls: {shown(key)}"
                    )
                    raise FilterInvalid(message, subject.column)
            return replace(known, field=replace(known.field, keys=keys))
        return None

    def _hint(self, name: str) -> str:
        seen = [path for path, known in self.fields.items() if self.sees_all or not known.hidden]
        near = get_close_matches(name[:100], seen, n=1)
        if near:
            return f"did you mean {near[0]}?"
        return f"there are {', '.join(seen[:_SUGGESTED])} and {len(seen) - _SUGGESTED} more"

    def _term(self, subject: Name, known: FilterField, operator: Operator, argument: Word) -> Expression:
        field = known.field
        if operator not in _EQUALITY and (field.kind in _EQUALITY_ONLY or argument.stars):
            what = f"{field.path} can" if field.kind in _EQUALITY_ONLY else "a text with a * can"
            raise FilterInvalid(f"{what} be compared by =, != and : only, not by {operator.value}", subject.column)
        if argument.stars and argument.text == "*":
            if operator is Operator.NE:
                raise FilterInvalid(f"what is not set is asked for by NOT {field.path}:*", argument.column)
            return Present(field)
        if field.kind is Kind.JSON and not field.keys:
            message = f"{field.path} are compared key by key: {field.path}.KEY = VALUE; {field.path}:* asks for any"
            raise FilterInvalid(message, subject.column)
        if argument.stars:
            return Comparison(field, operator, values.pattern(argument, known))
        if field.kind is Kind.TIME:
            return _time_comparison(field, operator, values.moment(argument, field))
        return Comparison(field, operator, values.value(argument, known, self.tenant))


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
            return Present(field)
        case Operator.LT | Operator.LE:
            return not_after
        case Operator.GT | Operator.GE:
            return after
