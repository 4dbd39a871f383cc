"""What a viewer sees, as SQL: the whole tenant, or what is of a customer, of an address, or of either."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from returns_server.application.listing import Viewer
from returns_server.storage.filters import Condition, given


class Sight(StrEnum):
    """The kinds of viewers; each has statements of its own."""

    EVERYTHING = "everything"
    CUSTOMER = "customer"
    GUEST = "guest"
    EITHER = "either"
    NOTHING = "nothing"


def sight_of(viewer: Viewer) -> Sight:
    """The kind that a viewer is of."""
    if viewer.everything:
        return Sight.EVERYTHING
    match bool(viewer.customer_id), bool(viewer.verified_email):
        case True, True:
            return Sight.EITHER
        case True, False:
            return Sight.CUSTOMER
        case False, True:
            return Sight.GUEST
        case _:
            return Sight.NOTHING


def viewer_values(viewer: Viewer) -> dict[str, str]:
    """The parameters that the conditions of `branches` name."""
    return {"viewer_customer": viewer.customer_id, "viewer_email": viewer.verified_email}


def branches(sight: Sight, table: sa.Table) -> list[Condition]:
    """Conditions that exclude one another and together are what the viewer sees.

    Each can be answered from one index in list order; joined by OR, none could.
    """
    customer_id: sa.Column[str] = table.c.customer_id
    guest_email: sa.Column[str] = table.c.guest_email
    is_customers = customer_id == sa.bindparam("viewer_customer", type_=sa.Text())
    customers = sa.and_(given(customer_id), is_customers)
    guests = sa.and_(given(guest_email), guest_email == sa.bindparam("viewer_email", type_=sa.Text()))
    match sight:
        case Sight.EVERYTHING:
            return [sa.true()]
        case Sight.CUSTOMER:
            return [customers]
        case Sight.GUEST:
            return [guests]
        case Sight.EITHER:
            return [customers, sa.and_(guests, sa.not_(is_customers))]
        case Sight.NOTHING:
            return [sa.false()]
