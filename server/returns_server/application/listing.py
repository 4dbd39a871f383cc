"""How a list is asked for: by whom, restricted how, in which order, from where on."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from returns_server.domain.actors import Actor, is_own
from returns_server.domain.ids import ReturnId
from returns_server.domain.record import record

DEFAULT_PAGE = 50
MAX_PAGE = 1_000
MAX_PAGE_BYTES = 2 * 1024 * 1024


@record
class Viewer:
    """Who looks: staff see the tenant, an owner what is of this customer id or of this verified address."""

    everything: bool
    customer_id: str = ""
    verified_email: str = ""

    @classmethod
    def of(cls, actor: Actor) -> Viewer:
        """The view that an actor has."""
        if actor.is_staff:
            return _EVERYTHING
        return cls(everything=False, customer_id=actor.customer_id, verified_email=actor.verified_email)

    def sees(self, customer_id: str, guest_email: str) -> bool:
        """Whether something of this customer, or of this guest, is in view."""
        return self.everything or is_own(customer_id, guest_email, self.customer_id, self.verified_email)


_EVERYTHING = Viewer(everything=True)


class OrderField(StrEnum):
    """What returns can be sorted by."""

    CREATE_TIME = "create_time"
    UPDATE_TIME = "update_time"
    EXPIRE_TIME = "expire_time"
    TOTAL_GROSS = "total.gross"


class Order(NamedTuple):
    """A field and a direction; the id, in the same direction, breaks ties."""

    field: OrderField = OrderField.CREATE_TIME
    descending: bool = True


class Position(NamedTuple):
    """Where a page ended: the sort key of its last row, unique within the list.

    The first value may be None where a sorted field is unset; unset sorts as the smallest.
    """

    values: tuple[int | str | None, ...]


@record
class EventScope:
    """Events of the whole tenant, or of one return.

    For an owner those that were the owner's when they happened: what was somebody else's before may tell of them.
    """

    return_id: ReturnId | None = None
