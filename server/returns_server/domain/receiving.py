"""Goods arrive: parcels add up to what was approved."""

from __future__ import annotations

from dataclasses import replace

from returns_server.domain.deciding import ItemQuantity, summed
from returns_server.domain.errors import FieldInvalid, QuantityExceedsApproved
from returns_server.domain.events import Decision, EventType, decided
from returns_server.domain.filing import Facts
from returns_server.domain.returns import MAX_RECEIPT_ITEMS, MAX_RECEIPTS, Action, Receipt, Return
from returns_server.domain.states import check


def record_receipt(ret: Return, receipt_id: str, items: tuple[ItemQuantity, ...], facts: Facts) -> Decision:
    """Record a parcel; no items means everything still expected.

    The same receipt with the same items changes nothing, in any state, so that a warehouse may repeat it.
    Raises InvalidState, LineNotFound, QuantityExceedsApproved, FieldInvalid (the receipt came with other items).
    """
    now = facts.now
    if _repeats(ret, receipt_id, items):
        return Decision(ret)
    check(ret, Action.RECORD_RECEIPT, facts.actor.party)
    _check_room(ret, items)
    arrived = summed(items, ret) if items else {i.key: i.expected_quantity for i in ret.items if i.expected_quantity}
    if not arrived:
        first = ret.items[0]
        raise QuantityExceedsApproved(*first.key, requested=1, available=0)
    for item in ret.items:
        if arrived.get(item.key, 0) > item.expected_quantity:
            raise QuantityExceedsApproved(*item.key, requested=arrived[item.key], available=item.expected_quantity)
    receipt = Receipt(
        receipt_id,
        tuple(ItemQuantity(*key, quantity) for key, quantity in arrived.items()),
        now,
        everything_expected=not items,
    )
    after = replace(
        ret,
        items=tuple(
            replace(item, received_quantity=item.received_quantity + arrived.get(item.key, 0)) for item in ret.items
        ),
        receipts=(*ret.receipts, receipt),
        update_time=now,
        version=ret.version + 1,
    )
    if after.received:
        after = replace(after, receive_time=now)
    return decided(EventType.RECEIVED, ret, after, {})


def _check_room(ret: Return, items: tuple[ItemQuantity, ...]) -> None:
    """Raise FieldInvalid where a return would grow beyond what one message should hold."""
    if len(ret.receipts) >= MAX_RECEIPTS:
        raise FieldInvalid.at("receipt_id", f"a return has at most {MAX_RECEIPTS} receipts")
    if sum(len(receipt.items) for receipt in ret.receipts) + max(len(items), 1) > MAX_RECEIPT_ITEMS:
        raise FieldInvalid.at("items", f"the receipts of a return have at most {MAX_RECEIPT_ITEMS} items in all")


def _repeats(ret: Return, receipt_id: str, items: tuple[ItemQuantity, ...]) -> bool:
    """Whether this parcel is recorded already; raises FieldInvalid if it was with other items."""
    known = next((receipt for receipt in ret.receipts if receipt.receipt_id == receipt_id), None)
    if known is None:
        return False
    if known.everything_expected != (not items) or (
        items and summed(items, ret) != {item.key: item.quantity for item in known.items}
    ):
        raise FieldInvalid.at("receipt_id", f"receipt {receipt_id} was recorded with other items")
    return True
