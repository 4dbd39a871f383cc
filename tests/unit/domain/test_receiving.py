"""Parcels add up to what was approved."""

from __future__ import annotations

import pytest

from returns_server.domain.deciding import ItemQuantity
from returns_server.domain.errors import FieldInvalid, InvalidState, LineNotFound, QuantityExceedsApproved
from returns_server.domain.events import Decision, EventType
from returns_server.domain.ids import DAY, Micros
from returns_server.domain.receiving import record_receipt
from returns_server.domain.returns import GoodsState, Return
from tests.unit.domain.shop import START, Shop, item, key, one_order, units


def approved(shop: Shop) -> Return:
    """Three units of line 1 and two of line 2."""
    return shop.approves(shop.files(item("1", 3), item("2", 4)), units("1", 3), units("2", 2))


def arrived(ret: Return) -> list[int]:
    return [one.received_quantity for one in ret.items]


def test_parcels_add_up() -> None:
    shop = one_order()
    ret = approved(shop)
    ret = shop.receives(ret, "p1", units("1", 1))
    assert (arrived(ret), ret.goods_state, ret.received) == ([1, 0], GoodsState.PARTIALLY_RECEIVED, False)
    assert ret.receive_time is None
    shop.now = Micros(START + DAY)
    ret = shop.receives(ret, "p2", units("2", 1), units("1", 2), units("2", 1))
    assert (arrived(ret), ret.goods_state, ret.received) == ([3, 2], GoodsState.RECEIVED, True)
    assert ret.receive_time == shop.now
    assert [(receipt.receipt_id, receipt.time) for receipt in ret.receipts] == [("p1", START), ("p2", START + DAY)]
    assert [one.quantity for one in ret.receipts[1].items] == [2, 2]


def test_no_items_are_all_that_is_still_expected() -> None:
    shop = one_order()
    ret = shop.receives(shop.receives(approved(shop), "p1", units("1", 1)), "p2")
    assert (arrived(ret), ret.received) == ([3, 2], True)
    assert [(one.line_id, one.quantity) for one in ret.receipts[1].items] == [("1", 2), ("2", 2)]


def test_a_receipt_moves_nothing_in_the_ledger() -> None:
    shop = one_order()
    ret = approved(shop)
    decision = record_receipt(ret, "p1", (), shop.facts())
    assert decision.lines == {}
    assert [event.type for event in decision.events] == [EventType.RECEIVED]
    assert shop.lines[key()].claimed_units == 3


def test_more_than_approved_is_refused_and_told() -> None:
    shop = one_order()
    ret = shop.receives(approved(shop), "p1", units("2", 1))
    with pytest.raises(QuantityExceedsApproved) as refusal:
        shop.receives(ret, "p2", units("1", 1), units("2", 1), units("2", 1))
    assert refusal.value.facts == {"order": "A", "line_id": "2", "requested": "2", "available": "1"}


def test_when_all_has_arrived_there_is_nothing_left_to_record() -> None:
    shop = one_order()
    ret = shop.receives(approved(shop), "p1")
    for items in ((), (units("1"),)):
        with pytest.raises(QuantityExceedsApproved) as refusal:
            shop.receives(ret, "p2", *items)
        assert refusal.value.available == 0


def test_a_line_that_is_not_in_the_return_cannot_arrive() -> None:
    shop = one_order()
    ret = shop.approves(shop.files(item("1")))
    with pytest.raises(LineNotFound):
        shop.receives(ret, "p1", units("2"))


@pytest.mark.parametrize("first", [(), (units("1", 2), units("2", 1))], ids=["everything", "items"])
def test_the_same_receipt_again_changes_nothing_in_any_state(first: tuple[ItemQuantity, ...]) -> None:
    shop = one_order()
    ret = shop.receives(approved(shop), "p1", *first)
    again = tuple(reversed(first))
    assert record_receipt(ret, "p1", again, shop.facts()) == Decision(ret)
    closed = shop.closes(ret)
    assert record_receipt(closed, "p1", again, shop.facts()) == Decision(closed)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((), (units("1", 3), units("2", 2))),
        ((units("1", 1),), ()),
        ((units("1", 1),), (units("1", 2),)),
        ((units("1", 1),), (units("2", 1),)),
        ((units("1", 1),), (units("1", 1), units("2", 1))),
    ],
)
def test_the_same_receipt_with_other_items_is_refused(
    first: tuple[ItemQuantity, ...], then: tuple[ItemQuantity, ...]
) -> None:
    shop = one_order()
    ret = shop.receives(approved(shop), "p1", *first)
    with pytest.raises(FieldInvalid) as refusal:
        shop.receives(ret, "p1", *then)
    assert refusal.value.facts == {"field": "receipt_id"}


def test_a_parcel_for_a_closed_return_waits_until_it_is_reopened() -> None:
    shop = one_order()
    closed = shop.closes(shop.receives(approved(shop), "p1", units("1", 1)))
    with pytest.raises(InvalidState) as refusal:
        shop.receives(closed, "p2")
    assert refusal.value.facts == {"state": "CLOSED", "allowed_actions": "UPDATE,REOPEN"}
    assert shop.receives(shop.reopens(closed), "p2").received


def test_goods_that_were_not_expected_may_arrive_all_the_same() -> None:
    shop = one_order()
    ret = shop.approves(shop.files(item("1", 2)), goods_not_expected=True)
    ret = shop.receives(ret, "p1", units("1", 1))
    assert ret.goods_state is GoodsState.PARTIALLY_RECEIVED
    assert shop.receives(ret, "p2").goods_state is GoodsState.RECEIVED
