"""The fields that a filter may name, list by list; one table for every back end.

A test holds the names, types and presence here to the messages of the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.returns import ApproverType, CloseReason, GoodsState, State, UserType
from returns_server.filtering.tree import Field, Kind


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field with what is needed to read its values.

    `enum` are the names of its values; an `email` is compared trimmed and in lower case; `hidden` is what customers do
    not see.
    """

    field: Field
    enum: type[IntEnum] | None = None
    email: bool = False
    hidden: bool = False

    @property
    def prefix(self) -> str:
        """What precedes the short names of the enum in the full ones: `STATE_` for `state`."""
        return self.field.path.rpartition(".")[2].upper() + "_"


Fields = Mapping[str, FilterField]


def _table(*fields: FilterField) -> dict[str, FilterField]:
    return {known.field.path: known for known in fields}


def _text(path: str, *, repeated: bool = False, email: bool = False, hidden: bool = False) -> FilterField:
    return FilterField(Field(path, Kind.TEXT, repeated), email=email, hidden=hidden)


def _enum(path: str, values: type[IntEnum], *, hidden: bool = False) -> FilterField:
    return FilterField(Field(path, Kind.ENUM), enum=values, hidden=hidden)


def _of(kind: Kind, path: str, *, repeated: bool = False) -> FilterField:
    return FilterField(Field(path, kind, repeated))


RETURNS: Fields = _table(
    _enum("state", State),
    _of(Kind.TIME, "create_time"),
    _of(Kind.TIME, "update_time"),
    _text("requestor.customer_id"),
    _text("requestor.guest_email", email=True),
    _text("requestor.email", email=True),
    _of(Kind.ORDER, "orders.order", repeated=True),
    _text("orders.items.line_id", repeated=True),
    _text("orders.items.product_id", repeated=True),
    _text("orders.items.reason.code", repeated=True),
    _text("orders.items.reason.details", repeated=True),
    _of(Kind.RETURN, "name"),
    _text("number"),
    _enum("goods_state", GoodsState),
    _enum("close_reason", CloseReason),
    _of(Kind.BOOL, "received"),
    _text("reason.code"),
    _text("reason.details"),
    _text("rejection.code"),
    _text("currency_code"),
    _of(Kind.NUMBER, "total.gross.units"),
    _of(Kind.NUMBER, "approved_total.gross.units"),
    _of(Kind.TIME, "approve_time"),
    _of(Kind.TIME, "receive_time"),
    _of(Kind.TIME, "close_time"),
    _of(Kind.TIME, "expire_time"),
    _of(Kind.NUMBER, "version"),
    _enum("submitter.user_type", UserType),
    _text("submitter.subject", hidden=True),
    _text("submitter.first_name", hidden=True),
    _text("submitter.last_name", hidden=True),
    _text("submitter.email", email=True, hidden=True),
    _enum("approver.type", ApproverType, hidden=True),
    _text("approver.id", hidden=True),
    _of(Kind.JSON, "attributes"),
)

ORDERS: Fields = _table(
    _text("customer_id"),
    _text("guest_email", email=True),
    _of(Kind.TIME, "place_time"),
    _of(Kind.TIME, "deliver_time"),
    _of(Kind.TIME, "create_time"),
    _of(Kind.TIME, "update_time"),
    _of(Kind.ORDER, "name"),
    _text("currency_code"),
    _text("lines.line_id", repeated=True),
    _text("lines.product_id", repeated=True),
    _text("lines.product_name", repeated=True),
    _of(Kind.NUMBER, "lines.quantity", repeated=True),
    _of(Kind.BOOL, "lines.final_sale", repeated=True),
)


def _in_snapshot(known: FilterField) -> FilterField:
    return replace(known, field=replace(known.field, path=f"snapshot.{known.field.path}"))


EVENTS: Fields = _table(
    _text("type"),
    _of(Kind.TIME, "time"),
    _of(Kind.RETURN, "return_name"),
    _of(Kind.NUMBER, "return_version"),
    _enum("actor.user_type", UserType),
    _text("actor.subject", hidden=True),
    _text("changed_paths", repeated=True),
    *(_in_snapshot(known) for known in RETURNS.values()),
)

DELIVERIES: Fields = _table(
    _enum("state", DeliveryState),
    _text("event_type"),
    _of(Kind.TIME, "event_time"),
    _of(Kind.RETURN, "return_name"),
    _text("event_id"),
    _of(Kind.NUMBER, "event_sequence"),
    _of(Kind.TIME, "next_attempt_time"),
    _of(Kind.TIME, "create_time"),
    _of(Kind.TIME, "update_time"),
)
