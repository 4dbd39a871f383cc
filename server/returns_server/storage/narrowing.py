"""Which lists an index answers: their time does not grow with the tenant. All others are searches."""

from __future__ import annotations

from functools import lru_cache

from returns_server.application.listing import Order, OrderField, Viewer
from returns_server.filtering.tree import EVERYTHING, Expression, Operator
from returns_server.storage.shapes import Form, Term, narrowed_by, parametrised, terms_of

_KEPT = 256  # every page of a list asks the same again

FEW_RETURNS = frozenset(
    {"name", "number", "requestor.customer_id", "requestor.guest_email", "orders.order", "orders.items.product_id"}
)
"""Fields of returns that few have the same value of, each with an index."""
FEW_ORDERS = frozenset({"name", "customer_id", "guest_email", "lines.product_id"})
"""Fields of orders that few have the same value of, each with an index."""


def returns_need_search(where: Expression, order: Order, *, everything: bool, count: bool) -> bool:
    """Whether listing returns may have to look at many that it does not answer; `everything` is in staff's view."""
    by_state = order.field is OrderField.CREATE_TIME
    return _needs_search(everything, where, FEW_RETURNS, order.field.value, by_state=by_state, count=count)


@lru_cache(maxsize=_KEPT)
def orders_need_search(viewer: Viewer, where: Expression, *, count: bool) -> bool:
    """Whether listing orders may have to look at many that it does not answer."""
    return _needs_search(viewer.everything, where, FEW_ORDERS, "place_time", by_state=False, count=count)


def _needs_search(
    everything: bool, where: Expression, few: frozenset[str], sorted_by: str, *, by_state: bool, count: bool
) -> bool:
    if not everything:
        return False  # what is one owner's is little
    if where == EVERYTHING:
        return count
    shape = parametrised(where).shape
    if few & narrowed_by(shape):
        return False
    terms = terms_of(shape)
    if count or terms is None:
        return True
    states = [term for term in terms if term.path == "state"]
    if len(states) > 1:
        return True
    return not all(_follows_list(term, sorted_by, by_state=by_state) for term in terms)


def _follows_list(term: Term, sorted_by: str, *, by_state: bool) -> bool:
    """Whether a term is a range of the list's own order, or its state where an index has both."""
    if term.form is not Form.VALUE:
        return False
    if term.path == "state":
        return by_state and term.operator is Operator.EQ
    return term.path == sorted_by and term.operator is not Operator.NE
