"""The fields that a filter may name, list by list; one table for every back end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from returns_server.domain.returns import State
from returns_server.filtering.tree import Field, Kind

CUSTOMER_ID = Field("requestor.customer_id", Kind.TEXT)
GUEST_EMAIL = Field("requestor.guest_email", Kind.TEXT)
STATE = Field("state", Kind.ENUM)
ORDERS_ORDER = Field("orders.order", Kind.ORDER, repeated=True)
CREATE_TIME = Field("create_time", Kind.TIME)

ORDER_CUSTOMER_ID = Field("customer_id", Kind.TEXT)
ORDER_GUEST_EMAIL = Field("guest_email", Kind.TEXT)
ORDER_PLACE_TIME = Field("place_time", Kind.TIME)


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field with what is needed to read its values: the names of an enum, whether text is an e-mail address."""

    field: Field
    enum: type[IntEnum] | None = None
    email: bool = False

    @property
    def prefix(self) -> str:
        """What precedes the short names of the enum in the full ones: `STATE_` for `state`."""
        return self.field.path.rpartition(".")[2].upper() + "_"


def _table(*fields: FilterField) -> Mapping[str, FilterField]:
    return {known.field.path: known for known in fields}


RETURNS = _table(
    FilterField(STATE, enum=State),
    FilterField(CUSTOMER_ID),
    FilterField(GUEST_EMAIL, email=True),
    FilterField(ORDERS_ORDER),
    FilterField(CREATE_TIME),
)
ORDERS = _table(
    FilterField(ORDER_CUSTOMER_ID),
    FilterField(ORDER_GUEST_EMAIL, email=True),
    FilterField(ORDER_PLACE_TIME),
)
