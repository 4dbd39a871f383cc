"""What a caller may say about a return: drafts, and the update masks that pick from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from returns_server.domain.errors import FieldInvalid, RequiresManageScope
from returns_server.domain.ids import LineId, LineKey, Micros, OrderId
from returns_server.domain.record import record, remembering
from returns_server.domain.returns import (
    MAX_ITEMS,
    MAX_ORDERS,
    Approver,
    Json,
    Reason,
    Requestor,
    Submitter,
)

MAX_DETAILS = 4_000
MAX_PATHS = 200


@remembering
class DraftItem:
    """Units of one order line that somebody wants to return."""

    order_id: OrderId
    line_id: LineId
    quantity: int
    reason: Reason | None = None

    @cached_property
    def key(self) -> LineKey:
        """The line's key within the tenant."""
        return LineKey(self.order_id, self.line_id)


@record
class Draft:
    """What a caller wants a return to say; None where the caller says nothing."""

    items: tuple[DraftItem, ...] = ()
    reason: Reason | None = None
    requestor: Requestor | None = None
    submitter: Submitter | None = None
    approver: Approver | None = None
    expire_time: Micros | None = None
    attributes: Json | None = None

    def populated(self) -> tuple[str, ...]:
        """The fields that the caller says something in."""
        said = {
            "orders": self.items or None,
            "reason": self.reason,
            "requestor": self.requestor,
            "submitter": self.submitter,
            "approver": self.approver,
            "expire_time": self.expire_time,
            "attributes": self.attributes,
        }
        return tuple(path for path, value in said.items() if value is not None)


_OWNER_FIELDS = ("orders", "reason", "attributes")
_STAFF_FIELDS = ("requestor", "submitter", "approver", "expire_time")

_NESTED = {
    "reason": frozenset({"code", "details"}),
    "requestor": frozenset({"customer_id", "guest_email", "first_name", "last_name", "email"}),
    "submitter": frozenset({"user_type", "subject", "first_name", "last_name", "email"}),
    "approver": frozenset({"type", "id"}),
}

OUTPUT_ONLY = frozenset(
    [
        "name",
        "number",
        "state",
        "close_reason",
        "rejection",
        "closing",
        "goods_state",
        "goods_not_expected",
        "received",
        "receipts",
        "total",
        "approved_total",
        "currency_code",
        "assisted_actions",
        "allowed_actions",
        "create_time",
        "update_time",
        "approve_time",
        "receive_time",
        "close_time",
        "version",
        "etag",
    ]
)
"""Fields of a return that nobody drafts; in an update mask they are ignored (AIP-203)."""


def check_may_set(paths: Iterable[str], staff: bool) -> None:
    """Raise RequiresManageScope at the first drafted field that only staff may set."""
    for path in paths:
        if not staff and path.partition(".")[0] in _STAFF_FIELDS:
            raise RequiresManageScope("only staff may set this", f"draft.{path}")


def check_requestor(requestor: Requestor) -> None:
    """Raise FieldInvalid unless the requestor is a customer or a guest, and not both."""
    if bool(requestor.customer_id) == bool(requestor.guest_email):
        raise FieldInvalid.at("draft.requestor", "needs customer_id or guest_email, and not both")


def check_approver(approver: Approver | None) -> None:
    """Raise FieldInvalid unless the approver, if there is one, is whole."""
    if approver is not None and not (approver.id and approver.type):
        raise FieldInvalid.at("draft.approver", "needs type and id")


def resolved_mask(mask: tuple[str, ...], draft: Draft, staff: bool) -> tuple[str, ...]:
    """The drafted paths that an update sets.

    No mask means the populated fields, `*` all that the caller may set; output-only paths are ignored.
    Raises FieldInvalid on an unknown path and RequiresManageScope on one for staff alone.
    """
    if len(mask) > MAX_PATHS:
        raise FieldInvalid.at("update_mask", f"has {len(mask)} paths, at most {MAX_PATHS} are allowed")
    if mask == ("*",):
        return _OWNER_FIELDS + _STAFF_FIELDS if staff else _OWNER_FIELDS
    paths = tuple(path for path in mask if path.partition(".")[0] not in OUTPUT_ONLY) if mask else draft.populated()
    for path in paths:
        if not _known(path):
            raise FieldInvalid.at("update_mask", f"{path!r} is no field that can be updated")
    check_may_set(paths, staff)
    return tuple(dict.fromkeys(paths))


_KEY = re.compile(r"`([^`]+)`|([^.`]+)")


def attribute_keys(path: str) -> tuple[str, ...]:
    """The keys of a path below `attributes`; one with a dot in it stands in backticks (AIP-161). Empty if malformed."""
    keys: list[str] = []
    place = 0
    while found := _KEY.match(path, place):
        keys.append(found[1] or found[2])
        place = found.end()
        if place == len(path):
            return tuple(keys)
        if path[place] != ".":
            break
        place += 1
    return ()


def _known(path: str) -> bool:
    head, dot, rest = path.partition(".")
    if head == "attributes":
        return not dot or bool(attribute_keys(rest))
    return rest in _NESTED.get(head, ()) if dot else head in _OWNER_FIELDS + _STAFF_FIELDS


def merged(items: Iterable[DraftItem]) -> tuple[DraftItem, ...]:
    """The items with each line named once and the lines of an order together.

    Quantities are added, the first reason code is kept, details are joined.
    """
    by_key: dict[LineKey, DraftItem] = {}
    for item in items:
        first = by_key.get(item.key)
        by_key[item.key] = item if first is None else _joined(first, item)
    if not by_key:
        raise FieldInvalid.at("draft.orders", "must name at least one item")
    if len(by_key) > MAX_ITEMS:
        raise FieldInvalid.at("draft.orders", f"has {len(by_key)} items, at most {MAX_ITEMS} are allowed")
    orders: dict[OrderId, list[DraftItem]] = {}
    for item in by_key.values():
        orders.setdefault(item.order_id, []).append(item)
    if len(orders) > MAX_ORDERS:
        raise FieldInvalid.at("draft.orders", f"has {len(orders)} orders, at most {MAX_ORDERS} are allowed")
    return tuple(item for group in orders.values() for item in group)


def _joined(first: DraftItem, second: DraftItem) -> DraftItem:
    reasons = [reason for reason in (first.reason, second.reason) if reason is not None]
    if not reasons:
        return replace(first, quantity=first.quantity + second.quantity)
    details = "; ".join(dict.fromkeys(reason.details for reason in reasons if reason.details))
    if len(details) > MAX_DETAILS:
        raise FieldInvalid.at("draft.orders.items.reason.details", f"joined, exceeds {MAX_DETAILS} characters")
    code = next((reason.code for reason in reasons if reason.code), "")
    return replace(first, quantity=first.quantity + second.quantity, reason=Reason(code, details))
