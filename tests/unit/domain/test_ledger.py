"""The books balance whatever happens: no line is ever claimed beyond what was bought and paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from returns_server.domain.actors import TIMER
from returns_server.domain.closing import delete, expire
from returns_server.domain.drafts import Draft
from returns_server.domain.errors import OrderQuantityClaimed, QuantityExceedsReturnable
from returns_server.domain.ids import LineKey
from returns_server.domain.ledger import Ledger
from returns_server.domain.money import Amount, Price
from returns_server.domain.orders import OrderLine
from returns_server.domain.returns import Action, CloseReason, Return
from returns_server.domain.states import Party, allowed_to
from returns_server.domain.updating import update
from tests.unit.domain.shop import STAFF, Shop, item, key, line, one_order, paid, units

CURRENCIES = {"JPY": 2_000, "EUR": 30_000, "KWD": 250_000}
"""Currencies of 0, 2 and 3 digits, and what a line may cost in their minor units."""


def parts(amount: Amount) -> tuple[int, ...]:
    return (amount.gross,) if amount.net is None or amount.tax is None else (amount.gross, amount.net, amount.tax)


def check_line(sold: OrderLine, of_items: list[tuple[int, Amount]]) -> None:
    """The promises of the ledger about one line, given what the items of all returns claim of it."""
    bought, claimed = sold.paid.amount, sold.claimed
    assert sold.claimed_units == sum(claim for claim, _ in of_items)
    assert 0 <= sold.claimed_units <= sold.quantity
    if not sold.claimed_units:
        assert set(parts(claimed)) == {0}
        return
    assert claimed.has_tax is bought.has_tax
    assert all(0 <= value <= limit for value, limit in zip(parts(claimed), parts(bought), strict=True))
    assert parts(claimed) == tuple(map(sum, zip(*(parts(worth) for _, worth in of_items), strict=True)))
    if sold.claimed_units == sold.quantity:
        assert claimed == bought


@st.composite
def prices(draw: st.DrawFn, limit: int) -> Price:
    gross = draw(st.integers(0, limit))
    return paid(gross, draw(st.none() | st.integers(0, gross)))


class Books(RuleBasedStateMachine):
    """Returns are filed, changed, decided, received, closed, reopened and deleted, and orders change under them."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()
        self.limit = 0

    @initialize(data=st.data(), currency=st.sampled_from(sorted(CURRENCIES)))
    def sell(self, data: st.DataObject, currency: str) -> None:
        self.currency, self.limit = currency, CURRENCIES[currency]
        for order_id in ("A", "B"):
            sold = [
                line(order_id, str(number), data.draw(st.integers(1, 7)), data.draw(prices(self.limit)))
                for number in range(1, 4)
            ]
            self.shop.sells(*sold, currency=currency)

    def drawn_items(self, data: st.DataObject) -> dict[LineKey, int]:
        keys = st.sampled_from(sorted(self.shop.lines))
        return data.draw(st.dictionaries(keys, st.integers(1, 4), min_size=1, max_size=4))

    def able(self, action: Action) -> list[Return]:
        return [ret for ret in self.shop.returns.values() if action in allowed_to(ret, Party.STAFF)]

    def drawn_return(self, data: st.DataObject, action: Action) -> Return:
        return data.draw(st.sampled_from(self.able(action)))

    def try_claiming(self, verb: Callable[[], Return]) -> None:
        """Run a verb that may find too few units; then it must leave the books alone."""
        before, refused = dict(self.shop.lines), None
        try:
            verb()
        except QuantityExceedsReturnable as refusal:
            refused = refusal
        if refused:
            assert refused.requested > refused.available
            assert self.shop.lines == before

    @rule(data=st.data())
    def file(self, data: st.DataObject) -> None:
        wanted = [item(k.line_id, quantity, k.order_id) for k, quantity in self.drawn_items(data).items()]
        self.try_claiming(lambda: self.shop.files(*wanted))

    @precondition(lambda self: self.able(Action.APPROVE))
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        ret = self.drawn_return(data, Action.APPROVE)
        wanted = tuple(item(k.line_id, quantity, k.order_id) for k, quantity in self.drawn_items(data).items())
        self.try_claiming(
            lambda: self.shop.enter(update(ret, Draft(items=wanted), ("orders",), self.shop.facts(STAFF)))
        )

    @precondition(lambda self: self.able(Action.APPROVE))
    @rule(data=st.data(), goods_not_expected=st.booleans())
    def approve(self, data: st.DataObject, goods_not_expected: bool) -> None:
        ret = self.drawn_return(data, Action.APPROVE)
        amounts = [data.draw(st.integers(0, asked.quantity)) for asked in ret.items]
        named = [
            units(asked.line_id, amount, asked.order_id)
            for asked, amount in zip(ret.items, amounts, strict=True)
            if amount
        ]
        approved = self.shop.approves(ret, *named, goods_not_expected=goods_not_expected)
        assert approved.approved_total is not None
        assert approved.approved_total.amount.gross == sum(kept.claimed.gross for kept in approved.items)

    @precondition(lambda self: self.able(Action.REJECT))
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        rejected = self.shop.rejects(self.drawn_return(data, Action.REJECT))
        assert not any(kept.claimed_units for kept in rejected.items)

    @precondition(lambda self: self.able(Action.RECORD_RECEIPT))
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        ret = self.drawn_return(data, Action.RECORD_RECEIPT)
        expected = [one for one in ret.items if one.expected_quantity]
        one = data.draw(st.sampled_from(expected))
        amount = data.draw(st.integers(1, one.expected_quantity))
        self.shop.receives(ret, f"parcel-{len(ret.receipts)}", units(one.line_id, amount, one.order_id))

    @precondition(lambda self: self.able(Action.CLOSE))
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        ret = self.drawn_return(data, Action.CLOSE)
        closed = self.shop.closes(ret)
        for kept in closed.items:
            assert kept.claimed_units == (kept.approved_quantity if ret.goods_not_expected else kept.received_quantity)

    @precondition(lambda self: any(ret.expires for ret in self.shop.returns.values()))
    @rule(data=st.data())
    def let_expire(self, data: st.DataObject) -> None:
        ret = data.draw(st.sampled_from([ret for ret in self.shop.returns.values() if ret.expires]))
        assert ret.expires
        self.shop.now = max(self.shop.now, ret.expires)
        assert self.shop.enter(expire(ret, self.shop.facts(TIMER))).close_reason is CloseReason.EXPIRED

    @precondition(lambda self: self.able(Action.REOPEN))
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        ret = self.drawn_return(data, Action.REOPEN)
        self.try_claiming(lambda: self.shop.reopens(ret))

    @precondition(lambda self: self.able(Action.DELETE))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.shop.enter(delete(self.drawn_return(data, Action.DELETE), self.shop.facts()))

    @precondition(lambda self: self.limit)
    @rule(data=st.data(), order_id=st.sampled_from(["A", "B"]))
    def say_order_again(self, data: st.DataObject, order_id: str) -> None:
        said = [
            line(order_id, k.line_id, data.draw(st.integers(1, 7)), data.draw(prices(self.limit)))
            for k in sorted(self.shop.lines)
            if k.order_id == order_id
        ]
        before, refused = dict(self.shop.lines), False
        try:
            self.shop.says(order_id, *said, currency=self.currency)
        except OrderQuantityClaimed:
            refused = True
        assert not refused or self.shop.lines == before

    @invariant()
    def the_books_balance(self) -> None:
        claims: dict[LineKey, list[tuple[int, Amount]]] = defaultdict(list)
        for ret in self.shop.returns.values():
            for claimed in ret.items:
                assert claimed.received_quantity <= claimed.approved_quantity <= claimed.quantity
                assert claimed.received_quantity <= claimed.claimed_units <= claimed.quantity
                if claimed.claimed_units:
                    claims[claimed.key].append((claimed.claimed_units, claimed.claimed))
        for line_key, sold in self.shop.lines.items():
            check_line(sold, claims[line_key])


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=60, stateful_step_count=40)


@given(data=st.data(), currency=st.sampled_from(sorted(CURRENCIES)), quantity=st.integers(1, 50))
def test_a_line_returned_in_whatever_pieces_is_worth_what_was_paid(
    data: st.DataObject, currency: str, quantity: int
) -> None:
    price = data.draw(prices(CURRENCIES[currency]))
    shop = Shop().sells(line("A", "1", quantity, price), currency=currency)
    while left := shop.lines[key()].unclaimed_units:
        ret = shop.files(item(quantity=data.draw(st.integers(1, left))))
        approved = shop.approves(ret, units(quantity=data.draw(st.integers(1, ret.items[0].quantity))))
        shop.receives(approved, "parcel")
    worth = [ret.items[0].claimed for ret in shop.returns.values()]
    assert tuple(map(sum, zip(*map(parts, worth), strict=True))) == parts(price.amount)
    assert [ret.approved_total for ret in shop.returns.values()] == [price.of(one) for one in worth]


def test_a_claim_takes_its_share_of_what_is_left_halves_upward() -> None:
    ledger = Ledger(one_order(quantity=3, gross=1000).lines)
    assert [ledger.claim(key(), 1).gross for _ in range(3)] == [333, 334, 333]
    ledger = Ledger(one_order(quantity=2, gross=1).lines)
    assert [ledger.claim(key(), 1).gross for _ in range(2)] == [1, 0]


def test_a_release_gives_back_its_share_of_the_item() -> None:
    shop = one_order(quantity=3, gross=1000)
    approved = shop.approves(shop.files(item(quantity=3)), units(quantity=1))
    assert approved.items[0].claimed == Amount(333)
    assert approved.total.amount.gross == 1000
    assert shop.lines[key()].claimed == Amount(333)


def test_net_and_tax_are_shared_each_for_itself() -> None:
    shop = Shop().sells(line("A", "1", 2, paid(1001, tax=161)))
    first, second = shop.files(item()), shop.files(item())
    assert first.items[0].claimed == Amount(501, 420, 81)
    assert second.items[0].claimed == Amount(500, 420, 80)
    assert first.total == paid(501, tax=81)


def test_a_line_of_80995_units_adds_up() -> None:
    shop = one_order(quantity=80_995, gross=8_423_480)
    worth = [shop.files(item(quantity=quantity)).total.amount.gross for quantity in (1, 79_993, 1_000, 1)]
    assert sum(worth) == 8_423_480


def test_one_unit_more_than_is_left_is_refused_and_told() -> None:
    shop = one_order(quantity=3)
    shop.files(item(quantity=2))
    with pytest.raises(QuantityExceedsReturnable) as refusal:
        shop.files(item(quantity=2))
    assert refusal.value.facts == {"order": "A", "line_id": "1", "requested": "2", "available": "1"}


def test_a_return_over_many_orders_is_claimed_whole_or_not_at_all() -> None:
    shop = Shop()
    for number in range(14):
        shop.sells(line(f"O{number}", "1", 1, paid(100)))
    wanted = [item(order_id=f"O{number}") for number in range(14)]
    before = dict(shop.lines)
    with pytest.raises(QuantityExceedsReturnable):
        shop.files(*wanted[:-1], item(order_id="O13", quantity=2))
    assert shop.lines == before
    assert shop.files(*wanted).total == paid(1400)
